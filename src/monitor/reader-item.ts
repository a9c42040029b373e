import type { EpisodeName, QualityReason, RhythmName } from '../signal/observation.js'
import type { VitalReading } from '../vitals/vital-reading.js'

/** What a stream says to the readers, each at its own patient time. */
export type ReaderItem =
  | { readonly kind: 'reading'; readonly reading: VitalReading }
  | { readonly kind: 'quality'; readonly channel: number; readonly quality: number; readonly reason: QualityReason; readonly index: number }
  /** A rhythm or another episode begins or ends. */
  | { readonly kind: 'episode'; readonly name: RhythmName | EpisodeName; readonly on: boolean; readonly decided: number }
  /** A second of samples at `frameRate` (signal/observation.ts) between patient times t0 and t1, samples `from` to `to` of the stream. */
  | {
      readonly kind: 'frame'
      readonly t0: number
      readonly t1: number
      readonly from: number
      readonly to: number
      readonly samples: readonly Float64Array[]
    }
  | { readonly kind: 'low-battery'; readonly on: boolean; readonly value: number | null }
  /** The stream ended (closed, or its device started anew). */
  | { readonly kind: 'end' }
  /** Live sources: nothing came for a while, and then something again. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'back' }
