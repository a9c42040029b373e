import { lightBand } from './pulse-light.js'
import { restParameters } from './rest-power.js'

/** What decides the ratio of ratios under movement, with what decides light and rest. */
export const ratioParameters = {
  ...lightBand,
  /** Length of the windows that powers are taken over; one ends each second. */
  windowSeconds: 4,
  /** Heart rates looked at, Hz (36 to 204 /min), and how many harmonics below `harmonicsBelowHz`. */
  fromHz: 0.6,
  toHz: 3.4,
  stepHz: 0.05,
  harmonics: 3,
  harmonicsBelowHz: 8,
  /** Degrees of freedom of a window: twice its length times the band that passes. */
  windowFreedom: 50,
  walkHz: 0.03,
  leak: 1e-4,
  /** Share of a window's log likelihood that is taken up: windows overlap by three quarters, and harmonics wander. */
  likelihoodShare: 0.1,
  /** Of two rhythms the one with the lower R is the arteries': log likelihood taken off for each unit of R above 0.4. */
  ratioPenalty: 8,
  /** R beyond these is no pulse of arteries: taken off instead. */
  arterialRatio: [0.25, 3],
  foreignPenalty: 8,
  ...restParameters,
  leastCertainty: 0.8,
  leastContrast: 6,
  /** Below: the pulse says nothing of oxygen, nor of rest, %. */
  leastPerfusion: 0.1,
  /** Steps of the grid around the likeliest rate that count as that rate. */
  rateReach: 4,
} as const
