import type { PathParameters } from './qrs-rhythm-path.js'

/**
 * Parameters of the part of the QRS detector that works in noise (`QrsNoiseMode`). Tuned on records of de Chazal's set DS1 of the MIT-BIH
 * database and, with noise added, on records 100 113 118 122 200 208 217 231 (docs/algorithms/ecg-qrs.md).
 */
export interface QrsNoiseParameters extends PathParameters {
  /** Mean power between the beats over that of the complexes, in the wide band: below it is never noisy, whatever is usual. */
  readonly noisyRatio: number
  /** It is noisy when that ratio is so many times what is usual in this lead, */
  readonly contrast: number
  /** or when it is above this, whatever is usual. */
  readonly loudRatio: number
  /** Share of the limit below which it is quiet again. */
  readonly quietRatio: number
  /** Separation of the complexes by the matched filter (squared ratio of signal to noise): above it the levels do well enough, */
  readonly noisySeparation: number
  /** and above this they take over again. */
  readonly quietSeparation: number
  /** Share of the beats that must have had a known shape, or shapes are not trusted. */
  readonly leastKnown: number
  /** White noise added for the filter's sake, as a share of the complexes' power: their shapes vary, so no fine detail may decide. */
  readonly loading: number
  /** Evidence (log likelihood ratio) = gain * min(separation, most) * (amplitude - half), the amplitude being 1 for a usual complex; */
  readonly evidenceGain: number
  readonly evidenceMost: number
  readonly evidenceHalf: number
  /** at most this; */
  readonly evidenceBound: number
  /** from this amplitude on it falls again. */
  readonly amplitudeMost: number
  /** Evidence of a peak of the feature = gain * (its height over the second largest of the last 8 other peaks - ratio), at most `standMost`; */
  readonly standGain: number
  readonly standRatio: number
  readonly standMost: number
  /** no peak below this share of the level of the beats. */
  readonly standLevel: number
  /** A candidate is decided after this time. */
  readonly pathSeconds: number
  /** A beat is told at once in noise when there is so much evidence and it comes in rhythm (log likelihood). */
  readonly fastEvidence: number
  readonly fastRhythm: number
  /** Without a beat for this long the levels take over again, */
  readonly lostSeconds: number
  /** or when the running share of intervals of more than 1.5 expected ones is above this; */
  readonly mostGaps: number
  /** share of the newest interval in that; */
  readonly gapShare: number
  /** and then it is not called noisy for this long. */
  readonly barredSeconds: number
}

export const qrsNoiseDefaults: QrsNoiseParameters = {
  noisyRatio: 0.016,
  contrast: 5.6,
  loudRatio: 0.09,
  quietRatio: 0.4,
  noisySeparation: 150,
  quietSeparation: 500,
  leastKnown: 0.97,
  loading: 0.01,
  evidenceGain: 0.355,
  evidenceMost: 208,
  evidenceHalf: 0.75,
  evidenceBound: 12,
  amplitudeMost: 1.81,
  standGain: 6,
  standRatio: 1.78,
  standMost: 3.51,
  standLevel: 0.393,
  pathSeconds: 0.5,
  refractorySeconds: 0.201,
  broadShare: 0.0777,
  leastSpread: 0.0608,
  largestSpread: 0.183,
  missCost: 1.18,
  followReach: 0.25,
  followShare: 0.05,
  fastEvidence: 2,
  fastRhythm: -1,
  lostSeconds: 3,
  mostGaps: 0.9,
  gapShare: 0.15,
  barredSeconds: 20,
}
