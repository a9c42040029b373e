/** Slope of values over time with its 95 % interval, in units of the value a unit of time. */
export interface RobustSlope {
  readonly slope: number
  /** null where the ranks of so few points exclude no slope. */
  readonly low: number | null
  readonly high: number | null
  readonly points: number
}

const normalQuantile = 1.959963984540054

/**
 * Median of the slopes of all pairs (H. Theil 1950; P. K. Sen, J Am Stat Assoc 63 (1968) 1379), with the interval from the variance of
 * Kendall's S, n(n - 1)(2n + 5)/18 less its share of equal values. Pairs at one time are left out; null below three points.
 */
export function theilSen(points: readonly { readonly time: number; readonly value: number }[]): RobustSlope | null {
  const n = points.length
  if (n < 3) return null
  const slopes: number[] = []
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      const [a, b] = [points[i]!, points[j]!]
      if (a.time !== b.time) slopes.push((b.value - a.value) / (b.time - a.time))
    }
  }
  if (slopes.length === 0) return null
  slopes.sort((a, b) => a - b)
  const reach = normalQuantile * Math.sqrt(varianceOfRanks(points.map(({ value }) => value)))
  const low = Math.round((slopes.length - reach) / 2) - 1
  const high = Math.round((slopes.length + reach) / 2)
  const interval = reach > 0 && low >= 0 && high < slopes.length
  return { slope: medianOfSorted(slopes), low: interval ? slopes[low]! : null, high: interval ? slopes[high]! : null, points: n }
}

function varianceOfRanks(values: readonly number[]): number {
  const n = values.length
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let variance = n * (n - 1) * (2 * n + 5)
  for (const tied of counts.values()) variance -= tied * (tied - 1) * (2 * tied + 5)
  return variance / 18
}

/** Of at least one value, ascending. */
export function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
