import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate } from 'mqtt-packet'
import { monotonicMicros } from './clock.js'
import type { PublishTemplate } from './packets.js'

const connackType = 0x20
const pubackType = 0x40
const batchBytes = 64 * 1024

/** One TCP connection of the load generator: sends stamped packets in batches and takes the time to each PUBACK. */
export class LoadConnection {
  readonly #socket: Socket
  readonly #sentAt = new Float64Array(65_536)
  readonly #batch = Buffer.alloc(batchBytes)
  readonly #onAck: (latencyMicros: number) => void
  #batched = 0
  #nextId = 1
  #rest: Buffer = Buffer.alloc(0)
  #accepted: (() => void) | null = null
  inFlight = 0

  private constructor(socket: Socket, onAck: (latencyMicros: number) => void) {
    this.#socket = socket
    this.#onAck = onAck
    socket.on('data', bytes => this.#read(bytes))
  }

  static async open(port: number, clientId: string, onAck: (latencyMicros: number) => void): Promise<LoadConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    const connection = new LoadConnection(socket, onAck)
    const accepted = new Promise<void>(resolve => {
      connection.#accepted = resolve
    })
    socket.write(generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean: true, keepalive: 0 }))
    await accepted
    return connection
  }

  /** Puts a packet into the batch; returns when it was sent (microseconds). Call `flush` when the turn is over. */
  send(packet: PublishTemplate, device: number): number {
    if (this.#batched + packet.length > batchBytes) this.flush()
    const id = this.#nextId
    this.#nextId = id === 65_535 ? 1 : id + 1
    this.#batched = packet.stamp(this.#batch, this.#batched, device, id)
    const now = monotonicMicros()
    this.#sentAt[id] = now
    this.inFlight++
    return now
  }

  flush(): void {
    if (this.#batched === 0) return
    this.#socket.write(Buffer.from(this.#batch.subarray(0, this.#batched)))
    this.#batched = 0
  }

  end(): void {
    this.#socket.end(generate({ cmd: 'disconnect' }))
  }

  /** Only CONNACK and PUBACK can come, both four bytes; anything else ends the run. */
  #read(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const now = monotonicMicros()
    let at = 0
    for (; at + 4 <= all.length; at += 4) {
      if (all[at] === pubackType && all[at + 1] === 2) {
        const id = all.readUInt16BE(at + 2)
        this.inFlight--
        this.#onAck(now - this.#sentAt[id]!)
      } else if (all[at] === connackType && all[at + 3] === 0) this.#accepted?.()
      else throw new Error(`the broker sent packet type ${all[at]} where a PUBACK was awaited`)
    }
    this.#rest = all.subarray(at)
  }
}
