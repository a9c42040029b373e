import { exp } from '../dsp/math.js'

export interface PulseRateBeliefOptions {
  /** Steps of the grid, and their width in Hz. */
  readonly count: number
  readonly stepHz: number
  /** Standard deviation of the change of the rate from one second to the next, Hz. */
  readonly walkHz: number
  /** Chance that the rate is anywhere, each second. */
  readonly leak: number
}

/**
 * What the oximeter holds of the pulse rate it looks for: a probability for each rate of its grid, moved and judged once a second
 * (forward filter). It picks the step whose harmonics are projected on, and tells no rate to anybody; rates that are told, with
 * their interval, come from `dsp/rate-tracker.ts`.
 */
export class PulseRateBelief {
  readonly state: { probability: Float64Array; best: number }
  readonly #kernel: Float64Array
  readonly #reach: number
  readonly #leak: number
  readonly #moved: Float64Array

  constructor(options: PulseRateBeliefOptions) {
    const { count, stepHz, walkHz, leak } = options
    this.state = { probability: new Float64Array(count).fill(1 / count), best: 0 }
    this.#moved = new Float64Array(count)
    this.#leak = leak / count
    this.#reach = Math.ceil((3 * walkHz) / stepHz)
    this.#kernel = new Float64Array(2 * this.#reach + 1)
    let sum = 0
    for (let k = -this.#reach; k <= this.#reach; k += 1) {
      const distance = (k * stepHz) / walkHz
      const weight = exp(-0.5 * distance * distance)
      this.#kernel[k + this.#reach] = weight
      sum += weight
    }
    for (let k = 0; k < this.#kernel.length; k += 1) this.#kernel[k] = (this.#kernel[k]! * (1 - leak)) / sum
  }

  forget(): void {
    const { probability } = this.state
    probability.fill(1 / probability.length)
    this.state.best = 0
  }

  /** One second on, with the logarithm of how well each rate explains it, up to a constant. */
  step(logLikelihood: Float64Array): void {
    const s = this.state
    const moved = this.#moved
    const count = moved.length
    const reach = this.#reach
    let most = Number.NEGATIVE_INFINITY
    for (let b = 0; b < count; b += 1) if (logLikelihood[b]! > most) most = logLikelihood[b]!
    let sum = 0
    for (let b = 0; b < count; b += 1) {
      let before = this.#leak
      for (let k = -reach; k <= reach; k += 1) {
        const from = b + k
        if (from >= 0 && from < count) before += s.probability[from]! * this.#kernel[k + reach]!
      }
      moved[b] = before * exp(logLikelihood[b]! - most)
      sum += moved[b]!
    }
    let best = 0
    for (let b = 0; b < count; b += 1) {
      s.probability[b] = moved[b]! / sum
      if (s.probability[b]! > s.probability[best]!) best = b
    }
    s.best = best
  }

  /** Probability within `reach` steps of the likeliest rate. */
  certainty(reach: number): number {
    const { probability, best } = this.state
    let sum = 0
    for (let b = Math.max(0, best - reach); b <= Math.min(probability.length - 1, best + reach); b += 1) sum += probability[b]!
    return sum
  }
}
