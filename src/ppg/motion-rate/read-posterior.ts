import { pow } from '../../dsp/math.js'

export interface PosteriorReading {
  readonly value: number
  /** 90 % interval. */
  readonly low: number
  readonly high: number
  /** Probability within `near` of the value. */
  readonly within: number
}

export interface ReadingOptions {
  /** The value is the mean within so many of the likeliest rate. */
  readonly meanWithin: number
  /** Power that the probability is taken to before its interval is read: above 1 where the model is too timid, below where too bold. */
  readonly calibration: number
  readonly near: number
}

/** Of the likeliest rate's probability: what is less adds nothing to an interval of 90 %. */
const negligible = 1e-9

/** Value and interval of a probability over rates `lowestRate`, `lowestRate` + 1, ... */
export function readPosterior(probability: Float64Array, lowestRate: number, options: ReadingOptions): PosteriorReading {
  const { meanWithin, calibration, near } = options
  let mode = 0
  for (let k = 1; k < probability.length; k += 1) if (probability[k]! > probability[mode]!) mode = k
  let weight = 0
  let moment = 0
  for (let k = Math.max(0, mode - meanWithin); k <= Math.min(probability.length - 1, mode + meanWithin); k += 1) {
    weight += probability[k]!
    moment += probability[k]! * k
  }
  const value = moment / weight
  const calibrated = new Float64Array(probability.length)
  let total = 0
  let close = 0
  for (let k = 0; k < probability.length; k += 1) {
    const p = probability[k]! / probability[mode]!
    calibrated[k] = p > negligible ? pow(p, calibration) : 0
    total += calibrated[k]!
    if (k >= value - near && k <= value + near) close += calibrated[k]!
  }
  // The interval holds the value even where several rates are likely and the value is one at the edge.
  const low = Math.min(value, quantile(calibrated, 0.05 * total))
  const high = Math.max(value, quantile(calibrated, 0.95 * total))
  return { value: lowestRate + value, low: lowestRate + low, high: lowestRate + high, within: close / total }
}

/** Place where the sum reaches `wanted`; the weight of cell k lies evenly over k - 1/2 to k + 1/2. */
function quantile(weights: Float64Array, wanted: number): number {
  let sum = 0
  for (let k = 0; k < weights.length; k += 1) {
    const next = sum + weights[k]!
    if (next >= wanted) return k - 0.5 + (wanted - sum) / (next - sum)
    sum = next
  }
  return weights.length - 0.5
}
