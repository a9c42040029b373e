/**
 * The newest samples of all leads of a stream, as far as a decision may look: never beyond the sample with which it is
 * taken, so that what is concluded does not depend on how the stream was cut.
 */
export interface EcgView {
  readonly fsHz: number
  readonly leadCount: number
  /** Whether samples are millivolts; if not they are in the stream's own unit and absolute amplitudes mean nothing. */
  readonly millivolts: boolean
  /** Index after the newest sample that may be read. */
  readonly end: number
  /** Seconds of signal before `end` that are kept. */
  readonly reachSeconds: number
  /**
   * Copies the raw samples of a lead from index `from` on into `into`. Samples that are missing, too old or not yet there are
   * NaN. Returns the number of samples that are there.
   */
  read(lead: number, from: number, into: Float64Array): number
}
