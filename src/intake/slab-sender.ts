import { packSlab, type Routed, type Slab, slabMessages } from './incoming.js'

/** Slabs that may be on their way to one worker; with their size this bounds the memory in flight. */
const credits = 4

interface Waiting extends Routed {
  readonly settled: () => void
}

/**
 * Hands messages to one worker in slabs of up to 64, at most four at once. A slab comes back when its messages stand in
 * the journal: then each is settled, in order. While a worker cannot journal, nothing comes back, and whoever offers
 * waits.
 */
export class SlabSender {
  readonly #send: (id: number, slab: Slab) => void
  #queue: Waiting[] = []
  #flying = new Map<number, Waiting[]>()
  #nextId = 1
  #scheduled = false
  #paused = true

  constructor(send: (id: number, slab: Slab) => void) {
    this.#send = send
  }

  /** `settled` is called once the message is journaled. */
  offer(routed: Routed, settled: () => void): void {
    this.#queue.push({ ...routed, settled })
    if (this.#queue.length >= slabMessages) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#flush()
      })
    }
  }

  journaled(id: number): void {
    const slab = this.#flying.get(id)
    this.#flying.delete(id)
    if (slab !== undefined) for (const waiting of slab) waiting.settled()
    this.#flush()
  }

  /** The worker is gone. What it had not confirmed is sent again to the next one: doubles are dropped by seq and CRC. */
  pause(): void {
    this.#paused = true
    const flying = [...this.#flying].sort((a, b) => a[0] - b[0]).flatMap(([, slab]) => slab)
    this.#flying.clear()
    this.#queue = [...flying, ...this.#queue]
  }

  resume(): void {
    this.#paused = false
    this.#flush()
  }

  get messages(): number {
    let count = this.#queue.length
    for (const slab of this.#flying.values()) count += slab.length
    return count
  }

  /** Receive time of the oldest message that is not journaled, microseconds; null: there is none. */
  oldest(): number | null {
    for (const slab of this.#flying.values()) return slab[0]!.message.at
    return this.#queue[0]?.message.at ?? null
  }

  #flush(): void {
    while (!this.#paused && this.#queue.length > 0 && this.#flying.size < credits) {
      const messages = this.#queue.splice(0, slabMessages)
      const id = this.#nextId++
      this.#flying.set(id, messages)
      this.#send(id, packSlab(messages))
    }
  }
}
