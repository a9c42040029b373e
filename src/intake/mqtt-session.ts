import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet'

export interface MqttSessionOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  readonly user?: string
  readonly password?: string
  /** PEM of the authority that signed the broker's certificate. */
  readonly ca?: string
  readonly clientId: string
  /** True: a new session that ends with the connection. False: the broker keeps subscriptions and what comes while it is away. */
  readonly clean: boolean
  /** Calls back once the message is kept; messages are acknowledged in the order in which they came. */
  readonly onMessage: (topic: string, payload: Uint8Array, kept: () => void) => void
  readonly onConnect: (sessionPresent: boolean) => void
  readonly onClose: (reason: string) => void
  /** The broker has answered, and the answer is no. */
  readonly onRefused: (reason: string) => void
}

const keepAliveSeconds = 30
const connectMs = 10_000
/** Before the next attempt; doubles up to the longest while attempts fail. */
const firstPauseMs = 500
const longestPauseMs = 15_000
/** Messages and bytes that are not kept yet; beyond either nothing more is read, down to half of it. */
const mostUnkept = 1000
const mostUnkeptBytes = 8 * 1024 * 1024
/** Own messages that the broker has not acknowledged; the others wait. */
const mostUnanswered = 1000
/** Own messages that wait for the broker to come back, retained ones apart, of which the newest of each topic waits. */
const mostWaiting = 10_000
const endMs = 2000

const refusals: Readonly<Record<number, string>> = {
  1: 'the broker does not speak MQTT 3.1.1',
  2: 'the client id is not accepted',
  3: 'the broker is not available',
  4: 'user name or password is malformed',
  5: 'not authorized',
}

interface Incoming {
  /** 0: nothing is to be acknowledged. */
  readonly id: number
  kept: boolean
}

interface Outgoing {
  readonly topic: string
  readonly payload: Buffer
  readonly retain: boolean
}

interface Asked {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * A client of an outside broker for one who must keep what it gets before it acknowledges: MQTT 3.1.1, persistent session,
 * QoS 1. Any number of messages may be in the hands of `onMessage`, up to the broker's limit in flight or this side's,
 * which holds the socket back. After a loss of the connection it comes back by itself; what was not acknowledged the broker
 * sends again.
 */
export class MqttSession {
  connected = false
  readonly #options: MqttSessionOptions
  #socket: Socket | null = null
  #incoming: Incoming[] = []
  /** Of this connection and of those before. */
  #unkept = 0
  #unkeptBytes = 0
  #answersDue = false
  readonly #unanswered = new Map<number, Outgoing>()
  readonly #waiting = new Map<string, Outgoing>()
  readonly #asked = new Map<number, Asked>()
  #nextId = 1
  #nextWaiting = 1
  #pauseMs = firstPauseMs
  #timers: NodeJS.Timeout[] = []
  #retry: NodeJS.Timeout | null = null
  #pongDue = false
  #ended = false

  constructor(options: MqttSessionOptions) {
    this.#options = options
    this.#connect()
  }

  /** Resolves with the broker's SUBACK; rejects when the connection is lost before, or a filter is refused. */
  subscribe(filters: readonly string[]): Promise<void> {
    return this.#ask(messageId => ({ cmd: 'subscribe', messageId, subscriptions: filters.map(topic => ({ topic, qos: 1 })) }))
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    return this.#ask(messageId => ({ cmd: 'unsubscribe', messageId, unsubscriptions: [...filters] }))
  }

  /** QoS 1: sent until the broker has acknowledged it; while the broker is away, of a retained topic only the newest. */
  publish(topic: string, payload: Uint8Array, retain: boolean): void {
    const key = retain ? topic : `#${this.#nextWaiting++}`
    this.#waiting.delete(key)
    this.#waiting.set(key, { topic, payload: Buffer.from(payload), retain })
    if (this.#waiting.size > mostWaiting) this.#dropOldest()
    this.#sendWaiting()
  }

  /** Says goodbye when it can; the broker keeps the session. */
  async end(): Promise<void> {
    this.#ended = true
    if (this.#retry !== null) clearTimeout(this.#retry)
    const socket = this.#socket
    if (socket === null) return
    this.#answer()
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
    if (this.connected) socket.end(generate({ cmd: 'disconnect' }))
    else socket.destroy()
    const timer = setTimeout(() => socket.destroy(), endMs)
    socket.resume()
    await closed
    clearTimeout(timer)
  }

  #connect(): void {
    const { url, clientId, clean, user, password, ca } = this.#options
    const { protocol, hostname, port } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    const secure = protocol === 'mqtts:'
    const to = { host, port: port === '' ? (secure ? 8883 : 1883) : Number(port) }
    const socket: Socket = secure
      ? connectTls({ ...to, servername: /^[\d.]+$|:/.test(host) ? '' : host, ...(ca === undefined ? {} : { ca }) })
      : connectTcp({ ...to, noDelay: true })
    this.#socket = socket
    let reason = 'connection closed'
    const reader = parser({ protocolVersion: 4 })
    reader.on('packet', packet => this.#receive(packet, socket))
    reader.on('error', error => socket.destroy(error))
    socket.on('data', bytes => {
      this.#pongDue = false
      reader.parse(bytes)
    })
    socket.on('error', error => {
      reason = error.message || (error as NodeJS.ErrnoException).code || reason
    })
    socket.on('close', () => this.#lost(socket, reason))
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      socket.write(
        generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clientId,
          clean,
          keepalive: keepAliveSeconds,
          ...(user === undefined ? {} : { username: user }),
          ...(password === undefined ? {} : { password: Buffer.from(password) }),
        }),
      )
    })
    const patience = setTimeout(() => socket.destroy(new Error('no answer')), connectMs)
    const beat = setInterval(() => this.#beat(socket), (keepAliveSeconds * 1000) / 2)
    this.#timers = [patience, beat]
  }

  #receive(packet: Packet, socket: Socket): void {
    if (socket !== this.#socket) return
    switch (packet.cmd) {
      case 'publish':
        this.#take(packet, socket)
        break
      case 'puback':
        this.#unanswered.delete(packet.messageId!)
        this.#sendWaiting()
        break
      case 'connack':
        this.#accepted(packet.returnCode ?? 0, packet.sessionPresent, socket)
        break
      case 'suback':
      case 'unsuback': {
        const asked = this.#asked.get(packet.messageId!)
        this.#asked.delete(packet.messageId!)
        const refused = packet.cmd === 'suback' && packet.granted.some(granted => typeof granted === 'number' && granted > 2)
        if (refused) asked?.reject(new Error('the broker refuses a subscription'))
        else asked?.resolve()
        break
      }
      default:
        break
    }
  }

  #accepted(code: number, sessionPresent: boolean, socket: Socket): void {
    clearTimeout(this.#timers[0])
    if (code !== 0) {
      const reason = refusals[code] ?? `refused with code ${code}`
      this.#options.onRefused(reason)
      socket.destroy(new Error(reason))
      return
    }
    this.connected = true
    this.#pauseMs = firstPauseMs
    // A broker that has lost the session has lost its numbers too; sent again they harm nobody.
    for (const [messageId, message] of this.#unanswered) this.#write({ cmd: 'publish', qos: 1, dup: true, messageId, ...message })
    this.#options.onConnect(sessionPresent)
    this.#sendWaiting()
  }

  #take(packet: IPublishPacket, socket: Socket): void {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const entry: Incoming = { id: packet.qos === 0 ? 0 : packet.messageId!, kept: false }
    this.#incoming.push(entry)
    this.#unkept += 1
    this.#unkeptBytes += payload.length
    if (this.#unkept >= mostUnkept || this.#unkeptBytes >= mostUnkeptBytes) socket.pause()
    this.#options.onMessage(packet.topic, payload, () => {
      if (entry.kept) return
      entry.kept = true
      this.#unkept -= 1
      this.#unkeptBytes -= payload.length
      if (this.#unkept < mostUnkept / 2 && this.#unkeptBytes < mostUnkeptBytes / 2) this.#socket?.resume()
      // Of an earlier connection: the broker sends it again.
      if (socket !== this.#socket || this.#answersDue) return
      this.#answersDue = true
      setImmediate(() => this.#answer())
    })
  }

  /** Acknowledges what is kept and has nothing before it that is not, all with one write. */
  #answer(): void {
    this.#answersDue = false
    const socket = this.#socket
    let count = 0
    while (count < this.#incoming.length && this.#incoming[count]!.kept) count += 1
    if (count === 0 || socket === null) return
    const kept = this.#incoming.splice(0, count)
    const answers = Buffer.allocUnsafe(4 * count)
    let at = 0
    for (const { id } of kept) {
      if (id === 0) continue
      answers.writeUInt16BE(0x4002, at)
      answers.writeUInt16BE(id, at + 2)
      at += 4
    }
    if (at > 0) socket.write(answers.subarray(0, at))
  }

  #lost(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return
    for (const timer of this.#timers) clearTimeout(timer)
    this.#socket = null
    this.connected = false
    this.#incoming = []
    for (const { reject } of this.#asked.values()) reject(new Error(reason))
    this.#asked.clear()
    if (this.#ended) return
    this.#options.onClose(reason)
    this.#retry = setTimeout(() => this.#connect(), this.#pauseMs)
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
  }

  /** While the socket is held back no answer can be read, and the broker is not to blame. */
  #beat(socket: Socket): void {
    if (!this.connected) return
    if (this.#pongDue && !socket.isPaused()) {
      socket.destroy(new Error('the broker does not answer any more'))
      return
    }
    this.#pongDue = !socket.isPaused()
    this.#write({ cmd: 'pingreq' })
  }

  #ask(packet: (messageId: number) => Packet): Promise<void> {
    if (!this.connected) return Promise.reject(new Error('not connected'))
    return new Promise((resolve, reject) => {
      const messageId = this.#takeId()
      this.#asked.set(messageId, { resolve, reject })
      this.#write(packet(messageId))
    })
  }

  #sendWaiting(): void {
    if (!this.connected) return
    for (const [key, message] of this.#waiting) {
      if (this.#unanswered.size >= mostUnanswered) return
      this.#waiting.delete(key)
      const messageId = this.#takeId()
      this.#unanswered.set(messageId, message)
      this.#write({ cmd: 'publish', qos: 1, dup: false, messageId, ...message })
    }
  }

  #dropOldest(): void {
    for (const [key, { retain }] of this.#waiting) {
      if (retain) continue
      this.#waiting.delete(key)
      return
    }
  }

  #takeId(): number {
    for (;;) {
      const id = this.#nextId
      this.#nextId = id === 65_535 ? 1 : id + 1
      if (!this.#unanswered.has(id) && !this.#asked.has(id)) return id
    }
  }

  #write(packet: Packet): void {
    this.#socket?.write(generate(packet))
  }
}
