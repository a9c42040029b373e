import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'
import { parseTopic } from '../../src/wire/topics.js'
import { monotonicMicros } from './clock.js'
import { deviceNumber } from './packets.js'

interface FinalMark {
  readonly eventHash: string
  readonly eventCount: number
}

/** Reads the high-water marks of all load devices, as each device would its own. */
export class HighWaterWatch {
  readonly seen = new Set<number>()
  readonly finals = new Map<number, FinalMark>()
  /** Monotonic microseconds of the last final mark. */
  lastFinal = 0
  readonly #socket: Socket
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async open(port: number): Promise<HighWaterWatch> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    const watch = new HighWaterWatch(socket)
    const reader = parser({ protocolVersion: 4 })
    const subscribed = new Promise<void>(resolve => {
      reader.on('packet', (packet: Packet) => {
        if (packet.cmd === 'suback') resolve()
        if (packet.cmd === 'publish') watch.#take(packet.topic, packet.payload as Buffer)
      })
    })
    socket.on('data', bytes => reader.parse(bytes))
    socket.write(generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'bench-marks', clean: true, keepalive: 0 }))
    socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'vw/1/+/+/hw', qos: 0 }] }))
    await subscribed
    return watch
  }

  /** Waits until so many devices have a mark, or a final one; throws after `timeoutMs`. */
  async until(what: 'seen' | 'finals', count: number, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (this[what].size < count) {
      const left = deadline - Date.now()
      if (left <= 0)
        throw new Error(`${this[what].size} of ${count} devices have their ${what === 'seen' ? 'first' : 'final'} high-water mark`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, Math.min(left, 1000))
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  close(): void {
    this.#socket.end(generate({ cmd: 'disconnect' }))
  }

  #take(topic: string, payload: Buffer): void {
    const device = deviceNumber(parseTopic(topic)?.device ?? '')
    if (device === null) return
    this.seen.add(device)
    const mark = JSON.parse(payload.toString()) as { final?: boolean } & Partial<FinalMark>
    if (mark.final === true && !this.finals.has(device)) {
      this.finals.set(device, { eventHash: mark.eventHash ?? '', eventCount: mark.eventCount ?? -1 })
      this.lastFinal = monotonicMicros()
    }
    this.#wake()
  }
}
