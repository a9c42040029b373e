import { workingHz } from './working-signal.js'

/** Skewness and kurtosis of a distribution; 0 and 3 for a normal one, kurtosis 1.5 for a sine. */
export function moments(x: Float64Array, from: number, to: number): { skewness: number; kurtosis: number; deviation: number } {
  const n = to - from
  let sum = 0
  for (let i = from; i < to; i++) sum += x[i] as number
  const mean = sum / n
  let second = 0
  let third = 0
  let fourth = 0
  for (let i = from; i < to; i++) {
    const d = (x[i] as number) - mean
    const square = d * d
    second += square
    third += square * d
    fourth += square * square
  }
  const variance = second / n
  if (variance === 0) return { skewness: 0, kurtosis: 3, deviation: 0 }
  const deviation = Math.sqrt(variance)
  return { skewness: third / n / (variance * deviation), kurtosis: fourth / n / (variance * variance), deviation }
}

const bins = 256

/** Quantiles of |x| as shares of its maximum, to 1/256. */
export class SizeQuantiles {
  private readonly counts = new Int32Array(bins + 1)

  /** Writes the quantiles `at` (ascending, 0 to 1) into `into`, each as a share of the maximum; returns the maximum. */
  measure(x: Float64Array, from: number, to: number, at: readonly number[], into: Float64Array): number {
    const { counts } = this
    counts.fill(0)
    let most = 0
    for (let i = from; i < to; i++) {
      const size = Math.abs(x[i] as number)
      if (size > most) most = size
    }
    const scale = most > 0 ? bins / most : 0
    for (let i = from; i < to; i++) {
      const bin = Math.floor(Math.abs(x[i] as number) * scale)
      counts[bin] = (counts[bin] as number) + 1
    }
    let bin = 0
    let seen = counts[0] as number
    for (let k = 0; k < at.length; k++) {
      const wanted = (at[k] as number) * (to - from)
      while (seen < wanted && bin < bins) seen += counts[++bin] as number
      into[k] = (bin + 0.5) / bins
    }
    return most
  }
}

/** Peak to peak of each second of `x`: least, last and mean as shares of the greatest. */
export function secondRanges(x: Float64Array): { least: number; last: number; mean: number; greatest: number } {
  let least = Number.POSITIVE_INFINITY
  let greatest = 0
  let last = 0
  let sum = 0
  let count = 0
  for (let from = 0; from + workingHz <= x.length; from += workingHz) {
    let low = x[from] as number
    let high = low
    for (let i = from; i < from + workingHz; i++) {
      const value = x[i] as number
      if (value < low) low = value
      if (value > high) high = value
    }
    last = high - low
    sum += last
    count++
    if (last < least) least = last
    if (last > greatest) greatest = last
  }
  if (greatest === 0) return { least: 0, last: 0, mean: 0, greatest: 0 }
  return { least: least / greatest, last: last / greatest, mean: sum / count / greatest, greatest }
}
