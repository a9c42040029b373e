import type { Rate } from '../signal/rate.js'
import type { StreamKind } from '../signal/stream.js'

/**
 * One patient's recorded session, whatever its file format. Signals are read lazily, in windows, so that a record of
 * hours is never in memory whole; windows of some seconds to a minute keep the cost of a read small.
 *
 * `openRecording(path)` in `open-recording.ts` makes one.
 */
export interface Recording {
  /** Record name without path and extension. */
  readonly name: string
  /** From the start to the end of the last signal or numeric. */
  readonly durationSeconds: number
  /** UTC as far as the file says; null when the date or the time of day is not given. */
  readonly startTime: Date | null
  readonly signals: readonly SignalInfo[]
  readonly numerics: readonly NumericSeries[] | null

  /**
   * Samples as stored, of signals with encoding `digital`, one array a signal; `missingSample` marks a missing one.
   * `from` and `length` count samples of these signals, which must all have the same `fs`. At the end of a signal the
   * array is shorter than `length`. Throws VitalwireError when the file fails.
   */
  readDigital(signalIndexes: readonly number[], from: number, length: number): Promise<Int32Array[]>

  /** Physical values in the signal's unit, of any signal; NaN marks a missing one. Otherwise as `readDigital`. */
  readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]>

  close(): Promise<void>
}

/** Marks a missing sample in what `readDigital` gives: -2^31, outside the range of every format (of 32 bits its own mark). */
export const missingSample = -2147483648

export interface SignalInfo {
  readonly index: number
  readonly name: string
  readonly kind: StreamKind
  /** UCUM, e.g. `mV`, `mm[Hg]`, `1`. */
  readonly unit: string
  /** Rate of this signal; in a record with several samples a frame each signal has its own. */
  readonly fs: Rate
  /**
   * `digital`: stored as integers, physical = (digital - baseline) / gain. `float`: stored as physical values (CSV,
   * or a multi-segment record whose segments differ in gain), with gain 1 and baseline 0; only `readPhysical` gives them.
   */
  readonly encoding: 'digital' | 'float'
  /** Digital units per physical unit. */
  readonly gain: number
  readonly baseline: number
  /** Width that holds every stored value: 8, 10, 12, 16, 24 or 32; 64 for `float`. */
  readonly bits: number
  /** Samples. */
  readonly length: number
  /** Time of sample 0 in microseconds from the start of the recording; 0 except in a session of several records. */
  readonly startMicros: number
  /** Stream that a `NAME.recording.json` puts this signal in; null: the reader is free to group. */
  readonly stream: string | null
  /** ppg: wavelength in nanometres, where known. */
  readonly wavelength: number | null
}

/** Numbers of a monitor, in time order; what was missing is not in it. `times` and `values` have equal length. */
export interface NumericSeries {
  /** Name from the signal catalogue where it has one, else the file's. */
  readonly name: string
  /** UCUM. */
  readonly unit: string
  /** Microseconds from the start of the recording. */
  readonly times: Float64Array
  readonly values: Float64Array
}
