import { createHash } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { Aedes, type AedesPublishPacket } from 'aedes'
import { decodeBirth } from '../../src/wire/birth.js'
import { encodeCommand, encodeHighWater } from '../../src/wire/commands.js'
import { DeviceReceiver } from '../../src/wire/device-receiver.js'
import type { ReceiverAction } from '../../src/wire/receiver-actions.js'
import { parseTopic, type UpTopic } from '../../src/wire/topics.js'

/** One message as it came from a device. */
export interface Heard {
  readonly device: string
  readonly topic: UpTopic
  readonly stream: string
  readonly payload: Uint8Array
}

interface DeviceEntry {
  receiver: DeviceReceiver
  /** What was made of it, as text, in order: equal logs mean equal data. */
  log: string[]
}

/**
 * The engine as far as a device sees it: a broker, the real receiver, `hw`, resend commands, a final `hw` with a hash of
 * all that was received. It can be killed, losing what came after its last save although it was acknowledged.
 */
export class SmallEngine {
  readonly heard: Heard[] = []
  port = 0
  /** Without it the engine acknowledges and says nothing, like a broker without an engine. */
  answering = true
  #broker: Aedes | null = null
  #server: Server | null = null
  #sockets = new Set<Socket>()
  #devices = new Map<string, DeviceEntry>()
  #saved: { device: string; state: unknown; log: string[] }[] = []
  #ticker: NodeJS.Timeout | null = null
  /** Without it the mark is told after a birth and at the end only. */
  ticking = true
  /** User and password that it wants; null: anybody. */
  credentials: { user: string; password: string } | null = null
  /** Without it chunks get no PUBACK, as from a broker whose disk is full. */
  acknowledging = true
  /** Called with each message before it is acknowledged. */
  onHeard: (heard: Heard) => void = () => {}

  async start(): Promise<void> {
    const broker = await Aedes.createBroker()
    broker.authorizePublish = (_client, packet, callback) => {
      this.#receive(packet as AedesPublishPacket)
      if (this.acknowledging || parseTopic(packet.topic)?.kind !== 'w') callback(null)
    }
    broker.authenticate = (_client, user, password, callback) => {
      const wanted = this.credentials
      callback(null, wanted === null || (user === wanted.user && String(password) === wanted.password))
    }
    const server = createServer(socket => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      broker.handle(socket)
    })
    await new Promise<void>(resolve => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as { port: number }).port
    this.#broker = broker
    this.#server = server
    this.#ticker = setInterval(() => {
      if (this.ticking) this.#tellAll()
    }, 30)
  }

  /** Saves the receivers; what comes later is lost in a kill. */
  save(): void {
    this.#saved = [...this.#devices].map(([device, { receiver, log }]) => ({
      device,
      state: structuredClone(receiver.save()),
      log: [...log],
    }))
  }

  /** Ends without a word to anybody, with everything since the last save. */
  async kill(): Promise<void> {
    if (this.#ticker !== null) clearInterval(this.#ticker)
    const server = this.#server
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>(resolve => (server === null ? resolve() : server.close(() => resolve())))
    await new Promise<void>(resolve => (this.#broker === null ? resolve() : this.#broker.close(() => resolve())))
    this.#broker = null
    this.#server = null
    this.#devices = new Map(
      this.#saved.map(({ device, state, log }) => {
        const receiver = new DeviceReceiver(device)
        receiver.load(structuredClone(state))
        return [device, { receiver, log: [...log] }]
      }),
    )
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  command(device: string, command: Parameters<typeof encodeCommand>[0]): void {
    this.#publish(`vw/1/default/${device}/cmd`, encodeCommand(command), false)
  }

  log(device: string): string[] {
    return this.#devices.get(device)?.log ?? []
  }

  hash(device: string): string {
    return createHash('sha256').update(this.log(device).join('\n')).digest('hex')
  }

  #receive(packet: AedesPublishPacket): void {
    const topic = parseTopic(packet.topic)
    if (topic === null || topic.kind === 'hw' || topic.kind === 'cmd') return
    const payload = Uint8Array.from(packet.payload as Buffer)
    const heard: Heard = { device: topic.device, topic: topic.kind, stream: topic.stream, payload }
    this.heard.push(heard)
    this.onHeard(heard)
    let entry = this.#devices.get(topic.device)
    if (entry === undefined) {
      entry = { receiver: new DeviceReceiver(topic.device), log: [] }
      this.#devices.set(topic.device, entry)
    }
    const { log } = entry
    entry.receiver.receive(topic.kind, topic.stream, payload, Date.now() * 1000, action => this.#note(topic.device, log, action))
    if ((topic.kind === 'birth' && 'ok' in decodeBirth(payload)) || entry.receiver.closed) this.#tell(topic.device, entry)
  }

  #note(device: string, log: string[], action: ReceiverAction): void {
    if (action.type === 'command') {
      if (this.answering) this.command(device, { id: `c${log.length}`, ...action.command })
    } else if (action.type === 'block') {
      const { index, flags, channels } = action.chunk
      const samples = channels.map(channel =>
        createHash('sha256')
          .update(Buffer.from(Float64Array.from(channel).buffer))
          .digest('hex'),
      )
      log.push(JSON.stringify([action.boot, action.stream, index, flags, action.gapBefore, samples]))
    } else if (action.type !== 'state' && !(action.type === 'birth' && action.again)) log.push(JSON.stringify(action))
  }

  #tellAll(): void {
    for (const [device, entry] of this.#devices) this.#tell(device, entry)
  }

  #tell(device: string, { receiver }: DeviceEntry): void {
    const water = receiver.highWater()
    if (water === null || !this.answering) return
    const final = receiver.closed ? { final: true, eventHash: this.hash(device), eventCount: this.log(device).length } : {}
    this.#publish(`vw/1/default/${device}/hw`, encodeHighWater({ ...water, level: 'process', ...final }), true)
  }

  #publish(topic: string, payload: Uint8Array, retain: boolean): void {
    this.#broker?.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false }, () => {})
  }
}
