import type { DailyValue } from './daily-history.js'
import { medianOfSorted } from './robust-slope.js'

const baselineParameters = {
  /** Days of values that a baseline needs, and the days that it looks back. */
  leastDays: 7,
  mostDays: 28,
  /** The newest days are left out: what is coming must not become what is usual. */
  guardDays: 3,
  /** Weight of the newest day in the moving average of deviations (S. W. Roberts, Technometrics 1 (1959) 239). */
  ewmaWeight: 0.3,
  ewmaDays: 7,
} as const

/** Of a normal distribution the standard deviation is this many times the median absolute deviation. */
const normalScale = 1.4826

export interface Baseline {
  readonly median: number
  /** Standard deviation by the median absolute deviation, not below the least spread of the vital sign. */
  readonly spread: number
  readonly days: number
}

/** What is usual for this person at `day`, from the daily values before; null while there are too few. */
export function baselineAt(values: readonly DailyValue[], day: number, leastSpread: number): Baseline | null {
  const { leastDays, mostDays, guardDays } = baselineParameters
  const to = day - guardDays
  const usual = values.flatMap(one => (one.day >= to - mostDays && one.day < to ? [one.value] : []))
  if (usual.length < leastDays) return null
  const median = medianOfSorted(usual.sort((a, b) => a - b))
  const deviations = usual.map(value => Math.abs(value - median)).sort((a, b) => a - b)
  return { median, spread: Math.max(leastSpread, normalScale * medianOfSorted(deviations)), days: usual.length }
}

export function robustZ(value: number, { median, spread }: Baseline): number {
  return (value - median) / spread
}

/** Exponentially weighted mean of the deviations of the newest week, oldest first; null of none. */
export function driftOf(values: readonly DailyValue[], day: number, baseline: Baseline): number | null {
  const { ewmaWeight, ewmaDays } = baselineParameters
  let drift: number | null = null
  for (const one of values) {
    if (one.day <= day - ewmaDays || one.day > day) continue
    const z = robustZ(one.value, baseline)
    drift = (drift ?? 0) + ewmaWeight * (z - (drift ?? 0))
  }
  return drift
}
