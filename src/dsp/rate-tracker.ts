import type { StageState } from '../signal/stage.js'
import { exp } from './math.js'
import { copyState, restoreState } from './state.js'

export interface RateTrackerOptions {
  /** Rates that it knows: `count` of them, `spacing` apart, the first at `first`; in the unit of the rate. */
  readonly first: number
  readonly spacing: number
  readonly count: number
  /** Standard deviation of the change of the rate from one step to the next. */
  readonly drift: number
  /** Probability that the rate jumps anywhere from one step to the next. */
  readonly jump: number
}

/** What is known of the rate. */
export interface TrackedRate {
  /** Mean within `near` of the likeliest rate. */
  readonly rate: number
  /** Probability of the rates within `near` of the likeliest one. */
  readonly certainty: number
  /** 5 % and 95 % of the probability lie below. */
  readonly low: number
  readonly high: number
}

/**
 * Follows a rate that drifts, over a grid of rates: the forward recursion of a hidden Markov model. Each step spreads what
 * was known by the drift and multiplies it by the likelihood of what was seen since. Without evidence it only spreads, so
 * that its interval says how old its knowledge is.
 */
export class RateTracker {
  readonly #state: { probability: Float64Array }
  readonly #kernel: Float64Array
  /** What each rate had before the step, as a share of what its spread adds up to. */
  readonly #shares: Float64Array
  /** Sum of the spread around each rate: less at the ends of the grid. */
  readonly #whole: Float64Array
  readonly #options: RateTrackerOptions

  constructor(options: RateTrackerOptions) {
    this.#options = options
    this.#state = { probability: new Float64Array(options.count).fill(1 / options.count) }
    this.#shares = new Float64Array(options.count)
    const reach = Math.ceil((4 * options.drift) / options.spacing)
    this.#kernel = Float64Array.from({ length: reach + 1 }, (_, k) => {
      const z = (k * options.spacing) / options.drift
      return exp(-0.5 * z * z)
    })
    this.#whole = Float64Array.from({ length: options.count }, (_, from) => this.#spreadOf(from))
  }

  /** Nothing is known any more. */
  clear(): void {
    this.#state.probability.fill(1 / this.#options.count)
  }

  /** `logLikelihood`: of each rate, up to a constant; one or several times 0 where nothing was seen. */
  step(logLikelihood: Float64Array): void {
    const { count, jump } = this.#options
    const { probability } = this.#state
    const shares = this.#shares
    for (let k = 0; k < count; k += 1) shares[k] = ((1 - jump) * probability[k]!) / this.#whole[k]!
    this.#spread(jump / count)
    let total = 0
    // Rates that were not looked at share one likelihood.
    let last = Number.NaN
    let likelihood = Number.NaN
    for (let k = 0; k < count; k += 1) {
      const value = logLikelihood[k]!
      if (value !== last) likelihood = exp(value)
      last = value
      probability[k] = probability[k]! * likelihood
      total += probability[k]!
    }
    for (let k = 0; k < count; k += 1) probability[k] = probability[k]! / total
  }

  read(near: number): TrackedRate {
    const { count, first, spacing } = this.#options
    const { probability } = this.#state
    let best = 0
    for (let k = 1; k < count; k += 1) if (probability[k]! > probability[best]!) best = k
    const reach = Math.floor(near / spacing)
    let certainty = 0
    let moment = 0
    for (let k = Math.max(0, best - reach); k <= Math.min(count - 1, best + reach); k += 1) {
      certainty += probability[k]!
      moment += probability[k]! * k
    }
    return {
      rate: first + (spacing * moment) / certainty,
      certainty: Math.min(1, certainty),
      low: this.#quantile(0.05),
      high: this.#quantile(0.95),
    }
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(state: StageState): void {
    restoreState(this.#state, state)
  }

  /**
   * Each rate gets `least` and of each rate around it the share by its distance, in ascending order; two at a time, as sums that do not
   * wait for each other.
   */
  #spread(least: number): void {
    const { count } = this.#options
    const kernel = this.#kernel
    const shares = this.#shares
    const { probability } = this.#state
    const reach = kernel.length - 1
    let to = 0
    // Those whose neighbours all lie on the grid.
    const end = count - reach - 1
    for (; to < count; to += 1) {
      if (to >= reach && to + 1 < end) break
      probability[to] = this.#gather(to, least)
    }
    for (; to + 1 < end; to += 2) {
      let one = least + shares[to - reach]! * kernel[reach]!
      let two = least
      for (let k = reach - 1; k >= 0; k -= 1) {
        const share = shares[to - k]!
        one += share * kernel[k]!
        two += share * kernel[k + 1]!
      }
      for (let k = 1; k <= reach; k += 1) {
        const share = shares[to + k]!
        one += share * kernel[k]!
        two += share * kernel[k - 1]!
      }
      probability[to] = one
      probability[to + 1] = two + shares[to + 1 + reach]! * kernel[reach]!
    }
    for (; to < count; to += 1) probability[to] = this.#gather(to, least)
  }

  #gather(to: number, least: number): number {
    const { count } = this.#options
    const kernel = this.#kernel
    let sum = least
    const high = Math.min(count - 1, to + kernel.length - 1)
    for (let from = Math.max(0, to - kernel.length + 1); from <= high; from += 1) {
      sum += this.#shares[from]! * kernel[to < from ? from - to : to - from]!
    }
    return sum
  }

  /** At the ends of the grid nothing is lost: what would go beyond goes to those that there are. */
  #spreadOf(from: number): number {
    const { count } = this.#options
    const kernel = this.#kernel
    const high = Math.min(count - 1, from + kernel.length - 1)
    let whole = 0
    for (let to = Math.max(0, from - kernel.length + 1); to <= high; to += 1) whole += kernel[to < from ? from - to : to - from]!
    return whole
  }

  #quantile(share: number): number {
    const { count, first, spacing } = this.#options
    const { probability } = this.#state
    let below = 0
    for (let k = 0; k < count; k += 1) {
      const mass = probability[k]!
      if (below + mass >= share) return first + spacing * (k - 0.5 + (share - below) / mass)
      below += mass
    }
    return first + spacing * (count - 1)
  }
}
