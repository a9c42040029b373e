import type { LoggedEvent } from '../journal/logged-event.js'

/** Where a consumer stands in the event log: by physical log or partition a number that only goes up. Plain JSON. */
export type LogPosition = Readonly<Record<string, number>>

export interface EventBatch {
  readonly events: readonly LoggedEvent[]
  /** Where to go on after these events. */
  readonly position: LogPosition
}

/** The event log as its consumers (stores, live feed, exports) read it: each from its own position, at its own pace. */
export interface EventSource {
  /** Changes when the log is begun anew; positions of another epoch mean nothing. */
  readonly epoch: string
  /** Position after the newest event. */
  end(): Promise<LogPosition>
  /** The next events after `from` (`{}`: from the beginning), at most `maxEvents`; none when the reader is at the end. */
  read(from: LogPosition, maxEvents: number): Promise<EventBatch>
  /** Calls back when something was appended; returns how to stop. May call more often than needed. */
  onAppend(listener: () => void): () => void
  /** Events after `from`, where the log can tell without reading them. */
  behind?(from: LogPosition): number
}

/** Whether a reader at `position` has everything that one at `other` has. */
export function hasReached(position: LogPosition, other: LogPosition): boolean {
  return Object.entries(other).every(([log, at]) => (position[log] ?? 0) >= at)
}

export function furthest(a: LogPosition, b: LogPosition): LogPosition {
  const merged: Record<string, number> = { ...a }
  for (const [log, at] of Object.entries(b)) merged[log] = Math.max(merged[log] ?? 0, at)
  return merged
}
