import type { TestLatency } from '../test-source.js'

interface Said {
  readonly index: number
  readonly arrival: number
}

/**
 * How late beats are said. A confirmed beat's latency runs from its R peak's sample to the last sample of the packet with
 * which it came. Its `fast` latency runs to whichever came first, a fast beat within the match window of it or the
 * confirmed beat itself: what no fast beat announced, counts with the time at which it was known at all.
 */
export class LatencyMeter {
  readonly #fsHz: number
  readonly #windowSamples: number
  readonly #confirmed: Said[] = []
  readonly #fast: Said[] = []

  constructor(fsHz: number, windowSamples: number) {
    this.#fsHz = fsHz
    this.#windowSamples = windowSamples
  }

  /** `arrival`: index of the last sample of the packet. */
  confirmed(index: number, arrival: number): void {
    this.#confirmed.push({ index, arrival })
  }

  fast(index: number, arrival: number): void {
    this.#fast.push({ index, arrival })
  }

  latency(): TestLatency {
    const confirmed = this.#confirmed.map(({ index, arrival }) => this.#milliseconds(arrival - index))
    return { confirmed, fast: this.#fast.length === 0 ? null : this.#fastLatencies() }
  }

  #fastLatencies(): number[] {
    const fast = [...this.#fast].sort((a, b) => a.index - b.index)
    let first = 0
    const beats = [...this.#confirmed].sort((a, b) => a.index - b.index)
    return beats.map(({ index, arrival }) => {
      while (first < fast.length && (fast[first] as Said).index < index - this.#windowSamples) first++
      let known = arrival
      for (let k = first; k < fast.length && (fast[k] as Said).index <= index + this.#windowSamples; k++) {
        known = Math.min(known, (fast[k] as Said).arrival)
      }
      return this.#milliseconds(known - index)
    })
  }

  #milliseconds(samples: number): number {
    return (samples * 1000) / this.#fsHz
  }
}
