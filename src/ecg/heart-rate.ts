/**
 * Heart rate from RR intervals by averaging, after the rule that bedside monitors disclose (EC13, IEC 60601-2-27 ask for
 * the disclosure): the mean of the last 12 intervals without the shortest and the longest; when the last 4 average above
 * 1200 ms, their mean. With fewer than 12 at hand those there are, at least 2; the shortest and the longest are left out
 * from 5 on. Departure: monitors change to 4 when each of the last 3 exceeds 1200 ms, and so average away a slow rhythm
 * with an early beat in it; bradycardia is told by the rate over five beats (CinC Challenge 2015), which 4 intervals span.
 */
export interface HeartRateParameters {
  readonly intervals: number
  readonly slowIntervals: number
  readonly slowSeconds: number
  readonly leastIntervals: number
}

export const heartRateDefaults: HeartRateParameters = {
  intervals: 12,
  slowIntervals: 4,
  slowSeconds: 1.2,
  leastIntervals: 2,
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
