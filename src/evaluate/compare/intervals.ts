/** Bounds of a 95 % interval. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** 97.5th percentile of the standard normal distribution. */
const normalQuantile = 1.959963984540054

/**
 * Wilson's 95 % score interval of a proportion (Wilson 1927), for outcomes that are independent: records or alarms rather than
 * beats of one record. null where `whole` is 0.
 */
export function wilsonInterval(part: number, whole: number): Interval | null {
  if (whole === 0) return null
  const z2 = normalQuantile * normalQuantile
  const share = part / whole
  const centre = share + z2 / (2 * whole)
  const spread = normalQuantile * Math.sqrt((share * (1 - share)) / whole + z2 / (4 * whole * whole))
  const bound = (value: number): number => Math.min(1, Math.max(0, value / (1 + z2 / whole)))
  // At the ends the bound is exact, whatever rounding says.
  return { low: part === 0 ? 0 : bound(centre - spread), high: part === whole ? 1 : bound(centre + spread) }
}

export interface BootstrapOptions {
  /** Draws; default 2000. */
  readonly draws?: number
  /** Equal seeds give equal intervals; default 1. */
  readonly seed?: number
}

/**
 * 95 % percentile interval of a statistic by drawing whole records with replacement (Efron & Tibshirani 1993, chapter 13): beats
 * of one record are no independent trials. Draws in which the statistic is undefined do not count; null where that is all of them.
 */
export function bootstrapByRecord<Item>(
  records: readonly Item[],
  statistic: (drawn: readonly Item[]) => number | null,
  { draws = 2000, seed = 1 }: BootstrapOptions = {},
): Interval | null {
  if (records.length === 0) return null
  const random = randomFrom(seed)
  const values: number[] = []
  for (let draw = 0; draw < draws; draw++) {
    const value = statistic(Array.from(records, () => records[Math.floor(random() * records.length)] as Item))
    if (value !== null) values.push(value)
  }
  if (values.length === 0) return null
  values.sort((a, b) => a - b)
  return { low: quantileOfSorted(values, 0.025), high: quantileOfSorted(values, 0.975) }
}

/** Quantile of ascending values, interpolated linearly between neighbours. There must be at least one. */
export function quantileOfSorted(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (place - below) * (high - low)
}

/** Uniform numbers from 0 to 1 (excluded), the same for the same seed everywhere: the mulberry32 generator. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
