import type { LoggedEvent } from '../journal/logged-event.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import type { QualityReport } from '../quality/quality-report.js'
import type { AlertRow } from './alert-fold.js'

/**
 * Where events are kept for questions. The event log is the truth and the buffer; a store is a view of it that can be
 * filled again. Times are microseconds, patient time where not said otherwise; ranges are [from, to).
 */
export interface Store {
  /** `embedded`, `influx-v1` or `influx-v2`. */
  readonly name: string
  /** One line for people: which driver, where, what is missing. */
  readonly description: string
  /** After the last batch that is surely kept; null before the first. */
  position(): Promise<StoredPosition | null>
  /**
   * Keeps a batch and then, or in the same transaction, the position after it. Resolves only when the rows were taken;
   * rejects when nothing of the position has moved. The same batch again changes nothing.
   */
  append(batch: StoreBatch, position: StoredPosition): Promise<AppendResult>
  vitals(query: VitalsQuery): Promise<VitalSeries[]>
  alerts(query: AlertsQuery): Promise<AlertRow[]>
  scores(query: ScoresQuery): Promise<ScoreRow[]>
  sessions(query: SessionsQuery): Promise<SessionRow[]>
  /** Reports of the quality stage, oldest first; those of one hour add up. */
  quality(query: QualityQuery): Promise<QualityRow[]>
  /** References to chunks that overlap the range, by patient time; the samples stand in the journal. */
  segments(query: SegmentsQuery): Promise<WaveSegment[]>
  close(): Promise<void>
}

export interface StoreBatch {
  readonly events: readonly LoggedEvent[]
  readonly segments: readonly WaveSegment[]
}

/** Position in the event log, opaque, and the epoch of the log in which alone it means something. */
export interface StoredPosition {
  readonly epoch: string
  readonly position: string
}

export interface AppendResult {
  /** Rows or points handed over; what was there already counts too. */
  readonly written: number
  /** Refused by the database for good, and kept in the dead-letter file. */
  readonly deadLettered: number
}

export interface TimeRange {
  readonly from?: number
  readonly to?: number
}

export interface VitalsQuery extends TimeRange {
  readonly patient: string
  /** All when left out. */
  readonly names?: readonly string[]
  /** Seconds; buckets with count, min, mean and max of the numbers. Left out: the points. */
  readonly stepSeconds?: number
  /** Most points or buckets a name; the newest are kept. */
  readonly limit?: number
}

export interface VitalSeries {
  readonly name: string
  readonly unit: string
  readonly points?: readonly VitalPoint[]
  readonly buckets?: readonly VitalBucket[]
}

export interface VitalPoint {
  readonly t: number
  readonly value: number | string | boolean | null
  readonly quality: number | null
  readonly status: string
  readonly reason: string | null
  readonly stream: string
}

export interface VitalBucket {
  /** Begin of the bucket. */
  readonly t: number
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
}

export interface AlertsQuery extends TimeRange {
  /** All patients when left out. */
  readonly patient?: string
  readonly openOnly?: boolean
  readonly limit?: number
}

export interface ScoresQuery extends TimeRange {
  readonly patient: string
  readonly score?: string
  readonly limit?: number
}

export interface ScoreRow {
  readonly patient: string
  readonly score: string
  readonly t: number
  readonly at: number
  readonly total: number | null
  readonly complete: boolean
  readonly body: Readonly<Record<string, unknown>>
}

export interface SessionsQuery {
  readonly patient?: string
  readonly limit?: number
}

export interface SessionRow {
  readonly session: string
  readonly patient: string
  readonly device: string
  readonly state: 'opened' | 'closed' | 'disordered'
  readonly record: string | null
  readonly openedAt: number
  readonly closedAt: number | null
  readonly eventHash: string | null
  readonly eventCount: number | null
}

/** By wall time of the report. */
export interface QualityQuery extends TimeRange {
  readonly patient?: string
  readonly device?: string
  readonly limit?: number
}

export interface QualityRow {
  /** Empty: nobody wore it. */
  readonly patient: string
  readonly device: string
  readonly at: number
  readonly report: QualityReport
}

export interface SegmentsQuery {
  readonly patient: string
  readonly stream?: string
  readonly from: number
  readonly to: number
  readonly limit?: number
}
