import { hertz } from '../signal/rate.js'
import { bootstrapByRecord, quantileOfSorted } from './compare/intervals.js'
import { comparePaired, type Difference } from './compare/paired.js'
import { scoreShortIntervals } from './compare/short-intervals.js'
import { meanOfDefined } from './compare/summarise.js'
import { beatTiming, medianOf } from './compare/timing.js'
import type { EvaluationRequest } from './evaluation-request.js'
import { type BeatFigures, type Bounds, bounds, percent, round, roundOrNull, sumFigures } from './figures.js'
import type { ScoredRecord } from './score-beats.js'

/** 95 % intervals of the gross figures, per cent, by drawing records. */
export function grossIntervals(counts: readonly Pick<BeatFigures, 'tp' | 'fp' | 'fn'>[]): { se: Bounds; ppv: Bounds; f1: Bounds } {
  const interval = (pick: (figures: BeatFigures) => number | null): Bounds =>
    bounds(bootstrapByRecord(counts, drawn => pick(sumFigures(drawn))))
  return { se: interval(({ se }) => se), ppv: interval(({ ppv }) => ppv), f1: interval(({ f1 }) => f1) }
}

/** p50, p95 and p99 in ms; null when there is none. */
export function latencyFigures(latencies: readonly (readonly number[] | null)[]): { p50: number; p95: number; p99: number } | null {
  const all = latencies.every(values => values !== null) ? latencies.flat().sort((a, b) => a - b) : []
  if (all.length === 0) return null
  const at = (share: number): number => round(quantileOfSorted(all, share), 3)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** Place of one record's R peaks against the reference. */
export function timingFigures({ comparison, tested }: ScoredRecord): {
  offsetMedianMs: number | null
  jitterMadMs: number | null
  rrErrorMeanMs: number | null
} {
  const { offsetMedianMs, jitterMadMs, rrErrorMeanMs } = beatTiming(comparison, hertz(tested.record.fs))
  return {
    offsetMedianMs: roundOrNull(offsetMedianMs, 4),
    jitterMadMs: roundOrNull(jitterMadMs, 4),
    rrErrorMeanMs: roundOrNull(rrErrorMeanMs, 4),
  }
}

/** Over records: median of their offsets, means of their jitters and RR errors. */
export function timingSummary(records: readonly ScoredRecord[]): ReturnType<typeof timingFigures> {
  const each = records.map(timingFigures)
  return {
    offsetMedianMs: roundOrNull(medianOf(each.map(({ offsetMedianMs }) => offsetMedianMs).filter(value => value !== null)), 4),
    jitterMadMs: roundOrNull(meanOfDefined(each.map(({ jitterMadMs }) => jitterMadMs)), 4),
    rrErrorMeanMs: roundOrNull(meanOfDefined(each.map(({ rrErrorMeanMs }) => rrErrorMeanMs)), 4),
  }
}

/** Intervals of 10 s, as a limit alarm sees them; shares are fractions. */
export function shortIntervalSummary(records: readonly ScoredRecord[], request: EvaluationRequest): Readonly<Record<string, unknown>> {
  const scores = records.map(({ comparison, tested: { record } }) => {
    const fs = hertz(record.fs)
    const to = request.to === null ? record.frames : Math.min(record.frames, Math.round(request.to * fs))
    return scoreShortIntervals(comparison, { fs, from: Math.round(request.from * fs), to })
  })
  const sum = (pick: (score: (typeof scores)[number]) => number): number => scores.reduce((total, score) => total + pick(score), 0)
  const intervals = sum(score => score.intervals)
  const share = (part: number): number | null => (intervals === 0 ? null : round(part / intervals, 6))
  return {
    seconds: 10,
    intervals,
    withoutErrorShare: share(sum(score => score.withoutError)),
    rightCountShare: share(sum(score => score.rightCount)),
    meanSe: roundOrNull(meanOfDefined(scores.map(score => score.meanSe)), 6),
    meanPpv: roundOrNull(meanOfDefined(scores.map(score => score.meanPpv)), 6),
  }
}

/** The test against the other annotator: differences in per cent points with 95 % intervals; null without one. */
export function pairedFigures(records: readonly ScoredRecord[], against: string | null): Readonly<Record<string, unknown>> | null {
  if (against === null) return null
  const pairs = records.flatMap(({ tested, comparison, other }) =>
    other === null ? [] : [{ record: tested.record.name, first: comparison, second: other }],
  )
  const { se, ppv, f1, beats, mcNemarP } = comparePaired(pairs)
  const points = ({ value, interval }: Difference) => ({ difference: percent(value), ci95: bounds(interval, 100) })
  return {
    against,
    se: points(se),
    ppv: points(ppv),
    f1: points(f1),
    beats,
    mcNemarP,
    other: { ...sumFigures(pairs.map(({ second }) => second)) },
  }
}
