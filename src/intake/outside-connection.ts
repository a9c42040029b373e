import { VitalwireError } from '../errors.js'
import { parseTopic } from '../wire/topics.js'
import { boundPayload, type Incoming } from './incoming.js'
import { MqttSession } from './mqtt-session.js'

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

/** A connection to a broker of somebody else, with a persistent session. */
export class OutsideConnection {
  readonly #session: MqttSession
  readonly #options: OutsideConnectionOptions
  readonly #devices = new Map<string, { tenant: string; device: string }>()
  /** Those whose SUBACK has not come: asked for again at the next connect. */
  readonly #pending = new Set<string>()
  #births = false
  #birthsPending = false
  /** Whoever waits for the first connection. */
  #waiting: { connected: () => void; refused: () => void } | null = null
  #problem = 'no answer'

  constructor(options: OutsideConnectionOptions) {
    this.#options = options
    this.#session = new MqttSession({
      ...options.address,
      clientId: options.clientId,
      clean: false,
      onMessage: (name, payload, kept) => this.#take(name, payload, kept),
      onConnect: sessionPresent => {
        this.#waiting?.connected()
        options.onState(true, 'connected')
        this.#subscribeAgain(sessionPresent).catch((error: Error) => options.onState(this.connected, error.message))
      },
      onClose: reason => {
        this.#problem = reason
        options.onState(false, reason)
      },
      onRefused: reason => {
        this.#problem = reason
        this.#waiting?.refused()
      },
    })
  }

  get connected(): boolean {
    return this.#session.connected
  }

  /** Resolves once connected; throws `network-broker` when nothing has come of it in time or the broker refuses. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.connected) return
    const { url } = this.#options.address
    try {
      await new Promise<void>((resolve, reject) => {
        const refused = () =>
          reject(new VitalwireError('network-broker', `${url}: ${this.#problem}; accepted is an MQTT broker that lets this client in`))
        const timer = setTimeout(refused, timeoutMs)
        this.#waiting = {
          connected: () => {
            clearTimeout(timer)
            resolve()
          },
          refused: () => {
            clearTimeout(timer)
            refused()
          },
        }
      })
    } finally {
      this.#waiting = null
    }
  }

  /** All births, of all devices. */
  async subscribeBirths(): Promise<void> {
    this.#births = true
    this.#birthsPending = true
    await this.#session.subscribe(['vw/1/+/+/birth'])
    this.#birthsPending = false
  }

  /** Resolves with the broker's SUBACK; without a connection at once, and the next one subscribes. */
  async subscribe(devices: readonly { tenant: string; device: string }[]): Promise<void> {
    for (const entry of devices) {
      this.#devices.set(entry.device, entry)
      this.#pending.add(entry.device)
    }
    // Twice would bring every retained birth twice, and each makes the engine ask for all that is missing.
    if (!this.connected) return
    for (let k = 0; k < devices.length; k += 20) {
      const some = devices.slice(k, k + 20)
      await this.#session.subscribe(some.flatMap(filtersOf))
      for (const { device } of some) this.#pending.delete(device)
    }
  }

  async unsubscribe(devices: readonly { tenant: string; device: string }[]): Promise<void> {
    for (const { device } of devices) {
      this.#devices.delete(device)
      this.#pending.delete(device)
    }
    const filters = devices.flatMap(filtersOf)
    for (let k = 0; k < filters.length; k += 100) await this.#session.unsubscribe(filters.slice(k, k + 100))
  }

  publish(topic: string, payload: Uint8Array, retain: boolean): void {
    this.#session.publish(topic, payload, retain)
  }

  async stop(): Promise<void> {
    await this.#session.end()
  }

  #take(name: string, payload: Uint8Array, kept: () => void): void {
    const topic = parseTopic(name)
    if (topic === null || topic.kind === 'hw' || topic.kind === 'cmd' || payload.length === 0) {
      kept()
      return
    }
    const { tenant, device, kind, stream } = topic
    const { take, now } = this.#options
    take({ tenant, device, topic: kind, stream, payload: boundPayload(payload), at: now() }, kept)
  }

  /** A broker that lost its state has lost the subscriptions too; one that kept it lacks those that were not confirmed. */
  async #subscribeAgain(sessionPresent: boolean): Promise<void> {
    if (sessionPresent ? this.#birthsPending : this.#births) await this.subscribeBirths()
    const devices = [...this.#devices.values()].filter(({ device }) => !sessionPresent || this.#pending.has(device))
    if (devices.length > 0) await this.subscribe(devices)
  }
}

/** Ends what the broker keeps for a client id that is not used any more: a clean session takes its place and ends. */
export async function forgetSession(address: OutsideAddress, clientId: string): Promise<void> {
  let session: MqttSession | null = null
  await new Promise<void>((resolve, reject) => {
    const failed = (reason: string) => reject(new VitalwireError('network-broker', `${address.url}: ${reason}`))
    session = new MqttSession({
      ...address,
      clientId,
      clean: true,
      onMessage: (_topic, _payload, kept) => kept(),
      onConnect: () => resolve(),
      onClose: failed,
      onRefused: failed,
    })
  }).finally(() => session?.end())
}

function filtersOf({ tenant, device }: { tenant: string; device: string }): string[] {
  return upFilters.map(filter => `vw/1/${tenant}/${device}/${filter}`)
}
