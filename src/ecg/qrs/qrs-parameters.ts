import { type QrsNoiseParameters, qrsNoiseDefaults } from './qrs-noise-parameters.js'

/**
 * Parameters of the QRS detector, in physical units. Tuned on half of the MIT-BIH records; the other half and the other
 * databases are reported apart (docs/algorithms/ecg-qrs.md).
 */
export interface QrsParameters extends QrsNoiseParameters {
  /** Detection band: Butterworth of second order on either side. */
  readonly bandLowHz: number
  readonly bandHighHz: number
  /** Upper edge of the wide band (from bandLowHz on), in which complexes are told from noise by their whole shape. */
  readonly wideHighHz: number
  /** Lag of the difference that gives the slope. */
  readonly slopeSeconds: number
  /** Window of the moving average that gives the feature. */
  readonly windowSeconds: number
  /** Of two peaks closer than this only the larger can be a QRS complex. */
  readonly blankingSeconds: number
  /** A peak is over when the feature falls below half of it, or after this time. */
  readonly peakSeconds: number
  /** Threshold = noise + fraction * (qrs - noise), the levels being averages of the last 8 peaks of each kind. */
  readonly thresholdFraction: number
  /** The fraction grows by gain * (middle - likeness) for a peak unlike the beats seen, and shrinks for one like them, */
  readonly likenessGain: number
  readonly likenessMiddle: number
  /** within these bounds. */
  readonly thresholdLowered: number
  readonly thresholdRaised: number
  /** Length of the templates of the slope to which a peak is likened. */
  readonly templateSeconds: number
  /** Share of the threshold that is enough in a search back, and how much likeness counts there. */
  readonly searchBackFraction: number
  readonly searchBackLikeness: number
  /** A search back starts when this many median RR intervals have passed without a beat. */
  readonly searchBackIntervals: number
  /** Within this time of a beat a peak must be steep, or it is a T wave: */
  readonly tWaveSeconds: number
  /** share of the beats' slope needed right after the blanking, and at the end of that time, */
  readonly steepNear: number
  readonly steepFar: number
  /** the more the less the peak is like the beats. */
  readonly steepLikeness: number
  /** Smaller side of the slope over the larger; below it the peak is a step of the baseline. */
  readonly stepSlopeRatio: number
  /** Learning time after a start. */
  readonly learningSeconds: number
  /** Without a beat for this long the levels are learned anew from what is there. */
  readonly relearnSeconds: number
  /** With levels learned from a single peak: without another beat for this long they are doubted. */
  readonly doubtSeconds: number
  /** A peak older than this is no longer searched for. */
  readonly memorySeconds: number
  /** Levels and templates survive a gap up to this long. */
  readonly keepLevelsSeconds: number
  /** A triangle of 80 ms and this height is the smallest thing that counts (when the stream's unit is a voltage). */
  readonly smallestMillivolts: number
  /** A beat is told at once this long after the feature's peak, when it passes for one by then. */
  readonly fastSeconds: number
}

export const qrsDefaults: QrsParameters = {
  bandLowHz: 8,
  bandHighHz: 15,
  wideHighHz: 35,
  slopeSeconds: 0.01,
  windowSeconds: 0.095,
  blankingSeconds: 0.24,
  peakSeconds: 0.095,
  thresholdFraction: 0.31,
  likenessGain: 1,
  likenessMiddle: 0.94,
  thresholdLowered: 0.08,
  thresholdRaised: 0.33,
  templateSeconds: 0.205,
  searchBackFraction: 0.63,
  searchBackLikeness: 0.8,
  searchBackIntervals: 1.35,
  tWaveSeconds: 0.345,
  steepNear: 0.87,
  steepFar: 0.43,
  steepLikeness: 1.26,
  stepSlopeRatio: 0.16,
  learningSeconds: 2,
  relearnSeconds: 5,
  doubtSeconds: 2.2,
  memorySeconds: 3.5,
  keepLevelsSeconds: 30,
  smallestMillivolts: 0.12,
  fastSeconds: 0.025,
  ...qrsNoiseDefaults,
}
