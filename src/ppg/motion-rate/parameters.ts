/**
 * Constants of the rate under motion. Round numbers from the physics of the matter and the literature, none fitted to a recording;
 * docs/algorithms/ppg-motion-rate.md shows how flat the error is around each.
 */
export const motionRateParameters = {
  /** Band of pulse and motion, Hz. */
  lowHz: 0.5,
  highHz: 5,
  /** Stretch that a rate is read from, and share of it that must be there. */
  spectrumSeconds: 8,
  leastShare: 0.75,
  /** Stretch that the path from acceleration to light is learned from, and length of that path in samples: 0.64 s, skin and blood have inertia. */
  learningSeconds: 20,
  pathSamples: 16,
  /** Of the mean power of the acceleration, added to each tap's. */
  ridge: 0.01,
  /** What an accelerometer measures while nothing moves, as a share of gravity: its own noise, and the beat of the heart. */
  stillShare: 0.01,
  /** Rates looked at, /min, one a minute. */
  lowestRate: 36,
  highestRate: 216,
  /** Change of rate in a second, /min (standard deviation), and share that may have gone anywhere. */
  changePerSecond: 3,
  leapShare: 1e-8,
  /** Of the spectrum's peak, what noise may have anywhere. */
  noiseFloor: 0.03,
  /** Of the peak before motion was taken out, what counts as if it were left: where nearly all went with the motion, noise is no pulse. */
  cancellationFloor: 0.05,
  /** A line of the wave this strong, of its strongest, that goes with the motion makes a rate there ambiguous. */
  strongLine: 0.3,
  /** Share of the second harmonic that speaks for such a rate while it is believed. */
  harmonicSupport: 0.5,
  /** Below, the signal is said to tell nothing at present. */
  leastClearness: 0.1,
  /** Power with which a clear spectrum counts; less without acceleration, since motion then looks like pulse. */
  sharpness: 3,
  sharpnessUncorrected: 0.5,
  /** A spectrum counts from nothing to wholly as the share of its power within so many /min of its peak goes from one to the other. */
  peakReach: 10,
  noiseConcentration: 0.2,
  clearConcentration: 0.6,
  /** The value is the mean within so many of the likeliest rate, /min. */
  meanWithin: 6,
  /** Power that the posterior is taken to before its interval is read; without acceleration it is read as it is. */
  calibration: 3.5,
  calibrationUncorrected: 1,
  /** The quality is the probability within so many of the value, /min. */
  qualityWithin: 5,
  /** An interval wider than this says nothing, /min. */
  widestInterval: 60,
  /** Seconds without signal over which a rate is carried on. */
  holdSeconds: 15,
} as const
