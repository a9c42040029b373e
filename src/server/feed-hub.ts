import type { EventBatch, EventLogReader } from '../journal/event-log.js'
import { isLaterEvent, parseEventId } from '../store/event-id.js'
import type { StoreLag } from '../store/store-consumer.js'
import type { EnginePort } from './engine-port.js'
import type { FeedAudience, LiveBatch } from './feed-audience.js'
import type { FeedCursors } from './feed-cursor.js'
import type { HeartbeatMessage, SnapshotMessage } from './feed-protocol.js'
import type { LiveState } from './live-state.js'
import { currentTroubles } from './system-notices.js'

export interface FeedHubOptions {
  readonly engine: EnginePort
  readonly state: LiveState
  readonly cursors: FeedCursors
  readonly storeLags: () => readonly StoreLag[]
  readonly heartbeatMs: number
  /** Wall time, microseconds. */
  readonly now: () => number
  readonly onProblem: (problem: unknown) => void
  /** Whoever else reads each event once; left out: nobody. */
  readonly onBatch?: (batch: Pick<EventBatch, 'events' | 'position'>) => void
}

/**
 * Reads the event log once for all clients: into the live state, then to each client. Clients that come with a cursor
 * read for themselves until they have everything that the hub has (see `FeedClient`), so a slow one costs nobody else.
 */
export class FeedHub {
  readonly clients = new Set<FeedAudience>()
  /** Waveforms left out for slow clients, of all clients so far. */
  wavesDropped = 0
  private reader: EventLogReader | null = null
  private running: Promise<void> | null = null
  private heartbeat: NodeJS.Timeout | null = null
  private forgetWaves: (() => void) | null = null
  private stopped = false
  private selfChecks = 0
  private place: string | null = null
  /** Newest event of each partition that went through here. */
  private readonly newest = new Map<string, string>()
  private idle: (() => void)[] = []

  constructor(readonly options: FeedHubOptions) {}

  /** Goes on from what the live state was restored with; null: the beginning. */
  start(position: string | null): void {
    this.place = position
    this.running = this.run()
    this.heartbeat = setInterval(() => this.beat(), this.options.heartbeatMs)
    this.heartbeat.unref()
    this.forgetWaves = this.options.engine.onWave(waves => {
      for (const client of this.clients) client.waves(waves)
    })
  }

  async stop(): Promise<void> {
    this.stopped = true
    if (this.heartbeat) clearInterval(this.heartbeat)
    this.forgetWaves?.()
    for (const client of [...this.clients]) client.goAway()
    this.reader?.close()
    await this.running
    this.letIdle()
  }

  /** After everything that the live state has. */
  cursor(): string {
    return this.options.cursors.format(this.place)
  }

  bytesBehind(): number {
    return this.reader?.bytesBehind() ?? 0
  }

  /** Resolves when the hub has gone through all that was written when it was asked. */
  async caughtUp(): Promise<void> {
    if (this.bytesBehind() === 0 || this.stopped) return
    await new Promise<void>(resolve => {
      this.idle.push(resolve)
    })
  }

  snapshot(wanted: (patient: string) => boolean): SnapshotMessage {
    const { engine, state, now, storeLags } = this.options
    const at = now()
    return {
      type: 'snapshot',
      cursor: this.cursor(),
      now: at,
      patients: state.view(engine.devices(), at, wanted),
      system: { alerts: state.notices.view(at, engine.lag(), storeLags()) },
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        this.reader = this.options.engine.events(this.place, { maxEvents: 1000 })
        while (!this.stopped) {
          const batch = await this.reader.next()
          if (batch === null) return
          this.pass(batch)
          if (this.reader.bytesBehind() === 0) this.letIdle()
        }
      } catch (problem) {
        this.options.onProblem(problem)
        await new Promise(resolve => setTimeout(resolve, 1000))
      } finally {
        this.reader?.close()
      }
    }
  }

  /** What came again after a crash has the same ids and goes no further. */
  private pass(batch: EventBatch): void {
    const events = batch.events.filter(event => {
      const { partition } = parseEventId(event.id)
      const before = this.newest.get(partition)
      if (before !== undefined && !isLaterEvent(event.id, before)) return false
      this.newest.set(partition, event.id)
      return true
    })
    for (const event of events) this.options.state.apply(event)
    this.options.onBatch?.({ events, position: batch.position })
    this.place = batch.position
    const live: LiveBatch = { events, cursor: this.options.cursors.format(batch.position) }
    for (const client of this.clients) client.live(live)
  }

  private beat(): void {
    this.selfChecks += 1
    const { engine, now, storeLags, state } = this.options
    state.forget(engine.devices(), now())
    const troubles = currentTroubles(now(), engine.lag(), storeLags())
    const message: HeartbeatMessage = {
      type: 'heartbeat',
      cursor: this.cursor(),
      now: now(),
      selfCheck: {
        kind: 'self-check',
        sequence: this.selfChecks,
        state: troubles.length > 0 ? 'degraded' : 'ok',
        detail: troubles.map(trouble => trouble.message).join('; '),
        bytesBehind: this.bytesBehind(),
      },
    }
    for (const client of this.clients) client.heartbeat(message)
  }

  private letIdle(): void {
    const waiting = this.idle
    this.idle = []
    for (const resolve of waiting) resolve()
  }
}
