/**
 * Heart rate from RR intervals by the averaging rule that bedside monitors disclose (EC13, IEC 60601-2-27 ask for the
 * disclosure): the mean of the last 12 intervals without the shortest and the longest; when the last 3 all exceed 1200 ms,
 * the mean of the last 4. With fewer than 12 at hand those there are, at least 2; the shortest and the longest are left
 * out from 5 on.
 */
export interface HeartRateParameters {
  readonly intervals: number
  readonly slowIntervals: number
  readonly slowSeconds: number
  readonly slowRun: number
  readonly leastIntervals: number
}

export const heartRateDefaults: HeartRateParameters = {
  intervals: 12,
  slowIntervals: 4,
  slowSeconds: 1.2,
  slowRun: 3,
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
  const { slowSeconds, slowRun, slowIntervals, leastIntervals } = parameters
  if (intervals.length < leastIntervals) return null
  const latest = intervals.slice(-slowRun)
  const slow = latest.length === slowRun && latest.every(interval => interval > slowSeconds)
  const chosen = intervals.slice(slow ? -slowIntervals : -parameters.intervals)
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
