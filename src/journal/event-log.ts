import type { LoggedEvent } from './logged-event.js'
import type { WaveSegment } from './wave-segment.js'

/** What a consumer gets at once; what it keeps of it must be kept together with `position`. */
export interface EventBatch {
  readonly events: readonly LoggedEvent[]
  readonly segments: readonly WaveSegment[]
  /** Opaque text: reading on from it gives exactly what follows this batch. */
  readonly position: string
}

/**
 * Follows the event logs of all workers from a position, at the consumer's own pace. Events of one partition come in
 * their order; between partitions there is none. After a crash an event may come again (same `id`).
 */
export interface EventLogReader {
  /** The next batch; waits while there is nothing new. null once closed. */
  next(): Promise<EventBatch | null>
  /**
   * Something that followed the position which the reader began with was deleted since, and it begins with the oldest there
   * is: wall time of the last of it, microseconds. null: nothing is missing.
   */
  readonly missingUntil: number | null
  /** Position after the last batch that was given. */
  readonly position: string
  /** Bytes written that this reader has not given yet. */
  bytesBehind(): number
  close(): void
}
