import { type BandPassDesign, type BandPassState, newBandPass, settleBandPass, stepBandPass } from '../../dsp/band-pass.js'

/** Change within a second, of its largest value, below which the channel is flat. */
const flatShare = 1e-9

/**
 * The last samples of one channel after its band-pass; `present` says which were there. A missing sample is 0, and the filter
 * starts anew after it.
 */
export class SignalWindow {
  readonly filtered: Float64Array
  readonly present: Uint8Array
  /** Sum of the squares of each second before the filter, newest last. */
  readonly #squares: Float64Array
  readonly #design: BandPassDesign
  readonly #filter: BandPassState = newBandPass()
  #settled = false

  /** `seconds` of `rate` samples each. */
  constructor(seconds: number, rate: number, design: BandPassDesign) {
    this.filtered = new Float64Array(seconds * rate)
    this.present = new Uint8Array(seconds * rate)
    this.#squares = new Float64Array(seconds)
    this.#design = design
  }

  /** Takes a second of samples; NaN is missing, and so is a whole second that does not change. */
  push(samples: Float64Array | null): void {
    const count = this.filtered.length / this.#squares.length
    this.#squares.copyWithin(0, 1)
    let square = 0
    this.filtered.copyWithin(0, count)
    this.present.copyWithin(0, count)
    const from = this.filtered.length - count
    const absent = samples === null || isFlat(samples)
    for (let i = 0; i < count; i += 1) {
      const value = absent ? Number.NaN : samples[i]!
      const there = value - value === 0
      this.present[from + i] = there ? 1 : 0
      if (there && !this.#settled) settleBandPass(this.#filter, this.#design, value)
      if (there) square += value * value
      this.#settled = there
      this.filtered[from + i] = there ? stepBandPass(this.#filter, this.#design, value) : 0
    }
    this.#squares[this.#squares.length - 1] = square
  }

  /** Sum of the squares of all samples of the window before the filter. */
  get squares(): number {
    let sum = 0
    for (const square of this.#squares) sum += square
    return sum
  }

  /** Samples that were there among the last `length`. */
  presentAmong(length: number): number {
    let count = 0
    for (let i = this.present.length - length; i < this.present.length; i += 1) count += this.present[i]!
    return count
  }

  save() {
    return {
      filtered: this.filtered.slice(),
      present: this.present.slice(),
      squares: this.#squares.slice(),
      filter: { ...this.#filter },
      settled: this.#settled,
    }
  }

  load(saved: ReturnType<SignalWindow['save']>): void {
    this.filtered.set(saved.filtered)
    this.present.set(saved.present)
    this.#squares.set(saved.squares)
    Object.assign(this.#filter, saved.filter)
    this.#settled = saved.settled
  }
}

function isFlat(samples: Float64Array): boolean {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const value of samples) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return most - least <= flatShare * Math.max(Math.abs(most), Math.abs(least))
}
