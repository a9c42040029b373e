import type { LoggedEvent } from './logged-event.js'
import type { WaveSegment } from './wave-segment.js'

/** Where a consumer stands: by worker log a number that only goes up. Plain JSON; `{}` is the beginning. */
export type LogPosition = Readonly<Record<string, number>>

/** What a consumer gets at once; what it keeps of it must be kept together with `position`. */
export interface EventBatch {
  readonly events: readonly LoggedEvent[]
  readonly segments: readonly WaveSegment[]
  /** Reading on from it gives exactly what follows this batch. */
  readonly position: LogPosition
}

/** What to parse; the other kind is passed over. */
export type LogContent = 'events' | 'segments'

/**
 * The event log of all workers, as its consumers read it: each from its own position, at its own pace. Events of one
 * partition come in their order; between partitions there is none.
 */
export interface EventLog {
  /** Changes when the log is begun anew; positions of another epoch mean nothing. */
  readonly epoch: string
  /** Position after the newest event. */
  end(): Promise<LogPosition>
  /** What follows `from`, at most about `maxEvents`; nothing when the reader is at the end. */
  read(from: LogPosition, maxEvents: number, content?: LogContent): Promise<EventBatch>
  /** Calls back when something was appended; returns how to stop. May call more often than needed. */
  onAppend(listener: () => void): () => void
  /** Bytes of log after `from`. */
  bytesBehind(from: LogPosition): number
}

/** Follows the event log from a position and waits at its end. */
export interface EventLogReader {
  /** The next batch; waits while there is nothing new. null once closed. */
  next(): Promise<EventBatch | null>
  /** Position after the last batch that was given. */
  readonly position: LogPosition
  bytesBehind(): number
  close(): void
}
