import { spreadOf } from './spread.js'

/** Limits in mg/dL of the consensus on time in range: T. Battelino et al., Diabetes Care 42 (2019) 1593. */
export const glucoseLimits = { veryLow: 54, low: 70, high: 180, veryHigh: 250 } as const

export interface GlucoseReading {
  /** Seconds. */
  readonly time: number
  /** mg/dL. */
  readonly value: number
}

/** Shares are fractions of the readings; null where nothing can be said. */
export interface GlucoseMetrics {
  readonly readings: number
  /** Seconds from the first reading to the last, and one interval more. */
  readonly spanSeconds: number
  /** Readings over those that were due at `intervalSeconds`. */
  readonly coverage: number | null
  readonly mean: number | null
  /** With n - 1. */
  readonly sd: number | null
  /** Coefficient of variation, a fraction. */
  readonly cv: number | null
  /** 70 to 180 mg/dL, both included. */
  readonly timeInRange: number | null
  /** Below 70, of that below 54; above 180, of that above 250. */
  readonly timeBelow: number | null
  readonly timeVeryLow: number | null
  readonly timeAbove: number | null
  readonly timeVeryHigh: number | null
  /** Glucose management indicator, per cent: 3.31 + 0.02392 x mean (R. M. Bergenstal et al., Diabetes Care 41 (2018) 2275). */
  readonly gmi: number | null
  /** The consensus asks for 14 days with 70 % of the readings before shares are used. */
  readonly representative: boolean
}

const representativeSeconds = 14 * 86_400
const representativeCoverage = 0.7

/** Metrics of readings in the order of their times, due every `intervalSeconds` (sensors: 300). */
export function measureGlucose(readings: readonly GlucoseReading[], intervalSeconds = 300): GlucoseMetrics {
  const count = readings.length
  const first = readings[0]
  const last = readings[count - 1]
  if (first === undefined || last === undefined) return nothing
  const spanSeconds = last.time - first.time + intervalSeconds
  const coverage = Math.min(1, (count * intervalSeconds) / spanSeconds)
  const { mean, sd } = spreadOf(readings.map(({ value }) => value))
  const share = (holds: (value: number) => boolean): number => readings.filter(({ value }) => holds(value)).length / count
  const { veryLow, low, high, veryHigh } = glucoseLimits
  return {
    readings: count,
    spanSeconds,
    coverage,
    mean,
    sd,
    cv: sd === null || mean === 0 ? null : sd / mean,
    timeInRange: share(value => value >= low && value <= high),
    timeBelow: share(value => value < low),
    timeVeryLow: share(value => value < veryLow),
    timeAbove: share(value => value > high),
    timeVeryHigh: share(value => value > veryHigh),
    gmi: 3.31 + 0.02392 * mean,
    representative: spanSeconds >= representativeSeconds && coverage >= representativeCoverage,
  }
}

const nothing: GlucoseMetrics = {
  readings: 0,
  spanSeconds: 0,
  coverage: null,
  mean: null,
  sd: null,
  cv: null,
  timeInRange: null,
  timeBelow: null,
  timeVeryLow: null,
  timeAbove: null,
  timeVeryHigh: null,
  gmi: null,
  representative: false,
}
