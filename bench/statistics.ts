/** Median and spread of repeated measurements of one thing. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  /** Half of the distance between the quartiles, as a fraction of the median. */
  readonly relativeQuartile: number
  readonly count: number
}

/** Value below which the fraction `q` of the sorted values lies, by linear interpolation; NaN of nothing. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (place - below) * (high - low)
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort()
  const median = quantile(sorted, 0.5)
  return {
    median,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    relativeQuartile: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / (2 * median),
    count: sorted.length,
  }
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  readonly count: number
}

export function percentilesOf(values: Float64Array): Percentiles {
  const sorted = values.slice().sort()
  return {
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1) ?? Number.NaN,
    count: sorted.length,
  }
}
