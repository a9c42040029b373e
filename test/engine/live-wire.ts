import mqtt, { type MqttClient } from 'mqtt'
import { encodeBirth } from '../../src/wire/birth.js'
import { type Command, decodeCommand, decodeHighWater } from '../../src/wire/commands.js'
import { birthOf, chunkOf } from '../wire/sample-device.js'
import { until } from './engine-run.js'

/** Samples of a chunk: 200 ms at 250 Hz. */
export const chunkSamples = 50
export const chunkMs = 200

/**
 * A live device on a bare MQTT client: one ECG stream, QoS 1, answers `resend` and `rebirth`, and never connects a second
 * time.
 */
export class LiveWire {
  readonly commands: Command[] = []
  /** Next seq that the engine says it wants; null before the first `hw`. */
  water: number | null = null
  links = 0
  sent = 0
  readonly device: string
  readonly #client: MqttClient

  private constructor(client: MqttClient, device: string) {
    this.#client = client
    this.device = device
  }

  static async connect(url: string, device: string): Promise<LiveWire> {
    const client = await mqtt.connectAsync(url, { clientId: device, clean: true, reconnectPeriod: 0 })
    const wire = new LiveWire(client, device)
    wire.links += 1
    client.on('message', (topic, payload) => void wire.#hear(topic, payload))
    await client.subscribeAsync([`vw/1/default/${device}/hw`, `vw/1/default/${device}/cmd`], { qos: 1 })
    return wire
  }

  get linked(): boolean {
    return this.#client.connected
  }

  async birth(): Promise<void> {
    await this.#say('birth', encodeBirth(birthOf()), true)
  }

  /** The next `count` chunks, at once. */
  async send(count: number): Promise<void> {
    const from = this.sent
    this.sent += count
    await this.again(from, this.sent - 1)
  }

  /** Chunks that were sent, once more. */
  async again(from: number, to: number): Promise<void> {
    for (let seq = from; seq <= to; seq++) {
      await this.#say('w/ecg', chunkOf(seq, { n: chunkSamples, index: seq * chunkSamples, t0: seq * chunkMs * 1000 }), false)
    }
  }

  /** Keeps sending in its own time until it is told to stop; resolves with the last acknowledgement. */
  stream(): { stop: () => Promise<void> } {
    const begun = performance.now() - this.sent * chunkMs
    const sending: Promise<void>[] = []
    const timer = setInterval(() => {
      while (begun + this.sent * chunkMs <= performance.now()) sending.push(this.send(1))
    }, 20)
    const stop = async () => {
      clearInterval(timer)
      await Promise.all(sending)
    }
    return { stop }
  }

  async heard(): Promise<void> {
    await until('the high-water mark', () => this.water !== null, 40)
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true)
  }

  async #hear(topic: string, payload: Uint8Array): Promise<void> {
    if (topic.endsWith('/hw')) {
      const water = decodeHighWater(payload)
      if (water !== null) this.water = water.streams.ecg?.seq ?? 0
      return
    }
    const command = decodeCommand(payload)
    if (command === null) return
    this.commands.push(command)
    if (command.cmd === 'rebirth') await this.birth()
    if (command.cmd === 'resend' && command.stream === 'ecg') await this.again(command.from, Math.min(command.to, this.sent - 1))
  }

  async #say(what: string, payload: Uint8Array, retain: boolean): Promise<void> {
    await this.#client.publishAsync(`vw/1/default/${this.device}/${what}`, Buffer.from(payload), { qos: 1, retain })
  }
}
