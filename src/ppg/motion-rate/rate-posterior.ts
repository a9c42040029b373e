import { exp } from '../../dsp/math.js'

export interface RatePosteriorOptions {
  /** Rates of the grid, one a minute apart. */
  readonly lowestRate: number
  readonly highestRate: number
  /** Standard deviation of the change in a step, /min. */
  readonly changePerStep: number
  /** Share of the probability that may have gone anywhere in a step. */
  readonly leapShare: number
}

/** Steps of the kernel beyond which nothing goes, in standard deviations. */
const kernelReach = 4

/**
 * Probability of each rate on a grid of 1 /min: the forward recursion of a hidden Markov model (Rabiner, Proc. IEEE 77(2), 1989)
 * whose rate wanders as a random walk and now and then leaps.
 */
export class RatePosterior {
  readonly lowestRate: number
  readonly size: number
  /** Sums to 1. */
  readonly probability: Float64Array
  readonly #kernel: Float64Array
  readonly #reach: number
  readonly #leapShare: number
  readonly #scratch: Float64Array

  constructor(options: RatePosteriorOptions) {
    this.lowestRate = options.lowestRate
    this.size = options.highestRate - options.lowestRate + 1
    this.probability = new Float64Array(this.size)
    this.#scratch = new Float64Array(this.size)
    this.#leapShare = options.leapShare
    this.#reach = Math.ceil(kernelReach * options.changePerStep)
    this.#kernel = gaussianKernel(options.changePerStep, this.#reach)
    this.restart()
  }

  /** Nothing is known. */
  restart(): void {
    this.probability.fill(1 / this.size)
  }

  /** A step passes. */
  spread(): void {
    spreadBy(this.#kernel, this.#reach, this.#leapShare, this.probability, this.#scratch)
    normalize(this.#scratch)
    this.probability.set(this.#scratch)
  }

  /** What the signal says of each rate: likelihoods, none of them 0. */
  weigh(likelihood: Float64Array): void {
    const p = this.probability
    for (let k = 0; k < p.length; k += 1) p[k] = p[k]! * likelihood[k]!
    normalize(p)
  }

  /** Mean of what holds of each rate. */
  expect(values: Float64Array): number {
    let sum = 0
    for (let k = 0; k < this.size; k += 1) sum += this.probability[k]! * values[k]!
    return sum
  }

  /** Backward recursion over later likelihoods, oldest first: the probability of the state `later.length` steps ago given all. */
  smooth(then: Float64Array, later: readonly Float64Array[]): Float64Array {
    const backward = new Float64Array(this.size).fill(1)
    const weighted = new Float64Array(this.size)
    for (let step = later.length - 1; step >= 0; step -= 1) {
      const likelihood = later[step]!
      for (let k = 0; k < this.size; k += 1) weighted[k] = backward[k]! * likelihood[k]!
      normalize(weighted)
      spreadBy(this.#kernel, this.#reach, this.#leapShare, weighted, backward)
    }
    for (let k = 0; k < this.size; k += 1) backward[k] = backward[k]! * then[k]!
    normalize(backward)
    return backward
  }
}

function normalize(weights: Float64Array): void {
  let sum = 0
  for (let k = 0; k < weights.length; k += 1) sum += weights[k]!
  for (let k = 0; k < weights.length; k += 1) weights[k] = weights[k]! / sum
}

/** Moves each share by the (symmetric) kernel; beyond its edges the grid goes on as at the edge. */
function spreadBy(kernel: Float64Array, reach: number, leapShare: number, from: Float64Array, to: Float64Array): void {
  const size = from.length
  let total = 0
  for (let k = 0; k < size; k += 1) total += from[k]!
  const leap = (leapShare * total) / size
  for (let k = 0; k < size; k += 1) {
    let sum = 0
    for (let d = -reach; d <= reach; d += 1) {
      const at = k + d
      sum += kernel[d + reach]! * from[at < 0 ? 0 : at >= size ? size - 1 : at]!
    }
    to[k] = (1 - leapShare) * sum + leap
  }
}

/** Gaussian of unit sum. */
function gaussianKernel(sd: number, reach: number): Float64Array {
  const kernel = new Float64Array(2 * reach + 1)
  let sum = 0
  for (let d = -reach; d <= reach; d += 1) {
    kernel[d + reach] = exp(-0.5 * (d / sd) * (d / sd))
    sum += kernel[d + reach]!
  }
  return kernel.map(value => value / sum)
}
