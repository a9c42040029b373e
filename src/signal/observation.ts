import type { VitalName } from './catalogue.js'

/**
 * What a stream's chain says. `decided` is the index of the sample with which the chain could say it (never more than
 * the last sample pushed; at flush the end of the stream); a chain emits in the order of `decided`, whatever the cut.
 * Indices are samples since boot of the stream. `channel` is a number into the stream's channels.
 */
export type Observation =
  | BeatObservation
  | PulseObservation
  | BreathObservation
  | MeasurementObservation
  | QualityObservation
  | RhythmObservation

interface Decided {
  readonly decided: number
  readonly channel: number
}

export type BeatClass = 'N' | 'S' | 'V' | 'F' | 'Q'

export interface BeatObservation extends Decided {
  readonly kind: 'beat'
  /** R peak. */
  readonly index: number
  readonly beatClass: BeatClass
  /** Interval to the beat before in seconds; null across a gap, after poor signal, and for the first beat. */
  readonly rrSeconds: number | null
  readonly quality: number
}

export interface PulseObservation extends Decided {
  readonly kind: 'pulse'
  /** Systolic peak. */
  readonly index: number
  readonly intervalSeconds: number | null
  readonly quality: number
}

export interface BreathObservation extends Decided {
  readonly kind: 'breath'
  readonly index: number
  readonly intervalSeconds: number | null
  readonly quality: number
}

/** A number over samples `from` (inclusive) to `to` (exclusive); null: looked for and not measurable, with `reason`. */
export interface MeasurementObservation extends Decided {
  readonly kind: 'measurement'
  readonly name: VitalName
  readonly value: number | null
  readonly from: number
  readonly to: number
  /** 0 to 1. */
  readonly quality: number
  readonly reason?: string
  /** Id of the method, e.g. `ecg-heart-rate`, `ppg-modulation`; names a card in docs/algorithms. */
  readonly algorithm: string
}

export type QualityReason =
  | 'good'
  | 'flat'
  | 'saturated'
  | 'noise'
  | 'motion'
  | 'lead-off'
  | 'sensor-off'
  | 'low-amplitude'
  | 'low-perfusion'
  | 'irregular-shape'
  | 'missing'

/** Signal quality of one channel over [from, to), normally a second; emitted when `reason` class changes and each second. */
export interface QualityObservation extends Decided {
  readonly kind: 'quality'
  readonly from: number
  readonly to: number
  /** 0 (unusable) to 1. Below 0.5 nothing physiological is concluded. */
  readonly quality: number
  readonly reason: QualityReason
}

export interface RhythmObservation extends Decided {
  readonly kind: 'rhythm'
  readonly rhythm: 'asystole'
  readonly on: boolean
  /** Where it began (the last beat) or ended. */
  readonly index: number
}
