import type { DeviceMessage, VirtualDevice } from '../device/virtual-device.js'
import type { HighWaterMessage } from '../wire/commands.js'
import { SentEvents } from './sent-events.js'

/** What a device remembers of one life across its connections: what it has sent and what the engine has. */
export class LifeState {
  readonly virtual: VirtualDevice
  readonly #events = new SentEvents()
  /** Next message of each stream that the engine wants. */
  readonly #kept = new Map<string, number>()
  /** Next message of each stream that was never sent. */
  readonly #sent = new Map<string, number>()
  /** The same for the pass that is under way: it begins again at what the engine has. */
  #passed = new Map<string, number>()
  /** Latest time that was sent, seconds of the life. */
  #time = 0
  #final: HighWaterMessage | null = null
  /** `hw` messages of this boot so far. */
  #heard = 0
  /** When one of them moved a position or closed the session (performance clock, ms). */
  #movedAt = performance.now()

  constructor(virtual: VirtualDevice) {
    this.virtual = virtual
  }

  get final(): HighWaterMessage | null {
    return this.#final
  }

  /**
   * Takes in an `hw` message; one of another boot is not for this life. Positions never go back. One above what was sent
   * stands for an earlier life under the same boot: a device that believed it would drop what nobody has.
   */
  takeHighWater(message: HighWaterMessage): void {
    if (message.boot !== this.virtual.boot) return
    this.#heard++
    let moved = false
    for (const [stream, { seq }] of Object.entries(message.streams)) {
      if (seq <= (this.#kept.get(stream) ?? 0) || seq > (this.#sent.get(stream) ?? 0)) continue
      this.#kept.set(stream, seq)
      moved = true
    }
    if (message.final === true && this.#final === null) {
      this.#final = message
      moved = true
    }
    if (moved) this.#movedAt = performance.now()
  }

  get heard(): number {
    return this.#heard
  }

  get movedAt(): number {
    return this.#movedAt
  }

  /** Whether the engine has all that was sent. */
  get allKept(): boolean {
    for (const [stream, seq] of this.#sent) if ((this.#kept.get(stream) ?? 0) < seq) return false
    return true
  }

  /** Messages of the pass under way that the engine has not confirmed. */
  get ahead(): number {
    let count = 0
    for (const [stream, seq] of this.#passed) count += Math.max(0, seq - (this.#kept.get(stream) ?? 0))
    return count
  }

  /** Everything that the engine does not have, in order; what is new is counted as sent when it is asked for. */
  async *unsent(): AsyncGenerator<DeviceMessage, void, undefined> {
    const position = Object.fromEntries([...this.#kept].map(([stream, seq]) => [stream, { seq }]))
    this.#passed = new Map(this.#kept)
    const again = this.#events.from(this.#kept.get('e') ?? 0)
    let next = 0
    for await (const message of this.virtual.fromPosition({ ...position, e: { seq: this.#events.scripted } })) {
      // Events that were sent before keep their place in the order of times (N5).
      while (next < again.length && again[next]!.time <= message.time) yield again[next++]!
      const placed = message.topic === 'e' ? this.#events.addScripted(message) : message
      this.#note(placed)
      yield placed
    }
    yield* again.slice(next)
  }

  /** The answer to a resend command: what was sent in that range, and a failure for the part that was not. */
  async answerResend(command: { id: string; stream: string; from: number; to: number }): Promise<DeviceMessage[]> {
    const { id, stream, from, to } = command
    const last = Math.min(to, (this.#sent.get(stream) ?? 0) - 1)
    const found = last < from ? [] : stream === 'e' ? this.#events.from(from, last) : await this.virtual.resend(stream, from, last)
    if (last === to) return found
    const missing = { id, stream, from: Math.max(from, last + 1), to }
    const failure = this.#events.addFailure(this.virtual.boot, missing, this.#time, this.#clock())
    this.#note(failure)
    return [...found, failure]
  }

  #note({ stream, seq, time }: DeviceMessage): void {
    if (seq >= (this.#sent.get(stream) ?? 0)) this.#sent.set(stream, seq + 1)
    if (seq >= (this.#passed.get(stream) ?? 0)) this.#passed.set(stream, seq + 1)
    if (time > this.#time) this.#time = time
  }

  /** Device clock of the latest time sent, microseconds. */
  #clock(): number {
    return this.virtual.clockAt(this.#time)
  }
}
