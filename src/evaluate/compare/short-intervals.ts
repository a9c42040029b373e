import type { BeatComparison } from './compare-beats.js'
import { meanOfDefined } from './summarise.js'

export interface ShortIntervalOptions {
  readonly fs: number
  /** Length of an interval; default 10 s. */
  readonly seconds?: number
  /** The period that was compared, in samples. */
  readonly from: number
  readonly to: number
}

export interface ShortIntervalScore {
  /** Whole intervals in the period with at least one reference beat. */
  readonly intervals: number
  /** Those of them with no missed and no extra beat, and those with as many test beats as reference beats. */
  readonly withoutError: number
  readonly rightCount: number
  /** The same as shares; null where there is no interval. */
  readonly withoutErrorShare: number | null
  readonly rightCountShare: number | null
  /**
   * Means over the intervals, as fractions: 1 less these is the area under the empirical distribution of an interval's
   * sensitivity and positive predictivity. An interval in which the test has no beat at all has no positive predictivity.
   */
  readonly meanSe: number | null
  readonly meanPpv: number | null
}

/**
 * What a record looks like in intervals of 10 s, as long as an ECG strip or what a heart rate limit alarm sees: gross figures
 * hide errors that come in bursts, and false alarms go with these (J Electrocardiol 51:68-73, 2018, PMC5965672). Intervals follow each other from the start of the test period; a beat belongs to the interval
 * of its reference annotation, an extra one to that of its own. Intervals without a reference beat (asystole, fibrillation) and a
 * last one that is cut short do not count.
 */
export function scoreShortIntervals(comparison: BeatComparison, options: ShortIntervalOptions): ShortIntervalScore {
  const { fs, seconds = 10, from, to } = options
  const length = seconds * fs
  const count = Math.max(0, Math.floor((to - from) / length))
  const found = new Uint32Array(count)
  const missed = new Uint32Array(count)
  const extra = new Uint32Array(count)
  const tally = (counts: Uint32Array, sample: number): void => {
    const interval = Math.floor((sample - from) / length)
    if (interval >= 0 && interval < count) counts[interval] = (counts[interval] as number) + 1
  }
  for (const { reference } of comparison.pairs) tally(found, reference)
  for (const sample of comparison.missed) tally(missed, sample)
  for (const sample of comparison.extra) tally(extra, sample)

  const sensitivities: number[] = []
  const predictivities: number[] = []
  let withoutError = 0
  let rightCount = 0
  for (let i = 0; i < count; i++) {
    const [hits, misses, extras] = [found[i] as number, missed[i] as number, extra[i] as number]
    if (hits + misses === 0) continue
    sensitivities.push(hits / (hits + misses))
    if (hits + extras > 0) predictivities.push(hits / (hits + extras))
    if (misses + extras === 0) withoutError++
    if (misses === extras) rightCount++
  }
  const intervals = sensitivities.length
  const share = (part: number): number | null => (intervals === 0 ? null : part / intervals)
  return {
    intervals,
    withoutError,
    rightCount,
    withoutErrorShare: share(withoutError),
    rightCountShare: share(rightCount),
    meanSe: meanOfDefined(sensitivities),
    meanPpv: meanOfDefined(predictivities),
  }
}
