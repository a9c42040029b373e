import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import { VitalwireError } from '../errors.js'
import { mayPublish, mayRead, parseTopic } from '../wire/topics.js'
import { boundPayload, type Incoming } from './incoming.js'

export interface EmbeddedBrokerOptions {
  readonly host: string
  readonly port: number
  readonly orNextFree: boolean
  /** By user name: a device id, or `*` for one that may speak for all; null: nobody is asked. */
  readonly passwords: Readonly<Record<string, string>> | null
  readonly key?: string
  readonly cert?: string
  readonly now: () => number
  /** Calls back once the message stands in the journal; only then is it acknowledged. */
  readonly take: (message: Incoming, settled: () => void) => void
}

const maxPortTries = 100
const notAuthorized = 5

/**
 * MQTT 3.1.1 for devices. A message is taken in `authorizePublish`, the only hook before the PUBACK; with uneven delays
 * packets of one client overtake each other there, so what is settled waits for what came before it.
 */
export class EmbeddedBroker {
  readonly url: string
  readonly #aedes: Aedes
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(aedes: Aedes, server: Server, url: string) {
    this.#aedes = aedes
    this.#server = server
    this.url = url
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const aedes = new Aedes({ concurrency: 100, keepaliveLimit: 0 })
    guard(aedes, options)
    await aedes.listen()
    try {
      const secure = options.key !== undefined && options.cert !== undefined
      const server = secure
        ? createTlsServer({ key: options.key, cert: options.cert }, aedes.handle)
        : createTcpServer({ noDelay: true }, aedes.handle)
      const port = await listen(server, options)
      const host = options.host.includes(':') ? `[${options.host}]` : options.host
      return new EmbeddedBroker(aedes, server, `${secure ? 'mqtts' : 'mqtt'}://${host}:${port}`)
    } catch (error) {
      // Its timers would keep the process.
      await new Promise<void>(resolve => aedes.close(() => resolve()))
      throw error
    }
  }

  get clients(): number {
    return this.#aedes.connectedClients
  }

  publish(topic: string, payload: Uint8Array, retain: boolean): void {
    const packet = { cmd: 'publish' as const, topic, payload: Buffer.from(payload), qos: 1 as const, retain, dup: false }
    this.#aedes.publish(packet, () => {})
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    await new Promise<void>(resolve => this.#aedes.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

function guard(aedes: Aedes, options: EmbeddedBrokerOptions): void {
  const users = new WeakMap<Client, string>()
  const queues = new WeakMap<Client, { done: (() => void) | null; settled: boolean }[]>()
  const { passwords } = options
  aedes.authenticate = (client, username, password, done) => {
    if (passwords === null) return done(null, true)
    const known = username !== undefined && Object.hasOwn(passwords, username) && passwords[username] === password?.toString()
    if (known) {
      users.set(client, username)
      return done(null, true)
    }
    const refusal: AuthenticateError = Object.assign(new Error('user name or password is not accepted'), { returnCode: notAuthorized })
    return done(refusal, false)
  }
  const userOf = (client: Client | null) => (client === null || passwords === null ? '*' : (users.get(client) ?? ''))
  aedes.authorizeSubscribe = (client, subscription, done) => {
    const user = userOf(client)
    done(null, user === '*' || mayRead(user, subscription.topic) ? subscription : null)
  }
  aedes.authorizePublish = (client, packet, done) => {
    const topic = parseTopic(packet.topic)
    const user = userOf(client)
    if (topic === null || topic.kind === 'hw' || topic.kind === 'cmd' || !(user === '*' || mayPublish(user, packet.topic))) {
      return done(new Error(`publishing to ${packet.topic} is not permitted`))
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    // An empty retained message takes a retained one back; it says nothing of a patient.
    if (payload.length === 0) return done(null)
    const { tenant, device, kind, stream } = topic
    const message: Incoming = { tenant, device, topic: kind, stream, payload: boundPayload(payload), at: options.now() }
    // Retained are birth and state; the broker's memory keeps nothing else, and nothing that nobody could read.
    packet.retain &&= (kind === 'birth' || kind === 'state') && message.payload === payload
    if (client === null) return options.take(message, () => done(null))
    let queue = queues.get(client)
    if (queue === undefined) queues.set(client, (queue = []))
    const entry = { done: () => done(null), settled: false }
    queue.push(entry)
    options.take(message, () => {
      entry.settled = true
      while (queue[0]?.settled === true) queue.shift()!.done?.()
    })
  }
}

async function listen(server: Server, options: EmbeddedBrokerOptions): Promise<number> {
  for (let port = options.port; ; port++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, options.host, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return (server.address() as AddressInfo).port
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
      const taken = code === 'EADDRINUSE'
      if (taken && options.orNextFree && port < options.port + maxPortTries) continue
      const why = taken ? 'is taken' : code === 'EACCES' ? 'is not permitted' : `cannot be used (${code})`
      throw new VitalwireError(
        'network-port',
        `broker.port ${port} on ${options.host} ${why}; accepted: a free port, or null for the next free one`,
        { cause },
      )
    }
  }
}
