/** The last 8 values of one kind (peak heights, slopes, intervals); plain data, so that it can be part of a saved state. */
export interface RecentValues {
  readonly values: Float64Array
  /** How many were ever added. */
  added: number
}

const depth = 8

export function newRecentValues(): RecentValues {
  return { values: new Float64Array(depth), added: 0 }
}

export function addRecent(recent: RecentValues, value: number): void {
  recent.values[recent.added % depth] = value
  recent.added += 1
}

/** Mean of those there are; 0 when there is none. */
export function meanOfRecent(recent: RecentValues): number {
  const count = Math.min(depth, recent.added)
  let sum = 0
  for (let i = 0; i < count; i++) sum += recent.values[i] as number
  return count === 0 ? 0 : sum / count
}

/** Median of those there are, the mean of the middle two for an even count; 0 when there is none. */
export function medianOfRecent(recent: RecentValues): number {
  const count = Math.min(depth, recent.added)
  if (count === 0) return 0
  const sorted = sortFew(recent.values.slice(0, count))
  return ((sorted[(count - 1) >> 1] as number) + (sorted[count >> 1] as number)) / 2
}

/** As if `value` had been seen `times` times and nothing else. */
export function fillRecent(recent: RecentValues, value: number, times = depth): void {
  recent.added = 0
  for (let i = 0; i < times; i++) addRecent(recent, value)
}

/** Sorts in place by insertion: for a handful of values several times as fast as `sort`. */
export function sortFew<Values extends Float64Array | number[]>(values: Values): Values {
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number
    let k = i - 1
    for (; k >= 0 && (values[k] as number) > value; k--) values[k + 1] = values[k] as number
    values[k + 1] = value
  }
  return values
}
