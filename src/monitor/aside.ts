import type { DelineationObservation, FastBeatObservation, PulsePointsObservation, QualityObservation } from '../signal/observation.js'

/**
 * What a chain says that the patient log does not keep: a fast beat is provisional, the waves of each beat and the
 * points of each pulse can be had again from the samples, quality is said on change only. For those who look on: the live feed, annotation files, evaluation.
 */
export interface Aside {
  readonly device: string
  readonly stream: string
  /** Patient time of the R peak or systolic peak, or of the end of what was judged; microseconds. */
  readonly t: number
  readonly observation: FastBeatObservation | DelineationObservation | PulsePointsObservation | QualityObservation
}
