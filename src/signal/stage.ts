/**
 * Plain data: JSON values, numbers of any kind (NaN and infinities too) and typed arrays, nothing else: what `structuredClone` and
 * `v8.serialize` keep. `load(save())` goes on identically, so a state is a deep copy
 * (a stage never hands out an array that it goes on writing to).
 */
export type StageState = unknown

/** Delay in samples from an input to the outputs that reflect it; search-back and the like make two figures. */
export interface Latency {
  readonly min: number
  readonly max: number
}

/**
 * A step of a chain. Pure: no clock, no randomness, no I/O. Outputs are the same however the input is cut into blocks.
 *
 * A gap (`gapBefore > 0`) is the stage's business in `push`: it settles what is pending, never measures across, and
 * may keep what it has learned about the signal. `flush` ends the timeline: what is still pending is let go, and the
 * stage is as new.
 */
export interface Stage<In, Out> {
  readonly name: string
  readonly latency: Latency
  push(input: In, emit: (output: Out) => void): void
  flush(emit: (output: Out) => void): void
  save(): StageState
  load(state: StageState): void
}
