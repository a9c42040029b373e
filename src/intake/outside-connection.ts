import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { VitalwireError } from '../errors.js'
import { parseTopic } from '../wire/topics.js'
import { boundPayload, type Incoming } from './incoming.js'

export interface OutsideAddress {
  readonly url: string
  readonly user?: string
  readonly password?: string
  /** PEM of the authority that signed the broker's certificate. */
  readonly ca?: string
}

export interface OutsideConnectionOptions {
  readonly address: OutsideAddress
  /** Fixed: the broker keeps this connection's subscriptions and what came while it was away. */
  readonly clientId: string
  readonly now: () => number
  /** Calls back once the message stands in the journal; only then is it acknowledged and the next one given. */
  readonly take: (message: Incoming, settled: () => void) => void
  readonly onState: (connected: boolean, reason: string) => void
}

/** How long a broker may be out of reach at the start; later it is waited for without end. */
export const startPatienceMs = 5000

const upFilters = ['birth', 'state', 'w/+', 'n', 'e']

/** A connection to a broker of somebody else, with a persistent session. It takes one message at a time. */
export class OutsideConnection {
  readonly #client: MqttClient
  readonly #options: OutsideConnectionOptions
  readonly #devices = new Map<string, { tenant: string; device: string }>()
  /** Those whose SUBACK has not come: asked for again at the next connect. */
  readonly #pending = new Set<string>()
  #births = false
  #birthsPending = false

  constructor(options: OutsideConnectionOptions) {
    this.#options = options
    this.#client = mqtt.connect(options.address.url, clientOptions(options.address, options.clientId, false))
    this.#client.handleMessage = (packet, settled) => {
      const topic = parseTopic(packet.topic)
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
      if (topic === null || topic.kind === 'hw' || topic.kind === 'cmd' || payload.length === 0) return settled()
      const { tenant, device, kind, stream } = topic
      options.take({ tenant, device, topic: kind, stream, payload: boundPayload(payload), at: options.now() }, () => settled())
    }
    this.#client.on('connect', packet => {
      options.onState(true, 'connected')
      this.#subscribeAgain(packet.sessionPresent).catch((error: Error) => options.onState(false, error.message))
    })
    this.#client.on('close', () => options.onState(false, 'connection closed'))
    this.#client.on('error', error => options.onState(false, error.message))
  }

  get connected(): boolean {
    return this.#client.connected
  }

  /** Resolves once connected; throws `network-broker` when the first attempts fail or the broker refuses. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.#client.connected) return
    await new Promise<void>((resolve, reject) => {
      let problem = 'no answer'
      const fail = () => {
        clearTimeout(timer)
        reject(
          new VitalwireError(
            'network-broker',
            `${this.#options.address.url}: ${problem}; accepted is an MQTT broker that lets this client in`,
          ),
        )
      }
      const timer = setTimeout(fail, timeoutMs)
      this.#client.on('error', error => {
        problem = error.message || (error as NodeJS.ErrnoException).code || problem
        // The broker has answered, and the answer is no.
        if ('code' in error && typeof error.code === 'number') fail()
      })
      this.#client.once('connect', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** All births, of all devices. */
  async subscribeBirths(): Promise<void> {
    this.#births = true
    this.#birthsPending = true
    await this.#client.subscribeAsync('vw/1/+/+/birth', { qos: 1 })
    this.#birthsPending = false
  }

  /** Resolves with the broker's SUBACK; without a connection at once, and the next one subscribes. */
  async subscribe(devices: readonly { tenant: string; device: string }[]): Promise<void> {
    for (const entry of devices) {
      this.#devices.set(entry.device, entry)
      this.#pending.add(entry.device)
    }
    // Twice would bring every retained birth twice, and each makes the engine ask for all that is missing.
    if (!this.#client.connected) return
    for (let k = 0; k < devices.length; k += 20) {
      const some = devices.slice(k, k + 20)
      await this.#client.subscribeAsync(some.flatMap(filtersOf), { qos: 1 })
      for (const { device } of some) this.#pending.delete(device)
    }
  }

  async unsubscribe(devices: readonly { tenant: string; device: string }[]): Promise<void> {
    for (const { device } of devices) {
      this.#devices.delete(device)
      this.#pending.delete(device)
    }
    const filters = devices.flatMap(filtersOf)
    for (let k = 0; k < filters.length; k += 100) await this.#client.unsubscribeAsync(filters.slice(k, k + 100))
  }

  publish(topic: string, payload: Uint8Array, retain: boolean): void {
    this.#client.publish(topic, Buffer.from(payload), { qos: 1, retain })
  }

  async stop(): Promise<void> {
    this.#client.removeAllListeners('close')
    await this.#client.endAsync(!this.#client.connected)
  }

  /** A broker that lost its state has lost the subscriptions too; one that kept it lacks those that were not confirmed. */
  async #subscribeAgain(sessionPresent: boolean): Promise<void> {
    if (sessionPresent ? this.#birthsPending : this.#births) await this.subscribeBirths()
    const devices = [...this.#devices.values()].filter(({ device }) => !sessionPresent || this.#pending.has(device))
    if (devices.length > 0) await this.subscribe(devices)
  }
}

/** Ends what the broker keeps for a client id that is not used any more. */
export async function forgetSession(address: OutsideAddress, clientId: string): Promise<void> {
  const client = await mqtt.connectAsync(address.url, clientOptions(address, clientId, true))
  await client.endAsync()
}

function filtersOf({ tenant, device }: { tenant: string; device: string }): string[] {
  return upFilters.map(filter => `vw/1/${tenant}/${device}/${filter}`)
}

function clientOptions(address: OutsideAddress, clientId: string, clean: boolean): IClientOptions {
  return {
    clientId,
    clean,
    keepalive: 30,
    reconnectPeriod: 1000,
    connectTimeout: 10_000,
    resubscribe: false,
    ...(address.user === undefined ? {} : { username: address.user }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.ca === undefined ? {} : { ca: address.ca }),
  }
}
