import mqtt, { type MqttClient } from 'mqtt'
import type { DeviceMessage, VirtualDevice } from '../../src/device/virtual-device.js'
import { decodeCommand, decodeHighWater } from '../../src/wire/commands.js'
import { encodeState } from '../../src/wire/state.js'
import { buildTopic, type UpTopic } from '../../src/wire/topics.js'
import type { OfferingDevice } from './devices.js'
import type { DeviceHistory } from './history.js'
import { sleep } from './sleep.js'

/** Messages without PUBACK at most. */
const window = 32
/** W7: so long a device waits for `hw` after a reconnect. */
const highWaterMs = 5000
/** Without a move of `hw` for so long it asks (by its birth), and then sends again what is not covered. */
const stallMs = 1500

export interface DeviceOptions {
  readonly url: string
  /** Times real time. */
  readonly speed: number
  /** Part of its life, 0 to 1, that it may send by now. */
  readonly share: () => number
}

/**
 * A device that does what the wire protocol asks of one, and no more: QoS 1, birth before data, keeps everything until
 * `hw` covers it, sends from `hw` on after every reconnect, answers `resend` and `rebirth`. It remembers all it was told.
 */
export class FaultDevice {
  readonly #virtual: VirtualDevice
  readonly #recorded: boolean
  readonly #url: string
  readonly #speed: number
  readonly #share: () => number
  readonly #messages: readonly DeviceMessage[]
  readonly #bySeq = new Map<string, DeviceMessage[]>()
  readonly #acknowledged = new Map<string, number>()
  readonly #regressions: string[] = []
  readonly #sent = new Map<string, number>()
  #final: DeviceHistory['final'] = null
  #heard = 0
  #movedAt = 0
  #stopped = false
  links = 0

  constructor({ virtual, messages }: OfferingDevice, options: DeviceOptions) {
    this.#virtual = virtual
    this.#recorded = virtual.clock === 'recorded'
    this.#url = options.url
    this.#speed = options.speed
    this.#share = options.share
    this.#messages = messages
    for (const message of messages) {
      const list = this.#bySeq.get(message.stream) ?? []
      list[message.seq] = message
      this.#bySeq.set(message.stream, list)
    }
  }

  /** Everything is covered by `hw`, and a recorded session is closed. */
  get done(): boolean {
    if (this.#recorded && this.#final === null) return false
    for (const [stream, list] of this.#bySeq) if ((this.#acknowledged.get(stream) ?? 0) < list.length) return false
    return true
  }

  /** What is still missing, for people. */
  get missing(): string {
    const behind = [...this.#bySeq].filter(([stream, list]) => (this.#acknowledged.get(stream) ?? 0) < list.length)
    const places = behind.map(([stream, list]) => `${stream} ${this.#acknowledged.get(stream) ?? 0} of ${list.length}`)
    return `${this.#virtual.device}: ${places.join(', ')}${this.#recorded && this.#final === null ? '; no final hw' : ''}; heard ${this.#heard} hw over ${this.links} links`
  }

  history(): DeviceHistory {
    return {
      device: this.#virtual.device,
      recorded: this.#recorded,
      session: `${this.#virtual.record}-${this.#virtual.boot}`,
      offered: this.#messages,
      acknowledged: this.#acknowledged,
      regressions: this.#regressions,
      final: this.#final,
    }
  }

  stop(): void {
    this.#stopped = true
  }

  /** Connects, sends and comes back until everything is kept, or it is stopped. */
  async play(): Promise<void> {
    const begun = performance.now()
    while (!this.#stopped && !this.done) {
      try {
        await this.#link(begun)
      } catch {
        await sleep(100)
      }
    }
  }

  /** One connection from CONNECT to its end; rejects when it breaks. */
  async #link(begun: number): Promise<void> {
    const client = await this.#connect()
    this.links++
    let alive = true
    client.on('close', () => {
      alive = false
    })
    client.on('error', () => {
      alive = false
    })
    const check = () => {
      if (!alive || this.#stopped) throw new Error('the link is gone')
    }
    try {
      const heard = this.#heard
      const flying = { count: 0 }
      const say = async (kind: UpTopic, stream: string, payload: Uint8Array, retain: boolean) => {
        while (flying.count >= window) {
          check()
          await sleep(5)
        }
        check()
        flying.count++
        client.publish(this.#topic(kind, stream), Buffer.from(payload), { qos: 1, retain }, error => {
          flying.count--
          if (error) alive = false
        })
      }
      client.on('message', (topic, payload) => this.#hear(topic, payload, say))
      await client.subscribeAsync([this.#topic('hw', ''), this.#topic('cmd', '')], { qos: 1 })
      const birth = () => say('birth', '', this.#virtual.birth(), true)
      await birth()
      await say('state', '', encodeState({ state: 'ready', boot: this.#virtual.boot }), true)
      await this.#until(check, highWaterMs, () => this.#heard > heard)
      while (!this.done) {
        await this.#send(begun, check, say)
        this.#movedAt = performance.now()
        await this.#until(check, 60_000, () => this.done || performance.now() - this.#movedAt > stallMs)
        if (this.done) break
        const asked = this.#heard
        await birth()
        await this.#until(check, highWaterMs, () => this.#heard > asked)
      }
      await say('state', '', encodeState({ state: 'disconnected', boot: this.#virtual.boot }), true)
      await this.#until(check, 1000, () => flying.count === 0)
    } finally {
      client.end(true)
    }
  }

  /** Everything that `hw` does not cover, in order, each when it is due. */
  async #send(
    begun: number,
    check: () => void,
    say: (kind: UpTopic, stream: string, payload: Uint8Array, retain: boolean) => Promise<void>,
  ) {
    const duration = this.#messages.at(-1)?.time ?? 0
    for (const message of this.#messages) {
      const { topic, stream, seq, payload, time } = message
      if (seq < (this.#acknowledged.get(stream) ?? 0)) continue
      for (;;) {
        const wait = begun + (time * 1000) / this.#speed - performance.now()
        if (wait <= 0 && time <= this.#share() * duration) break
        await sleep(wait <= 0 ? 20 : Math.min(wait, 50))
        check()
      }
      await say(topic, topic === 'w' ? stream : '', payload, false)
      this.#sent.set(stream, Math.max(this.#sent.get(stream) ?? 0, seq + 1))
    }
  }

  #hear(
    topic: string,
    payload: Uint8Array,
    say: (kind: UpTopic, stream: string, payload: Uint8Array, retain: boolean) => Promise<void>,
  ): void {
    if (topic === this.#topic('hw', '')) {
      this.#takeHighWater(payload)
      return
    }
    const command = decodeCommand(payload)
    const answer = async () => {
      if (command?.cmd === 'rebirth') await say('birth', '', this.#virtual.birth(), true)
      if (command?.cmd !== 'resend') return
      const { stream, from, to } = command
      for (let seq = from; seq <= Math.min(to, (this.#sent.get(stream) ?? 0) - 1); seq++) {
        const message = this.#bySeq.get(stream)?.[seq]
        if (message !== undefined) await say(message.topic, message.topic === 'w' ? stream : '', message.payload, false)
      }
    }
    // A link that breaks ends the answer; the reconnect sends from `hw` on.
    answer().catch(() => {})
  }

  #takeHighWater(payload: Uint8Array): void {
    const water = decodeHighWater(payload)
    if (water === null || water.boot !== this.#virtual.boot) return
    this.#heard++
    for (const [stream, { seq }] of Object.entries(water.streams)) {
      const before = this.#acknowledged.get(stream) ?? 0
      if (seq > before) {
        this.#acknowledged.set(stream, seq)
        this.#movedAt = performance.now()
      }
      // A broker that lost its memory may give an old retained one again; one of the engine after it must not be lower.
      if (seq < before) this.#regressions.push(`${stream} ${before} to ${seq}`)
    }
    if (water.final === true) this.#final ??= { eventHash: water.eventHash ?? null, eventCount: water.eventCount ?? null }
  }

  async #connect(): Promise<MqttClient> {
    return mqtt.connectAsync(
      this.#url,
      {
        clientId: this.#virtual.device,
        clean: true,
        reconnectPeriod: 0,
        connectTimeout: 1500,
        keepalive: 2,
        will: {
          topic: this.#topic('state', ''),
          payload: Buffer.from(encodeState({ state: 'lost', boot: this.#virtual.boot })),
          qos: 1,
          retain: true,
        },
      },
      false,
    )
  }

  async #until(check: () => void, ms: number, met: () => boolean): Promise<void> {
    const deadline = performance.now() + ms
    for (check(); !met() && performance.now() < deadline; check()) await sleep(10)
  }

  #topic(kind: UpTopic | 'hw' | 'cmd', stream: string): string {
    return buildTopic({ tenant: 'default', device: this.#virtual.device, kind, stream })
  }
}
