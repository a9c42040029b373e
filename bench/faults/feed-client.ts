import WebSocket from 'ws'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { ServerMessage } from '../../src/server/feed-protocol.js'
import type { FeedHistory } from './history.js'

/** A screen that never gives up: comes back with its last cursor and keeps all that it was sent. */
export class FaultFeedClient {
  readonly events: LoggedEvent[] = []
  readonly ids = new Set<string>()
  readonly #url: string
  #cursor = 'snapshot'
  #socket: WebSocket | null = null
  #connections = 0
  #stopped = false
  /** A refusal: the cursor was not taken, or the server closed with a code of its own. */
  readonly problems: string[] = []

  constructor(httpPort: number) {
    this.#url = `ws://127.0.0.1:${httpPort}/api/v1/feed`
    this.#open()
  }

  /** Whether it has had its first snapshot. */
  get subscribed(): boolean {
    return this.#cursor !== 'snapshot'
  }

  /** Breaks the connection, as a screen that loses its network. */
  drop(): void {
    this.#socket?.terminate()
  }

  /** Place in the event log that its first snapshot stands for: it is owed everything after. */
  firstPosition: string | null = null

  history(): FeedHistory {
    return { events: this.events, connections: this.#connections }
  }

  stop(): void {
    this.#stopped = true
    this.#socket?.terminate()
  }

  #open(): void {
    const socket = new WebSocket(this.#url, { handshakeTimeout: 2000 })
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('close', () => {
      if (!this.#stopped) setTimeout(() => this.#open(), 100)
    })
    socket.on('message', (data: Buffer, binary: boolean) => {
      if (!binary) this.#take(JSON.parse(data.toString()) as ServerMessage, socket)
    })
  }

  #take(message: ServerMessage, socket: WebSocket): void {
    if (message.type === 'hello') {
      this.#connections++
      socket.send(JSON.stringify({ type: 'subscribe', from: this.#cursor, patients: 'all', waves: false }))
    } else if (message.type === 'error') this.problems.push(`${message.error.code}: ${message.error.message}`)
    else if (message.type === 'snapshot' || message.type === 'events') {
      if (message.type === 'snapshot') this.firstPosition = positionIn(message.cursor)
      this.#cursor = message.cursor
      if (message.type !== 'events') return
      for (const { ageMs: _age, delayed: _delayed, alert: _alert, ...event } of message.events) {
        this.events.push(event)
        this.ids.add(event.id)
      }
    }
  }
}

/** A cursor is opaque to clients; the bench looks inside (`src/server/feed-cursor.ts`). */
function positionIn(cursor: string): string | null {
  return (JSON.parse(Buffer.from(cursor.split('.')[0]!, 'base64url').toString()) as [number, string, string | null])[2]
}
