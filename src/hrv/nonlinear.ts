import { log } from '../dsp/math.js'
import type { NnSeries } from './nn-series.js'

/** Longest series for sample entropy, whose cost grows with the square of it. */
const mostEntropyIntervals = 2000

/**
 * Sample entropy (Richman and Moorman, Am J Physiol 278, 2000) with templates of `m` intervals and a tolerance of `r` standard
 * deviations (n - 1): -ln of the share of matches of length m that go on matching. Null without matches, below 30 intervals,
 * and above `mostEntropyIntervals`.
 */
export function measureSampleEntropy(series: NnSeries, m = 2, r = 0.2): number | null {
  const x = series.intervals
  const n = x.length
  if (n < 30 || n > mostEntropyIntervals) return null
  const mean = x.reduce((sum, value) => sum + value, 0) / n
  const tolerance = r * Math.sqrt(x.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (n - 1))
  let shorter = 0
  let longer = 0
  for (let i = 0; i < n - m; i++) {
    for (let j = i + 1; j < n - m; j++) {
      let k = 0
      while (k < m && Math.abs((x[i + k] as number) - (x[j + k] as number)) <= tolerance) k += 1
      if (k < m) continue
      shorter += 1
      if (Math.abs((x[i + m] as number) - (x[j + m] as number)) <= tolerance) longer += 1
    }
  }
  return shorter === 0 || longer === 0 ? null : -log(longer / shorter)
}

/**
 * Detrended fluctuation analysis (Peng et al., Chaos 5, 1995): slope of ln F(n) over ln n for windows of `from` to `to` beats,
 * not overlapping, each with its linear trend taken out. Null when there are fewer than 4 windows of the longest kind.
 */
export function measureDfa(series: NnSeries, from = 4, to = 16): number | null {
  const x = series.intervals
  if (x.length < 4 * to) return null
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length
  const profile = new Float64Array(x.length)
  let sum = 0
  for (let i = 0; i < x.length; i++) {
    sum += (x[i] as number) - mean
    profile[i] = sum / 1000
  }
  const points: [number, number][] = []
  for (let window = from; window <= to; window++) {
    const fluctuation = fluctuationOf(profile, window)
    if (fluctuation > 0) points.push([log(window), log(fluctuation)])
  }
  return points.length < 3 ? null : slopeOf(points)
}

function fluctuationOf(profile: Float64Array, window: number): number {
  const windows = Math.floor(profile.length / window)
  const middle = (window - 1) / 2
  const spread = (window * (window * window - 1)) / 12
  let squares = 0
  for (let w = 0; w < windows; w++) {
    let sum = 0
    let tilt = 0
    for (let i = 0; i < window; i++) {
      const value = profile[w * window + i] as number
      sum += value
      tilt += value * (i - middle)
    }
    const level = sum / window
    const slope = tilt / spread
    for (let i = 0; i < window; i++) {
      const rest = (profile[w * window + i] as number) - level - slope * (i - middle)
      squares += rest * rest
    }
  }
  return Math.sqrt(squares / (windows * window))
}

function slopeOf(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  let product = 0
  let squares = 0
  for (const [x, y] of points) {
    product += (x - meanX) * (y - meanY)
    squares += (x - meanX) * (x - meanX)
  }
  return product / squares
}
