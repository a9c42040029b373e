import type { NnSeries } from './nn-series.js'

/** Time domain of HRV (Task Force of ESC and NASPE, Circulation 93, 1996); milliseconds. null: too few intervals. */
export interface TimeDomain {
  readonly count: number
  readonly meanNn: number | null
  /** Standard deviation of the NN intervals (n - 1). */
  readonly sdnn: number | null
  /** Root mean square, and standard deviation (n - 1), of the differences of successive NN intervals. */
  readonly rmssd: number | null
  readonly sdsd: number | null
  /** Differences above 50 ms: their number, and their share of all differences in per cent. */
  readonly nn50: number
  readonly pnn50: number | null
  /** Poincare plot: spread across (SD1) and along (SD2) the line of identity (Brennan et al., IEEE Trans Biomed Eng 48, 2001). */
  readonly sd1: number | null
  readonly sd2: number | null
}

/** Sums from which the time domain follows; whole numbers in microseconds, so exact up to 2,000 intervals of 2 s. */
export interface TimeSums {
  count: number
  sum: number
  squares: number
  differences: number
  differenceSum: number
  differenceSquares: number
  above50: number
}

export function newTimeSums(): TimeSums {
  return { count: 0, sum: 0, squares: 0, differences: 0, differenceSum: 0, differenceSquares: 0, above50: 0 }
}

/** Adds (`sign` 1) or takes away (-1) an interval. */
export function addInterval(sums: TimeSums, micros: number, sign: 1 | -1): void {
  sums.count += sign
  sums.sum += sign * micros
  sums.squares += sign * micros * micros
}

/** Adds or takes away the difference of two successive intervals. */
export function addDifference(sums: TimeSums, micros: number, sign: 1 | -1): void {
  sums.differences += sign
  sums.differenceSum += sign * micros
  sums.differenceSquares += sign * micros * micros
  if (Math.abs(micros) > 50_000) sums.above50 += sign
}

export function timeDomainOf(sums: TimeSums): TimeDomain {
  const { count, differences } = sums
  const variance = varianceOf(count, sums.sum, sums.squares)
  const differenceVariance = varianceOf(differences, sums.differenceSum, sums.differenceSquares)
  const along = variance === null || differenceVariance === null ? null : 2 * variance - differenceVariance / 2
  return {
    count,
    meanNn: count === 0 ? null : sums.sum / count / 1000,
    sdnn: rootMillis(variance),
    rmssd: differences === 0 ? null : Math.sqrt(sums.differenceSquares / differences) / 1000,
    sdsd: rootMillis(differenceVariance),
    nn50: sums.above50,
    pnn50: differences === 0 ? null : (100 * sums.above50) / differences,
    sd1: rootMillis(differenceVariance === null ? null : differenceVariance / 2),
    sd2: rootMillis(along === null ? null : Math.max(0, along)),
  }
}

export function measureTimeDomain(series: NnSeries): TimeDomain {
  const sums = newTimeSums()
  for (let i = 0; i < series.intervals.length; i++) {
    const interval = series.intervals[i] as number
    addInterval(sums, interval, 1)
    if (series.joined[i]) addDifference(sums, interval - (series.intervals[i - 1] as number), 1)
  }
  return timeDomainOf(sums)
}

/** Of days: standard deviation of the means of 5-minute segments (SDANN) and mean of their standard deviations, ms. */
export function measureLongTerm(series: NnSeries): { sdann: number | null; sdnnIndex: number | null; segments: number } {
  const segments = new Map<number, TimeSums>()
  for (const [i, time] of series.times.entries()) {
    const segment = Math.floor(time / 300)
    const sums = segments.get(segment) ?? newTimeSums()
    segments.set(segment, sums)
    addInterval(sums, series.intervals[i] as number, 1)
  }
  // A segment less than half full says little of its five minutes.
  const full = [...segments.values()].filter(({ sum }) => sum >= 150e6).map(timeDomainOf)
  if (full.length < 2) return { sdann: null, sdnnIndex: null, segments: full.length }
  const means = full.map(({ meanNn }) => meanNn as number)
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length
  const squares = means.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  const spreads = full.map(({ sdnn }) => sdnn ?? 0)
  return {
    sdann: Math.sqrt(squares / (means.length - 1)),
    sdnnIndex: spreads.reduce((sum, value) => sum + value, 0) / spreads.length,
    segments: full.length,
  }
}

function varianceOf(count: number, sum: number, squares: number): number | null {
  if (count < 2) return null
  return Math.max(0, (squares - (sum / count) * sum) / (count - 1))
}

function rootMillis(variance: number | null): number | null {
  return variance === null ? null : Math.sqrt(variance) / 1000
}
