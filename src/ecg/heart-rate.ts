/**
 * Heart rate from RR intervals by averaging, after the rule that bedside monitors disclose (EC13, IEC 60601-2-27 ask for
 * the disclosure): the mean of the last 12 intervals without the shortest and the longest; when the last 4 average above
 * 1200 ms, their mean. With fewer than 12 at hand those there are, at least 2; the shortest and the longest are left out
 * from 5 on. A step of the rate is followed at once: when the newest 5 intervals (3 of more than 1200 ms) agree with each
 * other and differ clearly from those before, only they count. Departure: monitors change to 4 when each of the last 3 exceeds 1200 ms, and so average away a slow rhythm
 * with an early beat in it; bradycardia is told by the rate over five beats (CinC Challenge 2015), which 4 intervals span.
 */
export interface HeartRateParameters {
  readonly intervals: number
  readonly slowIntervals: number
  readonly slowSeconds: number
  readonly leastIntervals: number
  /** The newest intervals that make a step of the rate, and as many of them when they are slow. */
  readonly stepIntervals: number
  readonly slowStepIntervals: number
  /** They agree when each lies within this share of their mean, */
  readonly stepAgreement: number
  /** and differ from those before when the means do by this share of the larger. */
  readonly stepDifference: number
}

export const heartRateDefaults: HeartRateParameters = {
  intervals: 12,
  slowIntervals: 4,
  slowSeconds: 1.2,
  leastIntervals: 2,
  stepIntervals: 5,
  slowStepIntervals: 3,
  stepAgreement: 0.06,
  stepDifference: 0.12,
}

/**
 * @param intervals RR intervals in seconds, oldest first
 * @returns beats per minute and how many of the last intervals it rests on; null when there are too few
 */
export function averageHeartRate(
  intervals: readonly number[],
  parameters: HeartRateParameters = heartRateDefaults,
): { rate: number; used: number } | null {
  const { slowSeconds, slowIntervals, leastIntervals } = parameters
  if (intervals.length < leastIntervals) return null
  const step = intervalsSinceStep(intervals, parameters)
  if (step > 0) return { rate: (60 * step) / sumOfLast(intervals, step), used: step }
  const latest = intervals.slice(-slowIntervals)
  const slow = latest.length === slowIntervals && latest.reduce((sum, interval) => sum + interval, 0) > slowIntervals * slowSeconds
  const chosen = slow ? latest : intervals.slice(-parameters.intervals)
  let sum = 0
  let shortest = Number.POSITIVE_INFINITY
  let longest = 0
  for (const interval of chosen) {
    sum += interval
    if (interval < shortest) shortest = interval
    if (interval > longest) longest = interval
  }
  let count = chosen.length
  if (!slow && count >= 5) {
    sum -= shortest + longest
    count -= 2
  }
  return { rate: (60 * count) / sum, used: chosen.length }
}

/** How many of the newest intervals belong to a new rate; 0: there was no step. */
function intervalsSinceStep(intervals: readonly number[], parameters: HeartRateParameters): number {
  const { stepIntervals, slowStepIntervals, slowSeconds, stepAgreement, stepDifference } = parameters
  const slow = intervals.length >= slowStepIntervals && sumOfLast(intervals, slowStepIntervals) > slowStepIntervals * slowSeconds
  const least = slow ? slowStepIntervals : stepIntervals
  if (intervals.length < 2 * least) return 0
  const mean = sumOfLast(intervals, least) / least
  const agrees = (interval: number): boolean => Math.abs(interval - mean) <= stepAgreement * mean
  if (!intervals.slice(-least).every(agrees)) return 0
  let count = least
  while (count < intervals.length && agrees(intervals[intervals.length - 1 - count] as number)) count++
  const before = intervals.length - count
  // A single interval before may have been an early beat's; the average leaves that out by itself.
  if (before < 2) return 0
  const older = (sumOfLast(intervals, intervals.length) - sumOfLast(intervals, count)) / before
  return Math.abs(older - mean) > stepDifference * Math.max(older, mean) ? count : 0
}

function sumOfLast(values: readonly number[], count: number): number {
  let sum = 0
  for (let i = values.length - count; i < values.length; i++) sum += values[i] as number
  return sum
}
