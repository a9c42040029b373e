import type { LoggedEvent } from '../journal/logged-event.js'
import type { HeartbeatMessage } from './feed-protocol.js'
import type { WaveMessage } from './wave-frame.js'

/** A batch as it goes to all clients, with the cursor after it. */
export interface LiveBatch {
  readonly events: readonly LoggedEvent[]
  readonly cursor: string
}

/** Whom the hub speaks to. None of it waits: a client queues or drops for itself. */
export interface FeedAudience {
  live(batch: LiveBatch): void
  waves(waves: readonly WaveMessage[]): void
  heartbeat(message: HeartbeatMessage): void
  goAway(): void
}
