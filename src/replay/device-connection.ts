import mqtt, { type MqttClient } from 'mqtt'
import { encodeState } from '../wire/state.js'
import { buildTopic, type Topic } from '../wire/topics.js'
import type { BrokerOptions } from './broker-options.js'

/** The link broke while it was needed; whoever sends reconnects and asks for the high-water mark. */
export class ConnectionLost extends Error {}

/** The run was ended from outside. */
export class Stopped extends Error {}

/** Messages on the way to the broker at most: without PUBACK nothing more is handed over. */
const window = 64
/** So long a device that leaves waits for what is on its way. */
const farewellMs = 2000

/**
 * One MQTT 3.1.1 connection of one device, from CONNECT to the end; a reconnect makes a new one. The client's own
 * reconnecting is off, because it would send what was in flight before the birth (B1) and without the high-water mark (W7).
 */
export class DeviceConnection {
  readonly #client: MqttClient
  readonly #tenant: string
  readonly #device: string
  readonly #signal: AbortSignal
  readonly #stop = () => this.#wake()
  #inFlight = 0
  #alive = true
  #waiters: (() => void)[] = []

  /**
   * Rejects with the broker's or the network's error. `boot` is for the will, which says `lost`. Once the signal aborts,
   * whatever waits ends with `Stopped`; only `leave` still speaks.
   */
  static async open(
    broker: BrokerOptions,
    device: string,
    boot: number,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<DeviceConnection> {
    const tenant = broker.tenant ?? 'default'
    const username = broker.username ?? (broker.password === undefined ? undefined : device)
    const client = mqtt.connect(broker.url, {
      protocolVersion: 4,
      clientId: device,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: timeoutMs,
      keepalive: 20,
      ...(username === undefined ? {} : { username }),
      ...(broker.password === undefined ? {} : { password: broker.password }),
      ...(broker.ca === undefined ? {} : { ca: broker.ca }),
      ...(broker.cert === undefined ? {} : { cert: broker.cert }),
      ...(broker.key === undefined ? {} : { key: broker.key }),
      will: {
        topic: buildTopic({ tenant, device, kind: 'state', stream: '' }),
        payload: Buffer.from(encodeState({ state: 'lost', boot })),
        qos: 1,
        retain: true,
      },
    })
    return new Promise((resolve, reject) => {
      let reason: Error = new Error(`no answer within ${timeoutMs / 1000} s`)
      const fail = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        client.end(true)
        reject(reason)
      }
      const stop = () => {
        reason = new Stopped()
        fail()
      }
      const timer = setTimeout(fail, timeoutMs)
      signal.addEventListener('abort', stop, { once: true })
      client.on('error', error => {
        reason = error
      })
      client.once('close', fail)
      client.once('connect', () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        client.removeListener('close', fail)
        resolve(new DeviceConnection(client, tenant, device, signal))
      })
    })
  }

  private constructor(client: MqttClient, tenant: string, device: string, signal: AbortSignal) {
    this.#client = client
    this.#tenant = tenant
    this.#device = device
    this.#signal = signal
    signal.addEventListener('abort', this.#stop, { once: true })
    client.once('close', () => this.#die())
    client.on('error', () => this.#die())
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Everything that comes on `hw` and `cmd`. Resolves with the broker's SUBACK. */
  async listen(receive: (kind: 'hw' | 'cmd', payload: Uint8Array) => void): Promise<void> {
    const hw = this.#topic('hw', '')
    const cmd = this.#topic('cmd', '')
    this.#client.on('message', (topic, payload) => {
      if (topic === hw) receive('hw', payload)
      else if (topic === cmd) receive('cmd', payload)
    })
    await this.#orLost(done => this.#client.subscribe([hw, cmd], { qos: 1 }, error => done(error ?? undefined)))
  }

  /** Hands a message over as soon as the window has room; it is not acknowledged by then. */
  async publish(kind: Topic['kind'], stream: string, payload: Uint8Array, retain: boolean): Promise<void> {
    await this.#while(() => this.#inFlight >= window)
    this.#hand(kind, stream, payload, retain)
  }

  #hand(kind: Topic['kind'], stream: string, payload: Uint8Array, retain: boolean): void {
    this.#inFlight++
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    this.#client.publish(this.#topic(kind, stream), bytes, { qos: 1, retain }, error => {
      this.#inFlight--
      if (error) this.#die()
      else this.#wake()
    })
  }

  /** Until the broker has acknowledged everything that was handed over. */
  async drained(): Promise<void> {
    await this.#while(() => this.#inFlight > 0)
  }

  /** Cuts the link without a word, as a device does that lost power or left the building; the broker sends the will. */
  kill(): void {
    this.#client.stream.destroy()
    this.#die()
  }

  /** A last word and a clean DISCONNECT: no will. A broker that acknowledges nothing is not waited for longer than a moment. */
  async leave(lastState: Uint8Array): Promise<void> {
    if (this.#alive) {
      this.#hand('state', '', lastState, true)
      const deadline = performance.now() + farewellMs
      const timer = setTimeout(() => this.#wake(), farewellMs + 1)
      while (this.#alive && this.#inFlight > 0 && performance.now() < deadline) await this.#change()
      clearTimeout(timer)
    }
    if (this.#alive) {
      await new Promise<void>(resolve => {
        // The client waits for acknowledgements first, which a broker in trouble never gives.
        setTimeout(resolve, 1000).unref()
        this.#client.end(false, {}, () => resolve())
      })
    }
    this.#die()
  }

  /** Waits as long as this holds. */
  async #while(holds: () => boolean): Promise<void> {
    while (this.#alive && !this.#signal.aborted && holds()) await this.#change()
    if (this.#signal.aborted) throw new Stopped()
    if (!this.#alive) throw new ConnectionLost(`link of ${this.#device}`)
  }

  /** Until something happened: an acknowledgement, the end of the link or of the run. */
  #change(): Promise<void> {
    return new Promise(resolve => {
      if (this.#alive) this.#waiters.push(resolve)
      else resolve()
    })
  }

  #topic(kind: Topic['kind'], stream: string): string {
    return buildTopic({ tenant: this.#tenant, device: this.#device, kind, stream })
  }

  async #orLost(start: (done: (error?: Error) => void) => void): Promise<void> {
    const answer: { came?: Error | 'done' } = {}
    start(error => {
      answer.came = error ?? 'done'
      this.#wake()
    })
    await this.#while(() => answer.came === undefined)
    if (answer.came !== 'done') throw new ConnectionLost(`link of ${this.#device}`)
  }

  #die(): void {
    if (!this.#alive) return
    this.#alive = false
    this.#signal.removeEventListener('abort', this.#stop)
    this.#client.end(true)
    this.#wake()
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}
