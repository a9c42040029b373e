import type { Recording } from '../recording/recording.js'
import type { VitalName } from '../signal/catalogue.js'
import type { DeviceEvent } from '../signal/numeric.js'

/**
 * What a virtual device is made of. Every `Recording` is one; a simulation adds numerics that are computed as they are
 * asked for, flags of the waveforms and events, and may be endless (`durationSeconds` and `length` Infinity).
 */
export interface SignalSource extends Omit<Recording, 'numerics'> {
  readonly numerics: Recording['numerics'] | PeriodicNumerics
  readonly faults?: SourceFaults
  /**
   * Samples from `from` on, before `to`, of a signal (and of all that share its stream) at which a pacemaker gave a pulse, ascending:
   * what a front end with a pulse detector of its own knows. Absent: it has none.
   */
  readonly paceMarks?: (signal: number, from: number, to: number) => readonly number[]
  /** Name of the calibration table of its red and infrared signals. */
  readonly calibration?: string
}

/** Numerics at a fixed period, from time 0 of the source; computed for each time, so memory does not grow. */
export interface PeriodicNumerics {
  readonly periodMicros: number
  at(tick: number): readonly NumericValue[]
}

export interface NumericValue {
  readonly name: VitalName
  /** UCUM; empty for coded values. */
  readonly unit: string
  /** A letter for `consciousness`, a boolean for `supplemental-oxygen`. */
  readonly value: number | string | boolean
  /** Who entered it, for manual entries (rule N4). */
  readonly author?: string
}

/** What a device knows of its own trouble. */
export interface SourceFaults {
  /** Stretches of samples of a signal's stream that carry chunk flags (all channels), in time order and disjoint. */
  readonly flags: readonly FlaggedStretch[]
  /** In the order of their times; `t` in microseconds from the start of the source. */
  readonly events: readonly SourceEvent[]
}

export interface FlaggedStretch {
  /** Index of one of the signals of the stream. */
  readonly signal: number
  /** Samples, [from, to). */
  readonly from: number
  readonly to: number
  /** Bits of the chunk header (signal/sample-block.ts). */
  readonly flags: number
}

/** A device event whose stream and channel are told by the signal, because the stream's id is made at birth. */
export interface SourceEvent extends Omit<DeviceEvent, 'stream' | 'channel' | 'index'> {
  readonly signal?: number
  /** Whether the event concerns this signal's channel only, or its whole stream. */
  readonly channelOnly?: boolean
}

export function isPeriodic(numerics: SignalSource['numerics']): numerics is PeriodicNumerics {
  return numerics !== null && 'periodMicros' in numerics
}
