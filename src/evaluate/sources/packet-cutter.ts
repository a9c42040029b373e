import type { StreamBlock } from '../../signal/sample-block.js'

/**
 * Cuts the decoded chunks of a stream into the packets of a device with another packet length: packet k ends with sample
 * `round((k + 1) * packetSamples)`, so lengths that are no whole number of samples alternate. A packet ends early before
 * lost samples and where flags change.
 */
export class PacketCutter {
  readonly #packetSamples: number
  readonly #sink: (packet: StreamBlock) => void
  /** Start of a packet whose rest is still to come. */
  readonly #held: Float64Array[]
  #start = 0
  #length = 0
  #flags = 0

  /** `packetSamples` need not be whole; at least 1. Packets are lent for the duration of `sink`. */
  constructor(channels: number, packetSamples: number, sink: (packet: StreamBlock) => void) {
    this.#packetSamples = packetSamples
    this.#sink = sink
    this.#held = Array.from({ length: channels }, () => new Float64Array(Math.ceil(packetSamples) + 1))
  }

  /** Samples from `start` on, of every channel. */
  push(start: number, flags: number, channels: readonly Float64Array[]): void {
    const n = channels[0]?.length ?? 0
    if (this.#length > 0 && (start !== this.#start + this.#length || flags !== this.#flags)) this.flush()
    let at = 0
    while (at < n) {
      const from = this.#length > 0 ? this.#start : start + at
      const end = Math.min(this.#endOf(from), start + n)
      const whole = end === this.#endOf(from)
      if (this.#length > 0 || !whole) this.#hold(start + at, flags, channels, at, end - start)
      else this.#sink({ start: start + at, length: end - start - at, flags, channels: channels.map(c => c.subarray(at, end - start)) })
      at = end - start
      if (whole) this.flush()
    }
  }

  /** Lets a packet go that is not whole. */
  flush(): void {
    const length = this.#length
    if (length === 0) return
    this.#length = 0
    this.#sink({ start: this.#start, length, flags: this.#flags, channels: this.#held.map(samples => samples.subarray(0, length)) })
  }

  /** End of the packet that sample `index` lies in. */
  #endOf(index: number): number {
    let k = Math.max(0, Math.floor(index / this.#packetSamples) - 1)
    while (Math.round((k + 1) * this.#packetSamples) <= index) k++
    return Math.round((k + 1) * this.#packetSamples)
  }

  #hold(start: number, flags: number, channels: readonly Float64Array[], from: number, to: number): void {
    if (this.#length === 0) this.#start = start
    this.#flags = flags
    for (const [channel, held] of this.#held.entries()) held.set((channels[channel] as Float64Array).subarray(from, to), this.#length)
    this.#length += to - from
  }
}
