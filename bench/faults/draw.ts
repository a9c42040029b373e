import { uniformAt } from '../../src/simulate/random.js'

/** What a seed decides, drawn one after the other; the purpose keeps these numbers apart from the signals'. */
const purpose = 0x6661

export class Draw {
  readonly #seed: number
  #count = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + uniformAt(this.#seed, purpose, this.#count++) * (to - from)
  }

  /** Whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1))
  }

  oneOf<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]!
  }

  chance(probability: number): boolean {
    return this.between(0, 1) < probability
  }
}
