import type { BeatComparison, BeatPair } from './compare-beats.js'
import { quantileOfSorted } from './intervals.js'

export interface BeatTiming {
  /** Pairs that the offset and jitter are from, and pairs of neighbours that the RR error is from. */
  readonly pairs: number
  readonly rrIntervals: number
  /** Median of test less reference, ms; positive where the test is late. */
  readonly offsetMedianMs: number | null
  /** Median distance of the offsets from their median, ms: constant delay does not count. */
  readonly jitterMadMs: number | null
  /** Mean absolute difference of RR intervals whose both beats are matched, with no beat missed or extra between them, ms. */
  readonly rrErrorMeanMs: number | null
}

/** How exactly one record's beats are placed. Offsets of several records are better not mixed: annotators differ in their fiducial. */
export function beatTiming({ pairs, missed, extra }: BeatComparison, fs: number): BeatTiming {
  const toMs = 1000 / fs
  const offsets = pairs.map(({ reference, test }) => (test - reference) * toMs)
  const median = medianOf(offsets)
  const errors = intervalErrors(pairs, missed, extra).map(error => Math.abs(error) * toMs)
  return {
    pairs: pairs.length,
    rrIntervals: errors.length,
    offsetMedianMs: median,
    jitterMadMs: median === null ? null : medianOf(offsets.map(offset => Math.abs(offset - median))),
    rrErrorMeanMs: errors.length === 0 ? null : errors.reduce((sum, error) => sum + error, 0) / errors.length,
  }
}

/** Test less reference interval, in samples, of pairs that follow each other with nothing unmatched between them. */
function intervalErrors(pairs: readonly BeatPair[], missed: readonly number[], extra: readonly number[]): number[] {
  const errors: number[] = []
  let nextMissed = 0
  let nextExtra = 0
  for (let i = 1; i < pairs.length; i++) {
    const [before, after] = [pairs[i - 1] as BeatPair, pairs[i] as BeatPair]
    while (nextMissed < missed.length && (missed[nextMissed] as number) < before.reference) nextMissed++
    while (nextExtra < extra.length && (extra[nextExtra] as number) < before.test) nextExtra++
    const isNeighbour =
      (missed[nextMissed] ?? Number.POSITIVE_INFINITY) > after.reference && (extra[nextExtra] ?? Number.POSITIVE_INFINITY) > after.test
    if (isNeighbour) errors.push(after.test - before.test - (after.reference - before.reference))
  }
  return errors
}

/** null of nothing. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0
    ? null
    : quantileOfSorted(
        [...values].sort((a, b) => a - b),
        0.5,
      )
}
