import type { WebSocket } from 'ws'
import type { LoggedEvent } from '../journal/logged-event.js'
import { isLaterEvent, parseEventId } from '../store/event-id.js'
import type { FeedAudience, LiveBatch } from './feed-audience.js'
import type { FeedHub } from './feed-hub.js'
import { type FeedEvent, feedClose, type HeartbeatMessage, type ServerMessage, type SubscribeMessage } from './feed-protocol.js'
import { readSubscribe } from './feed-subscribe.js'
import { alertView } from './live-state.js'
import { encodeWaves, type WaveMessage } from './wave-frame.js'

export interface FeedBounds {
  /** Bytes waiting in the socket above which waveforms are left out. */
  readonly wavesBytes: number
  /** Bytes waiting above which the client is closed with 4008. */
  readonly eventsBytes: number
  readonly subscribeMs: number
  /** A client that does not answer the closing handshake for so long is cut off. */
  readonly closeMs: number
}

export const defaultFeedBounds: FeedBounds = { wavesBytes: 512 * 1024, eventsBytes: 8 * 1024 * 1024, subscribeMs: 10_000, closeMs: 30_000 }

/** As `closeMs`, when the engine ends: a client that does not answer must not keep it. */
const goAwayMs = 1000
/** Older than this when it is sent: delayed. */
const delayedAfterMs = 10_000

/**
 * One screen. Its socket is its queue: `bufferedAmount` is what waits. With a cursor it first reads the log for itself
 * until it has read all that the hub had passed when it came and all that the hub passed meanwhile; from then on it
 * takes the hub's batches, less what it has read already. So everything comes once, in the order of its partition.
 */
export class FeedClient implements FeedAudience {
  private subscription: SubscribeMessage | null = null
  private mode: 'new' | 'reading' | 'live' | 'closed' = 'new'
  private wavesDropped = 0
  private wavesDroppedTotal = 0
  private closeTimer: NodeJS.Timeout | null = null
  private readonly subscribeTimer: NodeJS.Timeout
  /** Newest event of each partition that this client read for itself. */
  private readonly read = new Map<string, string>()
  /** While reading: newest event of each partition that the hub passed meanwhile. */
  private readonly passed = new Map<string, string>()

  constructor(
    private readonly socket: WebSocket,
    private readonly hub: FeedHub,
    private readonly bounds: FeedBounds,
    hello: ServerMessage,
  ) {
    this.subscribeTimer = setTimeout(
      () => this.refuse('no-subscribe', 'no subscribe came in time', 'subscribe as the first message'),
      bounds.subscribeMs,
    )
    socket.on('message', (data, binary) => this.receive(binary ? null : String(data)))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.end())
    hub.clients.add(this)
    this.send(hello)
  }

  live(batch: LiveBatch): void {
    if (this.mode === 'reading') for (const event of batch.events) this.passed.set(parseEventId(event.id).partition, event.id)
    if (this.mode !== 'live') return
    this.sendEvents(this.read.size === 0 ? batch.events : batch.events.filter(event => this.isUnread(event)), batch.cursor)
  }

  waves(waves: readonly WaveMessage[]): void {
    const subscription = this.subscription
    if (this.mode !== 'live' || !subscription || subscription.waves === false) return
    const mine = waves.filter(
      wave => this.wants(wave.patient) && (subscription.waves === true || wantsWave(subscription.waves, wave.patient)),
    )
    if (mine.length === 0) return
    if (this.socket.bufferedAmount > this.bounds.wavesBytes) {
      this.wavesDropped += mine.length
      this.wavesDroppedTotal += mine.length
      this.hub.wavesDropped += mine.length
      return
    }
    this.tellWavesDropped()
    this.socket.send(encodeWaves(mine))
    const beats = mine.flatMap(({ patient, device, stream, beats }) => (beats ?? []).map(t => ({ patient, device, stream, t })))
    if (beats.length > 0) this.send({ type: 'fast-beats', beats })
  }

  heartbeat(message: HeartbeatMessage): void {
    if (this.mode !== 'live') return
    this.tellWavesDropped()
    this.send(message)
  }

  goAway(): void {
    this.close(feedClose.goingAway, 'the engine ends; connect again with the last cursor', Math.min(goAwayMs, this.bounds.closeMs))
  }

  private receive(text: string | null): void {
    if (this.mode === 'closed') return
    if (this.subscription) {
      this.refuse('unexpected', 'one subscribe for each connection', 'a new connection')
      return
    }
    const read = readSubscribe(text)
    if ('problem' in read) {
      this.refuse('bad-subscribe', read.problem, read.accepted)
      return
    }
    clearTimeout(this.subscribeTimer)
    this.subscription = read.subscribe
    if (read.subscribe.from === 'snapshot') {
      this.mode = 'live'
      this.send(this.hub.snapshot(patient => this.wants(patient)))
      return
    }
    const cursor = this.hub.options.cursors.read(read.subscribe.from)
    if ('refused' in cursor) {
      this.refuse('cursor-refused', `the cursor is refused: ${cursor.refused}`, 'snapshot', feedClose.cursorRefused)
      return
    }
    this.mode = 'reading'
    void this.catchUp(cursor.position)
  }

  /** The cursor may be ahead of the hub, of a connection that had read for itself: the hub comes first. */
  private async catchUp(position: string | null): Promise<void> {
    const { engine, cursors, onProblem } = this.hub.options
    try {
      await this.hub.caughtUp()
      this.passed.clear()
      const reader = engine.events(position, { maxEvents: 1000 })
      try {
        if (reader.missingUntil !== null) {
          this.refuse('cursor-refused', 'what followed the cursor is no longer kept', 'snapshot', feedClose.cursorRefused)
          return
        }
        while (this.mode === 'reading' && !this.hasAll(reader.bytesBehind())) {
          const batch = await reader.next()
          if (batch === null) break
          for (const event of batch.events) this.read.set(parseEventId(event.id).partition, event.id)
          this.sendEvents(batch.events, cursors.format(batch.position))
          await this.drained()
        }
      } finally {
        reader.close()
      }
      this.passed.clear()
      if (this.mode === 'reading') this.mode = 'live'
    } catch (problem) {
      onProblem(problem)
      this.refuse('cursor-refused', 'what followed the cursor is no longer kept', 'snapshot', feedClose.cursorRefused)
    }
  }

  private hasAll(bytesBehind: number): boolean {
    if (bytesBehind > 0) return false
    for (const [partition, id] of this.passed) {
      const own = this.read.get(partition)
      if (own === undefined || isLaterEvent(id, own)) return false
    }
    return true
  }

  private isUnread(event: LoggedEvent): boolean {
    const own = this.read.get(parseEventId(event.id).partition)
    return own === undefined || isLaterEvent(event.id, own)
  }

  private sendEvents(events: readonly LoggedEvent[], cursor: string): void {
    const types = this.subscription?.types
    const mine = events.filter(event => this.wants(event.patient) && (types === undefined || types.includes(event.type)))
    if (mine.length === 0) return
    const now = this.hub.options.now()
    this.send({ type: 'events', cursor, now, events: mine.map(event => this.feedEvent(event, now)) })
    // While reading, the client sets the pace (`drained`): no more than a batch waits.
    if (this.mode === 'live' && this.socket.bufferedAmount > this.bounds.eventsBytes) {
      this.close(feedClose.tooSlow, 'too slow: more was waiting than is kept for a client; connect again with the last cursor')
    }
  }

  private feedEvent(event: LoggedEvent, now: number): FeedEvent {
    const ageMs = Math.max(0, Math.round((now - event.at) / 1000))
    const delayed = event.note.delayed === true || event.body.delayed === true || ageMs > delayedAfterMs
    const alert = this.alertOf(event)
    return { ...event, ageMs, delayed, ...(alert ? { alert: alertView(alert) } : {}) }
  }

  private alertOf(event: LoggedEvent): ReturnType<FeedHub['options']['state']['alerts']['byId']> {
    const { alerts } = this.hub.options.state
    if (event.type === 'acknowledge') return alerts.byId(String(event.body.alert))
    if (event.type !== 'condition') return undefined
    if (typeof event.note.alert === 'string') return alerts.byId(event.note.alert)
    return alerts.byId(event.id) ?? alerts.open(event.patient, event.stream, String(event.body.condition))
  }

  /** Events of the system log that are about no patient go to all. */
  private wants(patient: string): boolean {
    const patients = this.subscription?.patients
    return patients === 'all' || patient === '' || patients?.includes(patient) === true
  }

  private tellWavesDropped(): void {
    if (this.wavesDropped === 0) return
    this.send({ type: 'waves-dropped', count: this.wavesDropped, total: this.wavesDroppedTotal })
    this.wavesDropped = 0
  }

  private send(message: ServerMessage): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** While catching up the log is read only as fast as the client takes it. */
  private async drained(): Promise<void> {
    while (this.mode === 'reading' && this.socket.bufferedAmount > this.bounds.wavesBytes) {
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  private refuse(code: string, message: string, accepted: string, closeCode: number = feedClose.badSubscribe): void {
    this.send({ type: 'error', error: { code, message, accepted } })
    this.close(closeCode, message)
  }

  private close(code: number, reason: string, patienceMs = this.bounds.closeMs): void {
    if (this.mode !== 'closed') this.socket.close(code, reason.slice(0, 120))
    this.mode = 'closed'
    if (this.closeTimer) clearTimeout(this.closeTimer)
    this.closeTimer = setTimeout(() => this.socket.terminate(), patienceMs)
    this.closeTimer.unref()
  }

  private end(): void {
    this.mode = 'closed'
    clearTimeout(this.subscribeTimer)
    if (this.closeTimer) clearTimeout(this.closeTimer)
    this.hub.clients.delete(this)
  }
}

function wantsWave(waves: SubscribeMessage['waves'], patient: string): boolean {
  return typeof waves !== 'boolean' && waves.includes(patient)
}
