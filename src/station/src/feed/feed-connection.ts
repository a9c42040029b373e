import { type ClientMessage, feedClose, feedPath, type ServerMessage } from '../../../server/feed-protocol.js'
import { decodeWaves, type WaveMessage } from '../../../server/wave-frame.js'
import { probeAfterMs, probeTimeoutMs, reconnectDelayMs } from './link-rules.js'

export interface FeedHandlers {
  /** Subscribed: the first message after `hello` has come. `resumed`: by cursor, nothing is missing. */
  onOpen(resumed: boolean): void
  onMessage(message: ServerMessage): void
  onWaves(waves: readonly WaveMessage[]): void
  /** Any sign of the engine. */
  onContact(): void
  onLost(): void
  onUnauthorised(): void
}

/**
 * Keeps one WebSocket to the feed: connects, subscribes, connects again with the last cursor. While nothing comes it
 * asks `/api/v1/health`, so that a network that is gone is noticed although the socket says nothing.
 */
export class FeedConnection {
  private socket: WebSocket | null = null
  private attempt = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private stopped = false
  private lastMessage = 0
  private probing = false
  private readonly watch: ReturnType<typeof setInterval>
  private cursor: string | null = null

  constructor(
    private readonly token: string | null,
    private readonly handlers: FeedHandlers,
  ) {
    this.watch = setInterval(() => void this.probe(), 250)
    this.connect()
  }

  close(): void {
    this.stopped = true
    clearTimeout(this.timer)
    clearInterval(this.watch)
    this.socket?.close()
  }

  /** The socket counts as dead: a new one now. */
  reconnect(): void {
    this.drop()
    this.later()
  }

  private connect(): void {
    const { protocol, host } = window.location
    const socket = new WebSocket(
      `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${feedPath}`,
      this.token === null ? ['vitalwire'] : ['vitalwire', `bearer.${this.token}`],
    )
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    let open = false
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.lastMessage = performance.now()
      this.handlers.onContact()
      if (typeof data !== 'string') {
        this.handlers.onWaves(decodeWaves(new Uint8Array(data)))
        return
      }
      const message = JSON.parse(data) as ServerMessage
      if (message.type === 'hello') {
        const from = this.cursor ?? 'snapshot'
        const subscribe: ClientMessage = { type: 'subscribe', from, patients: 'all', waves: true }
        socket.send(JSON.stringify(subscribe))
        open = true
        this.attempt = 0
        this.handlers.onOpen(from !== 'snapshot')
        return
      }
      if ('cursor' in message) this.cursor = message.cursor
      this.handlers.onMessage(message)
    }
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return
      if (code === feedClose.cursorRefused) this.cursor = null
      this.socket = null
      if (code === feedClose.unauthorised) this.handlers.onUnauthorised()
      else if (open) this.handlers.onLost()
      this.later()
    }
  }

  private later(): void {
    if (this.stopped) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.connect(), reconnectDelayMs(this.attempt, Math.random()))
    this.attempt += 1
  }

  private drop(): void {
    const socket = this.socket
    this.socket = null
    if (socket === null) return
    socket.onmessage = null
    socket.close()
    this.handlers.onLost()
  }

  private async probe(): Promise<void> {
    if (this.probing || this.socket?.readyState !== WebSocket.OPEN || performance.now() - this.lastMessage < probeAfterMs) return
    this.probing = true
    try {
      const reply = await fetch('api/v1/health', { signal: AbortSignal.timeout(probeTimeoutMs), cache: 'no-store' })
      if (reply.ok) this.handlers.onContact()
    } catch {
      // No contact: the link rules say what that means.
    } finally {
      this.probing = false
    }
  }
}
