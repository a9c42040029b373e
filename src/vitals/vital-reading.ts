import type { VitalName } from '../signal/catalogue.js'
import type { StreamKind } from '../signal/stream.js'

/** Where a reading comes from: the kind of stream that it was measured from, a device's own number, or a person. */
export type SourceKind = StreamKind | 'numeric' | 'manual'

export type ReadingStatus = 'valid' | 'questionable'

export interface ReadingSource {
  /** Device that it came from, for two devices of a patient whose streams have one name; left out where there is one. */
  readonly device?: string
  /** Stream id from the birth; `n` for numerics. */
  readonly stream: string
  readonly kind: SourceKind
  /** Id of the method, e.g. `ecg-heart-rate`; `device` for numerics, `manual` for entries. */
  readonly algorithm: string
  /** Samples [from, to) of the stream that it was measured over; left out where there are none. */
  readonly from?: number
  readonly to?: number
}

/** One vital sign from one source, in the catalogue's unit. */
export interface VitalReading {
  readonly name: VitalName
  /** null: looked for and not measurable. */
  readonly value: number | string | boolean | null
  /** Patient time in microseconds. */
  readonly t: number
  readonly source: ReadingSource
  /** 0 to 1; below `usableQuality` nothing is concluded from it. */
  readonly quality: number
  readonly status: ReadingStatus
  /** Why it is not measurable or questionable. */
  readonly reason?: string
}

/** Signal quality below which nothing physiological is concluded. */
export const usableQuality = 0.5
