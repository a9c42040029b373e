import { log } from '../../dsp/math.js'
import { sortFew } from '../recent-values.js'

/** Intervals in a short window, and the least difference of two that counts as one: Petrenas et al. 2015. */
const shortWindow = 8
const leastDifference = 0.03
/** Departure of the short-window mean of median-filtered intervals that tells grouped beats from fibrillation. */
const groupedBelow = 2e-4
/** Matches that the tolerance of the coefficient of sample entropy is widened for, and its first value and step in seconds. */
const leastMatches = 5
const firstTolerance = 0.03
const toleranceStep = 0.01

/** How irregular RR intervals are. Each is NaN when there are too few intervals. */
export interface Irregularity {
  /**
   * Share of pairs of intervals within 8 beats that differ by 30 ms or more, over the mean interval (1/s), averaged over the
   * window; stretches of regular or grouped beats (bigeminy) count as nearly 0.
   */
  readonly scatter: number
  /** Coefficient of sample entropy (m = 1) with the tolerance that gives 5 matches: log units. */
  readonly entropy: number
  /** Mean size of the successive differences of the median-of-3 filtered intervals over the mean interval: single early beats vanish. */
  readonly filteredChange: number
  /** Share of successive differences above a tenth of the mean interval. */
  readonly changes: number
  /** Correlation of successive differences: near -0.5 for scattered intervals, positive for slow variation. */
  readonly persistence: number
}

/**
 * Sources: Petrenas, Marozas, Sornmo, Comput Biol Med 65:184, 2015 (scatter, grouped beats); Lake and Moorman, Am J Physiol Heart 300:H319,
 * 2011 (coefficient of sample entropy). Departures: the trend of the interval is the window's mean; windows are averaged, not
 * smoothed exponentially.
 * @param intervals seconds, in order
 */
export function measureIrregularity(intervals: readonly number[]): Irregularity {
  const n = intervals.length
  if (n < shortWindow) {
    return { scatter: Number.NaN, entropy: Number.NaN, filteredChange: Number.NaN, changes: Number.NaN, persistence: Number.NaN }
  }
  let mean = 0
  for (const interval of intervals) mean += interval
  mean /= n
  const filtered = medianOfThree(intervals)
  let change = 0
  let large = 0
  let square = 0
  let product = 0
  for (let i = 1; i < n; i++) {
    const difference = (intervals[i] as number) - (intervals[i - 1] as number)
    change += Math.abs((filtered[i] as number) - (filtered[i - 1] as number))
    if (Math.abs(difference) > 0.1 * mean) large += 1
    square += difference * difference
    if (i > 1) product += difference * ((intervals[i - 1] as number) - (intervals[i - 2] as number))
  }
  return {
    scatter: scatterOf(intervals, filtered, mean),
    entropy: entropyOf(intervals, mean),
    filteredChange: change / (n - 1) / mean,
    changes: large / (n - 1),
    persistence: square > 0 ? product / square : 0,
  }
}

/** Whether the 8 intervals that end with number `last` scatter as in fibrillation. */
export function isScattered(intervals: readonly number[], last: number): boolean {
  if (last + 1 < shortWindow) return false
  const window = intervals.slice(last + 1 - shortWindow, last + 1)
  let mean = 0
  for (const interval of window) mean += interval / shortWindow
  return scatterOf(window, medianOfThree(window), mean) * mean > 0.6
}

function scatterOf(intervals: readonly number[], filtered: readonly number[], mean: number): number {
  const windows = intervals.length - shortWindow + 1
  let sum = 0
  for (let start = 0; start < windows; start++) {
    let total = 0
    let medians = 0
    let apart = 0
    for (let i = start; i < start + shortWindow; i++) {
      const a = intervals[i] as number
      total += a
      medians += filtered[i] as number
      for (let j = i + 1; j < start + shortWindow; j++) if (Math.abs(a - (intervals[j] as number)) >= leastDifference) apart += 1
    }
    const grouped = (medians / total - 1) * (medians / total - 1)
    sum += grouped >= groupedBelow ? apart / ((shortWindow * (shortWindow - 1)) / 2) / mean : grouped
  }
  return sum / windows
}

function entropyOf(intervals: readonly number[], mean: number): number {
  const templates = intervals.length - 1
  for (let tolerance = firstTolerance; ; tolerance += toleranceStep) {
    let near = 0
    let matches = 0
    for (let i = 0; i < templates; i++) {
      const a = intervals[i] as number
      const after = intervals[i + 1] as number
      for (let j = i + 1; j < templates; j++) {
        if (Math.abs(a - (intervals[j] as number)) >= tolerance) continue
        near += 1
        if (Math.abs(after - (intervals[j + 1] as number)) < tolerance) matches += 1
      }
    }
    if (matches < leastMatches && tolerance < 1) continue
    return -log(Math.max(matches, 0.5) / Math.max(near, 1)) + log(2 * tolerance) - log(mean)
  }
}

function medianOfThree(values: readonly number[]): number[] {
  return values.map((value, i) =>
    i === 0 || i === values.length - 1 ? value : (sortFew([values[i - 1] as number, value, values[i + 1] as number])[1] as number),
  )
}
