import { type Detection, detectionRatios } from './compare/beat-statistics.js'
import type { Interval } from './compare/intervals.js'

/** Counts with sensitivity, positive predictivity and F1 in per cent; null where there is nothing to divide by. */
export interface BeatFigures {
  readonly tp: number
  readonly fp: number
  readonly fn: number
  readonly se: number | null
  readonly ppv: number | null
  readonly f1: number | null
}

export function beatFigures({ tp, fp, fn }: Pick<Detection, 'tp' | 'fp' | 'fn'>): BeatFigures {
  const { se, ppv, f1 } = detectionRatios({ tp, fp, fn, tn: 0 })
  return { tp, fp, fn, se: percent(se), ppv: percent(ppv), f1: percent(f1) }
}

export function sumFigures(parts: readonly Pick<Detection, 'tp' | 'fp' | 'fn'>[]): BeatFigures {
  return beatFigures(
    parts.reduce((sum, { tp, fp, fn }) => ({ tp: sum.tp + tp, fp: sum.fp + fp, fn: sum.fn + fn }), { tp: 0, fp: 0, fn: 0 }),
  )
}

/** Fractions to per cent, to a millionth of a per cent so that the same counts always print the same. */
export function percent(fraction: number | null): number | null {
  return fraction === null ? null : round(100 * fraction, 6)
}

/** Bounds of an interval as documents have them; `scale` 100 makes per cent of fractions. */
export type Bounds = readonly [number, number] | null

export function bounds(interval: Interval | null, scale = 1): Bounds {
  return interval === null ? null : [round(scale * interval.low, 4), round(scale * interval.high, 4)]
}

/** Both ends of an interval, for people. */
export function rangeText(low: number, high: number, digits: number): string {
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

export function roundOrNull(value: number | null, digits: number): number | null {
  return value === null ? null : round(value, digits)
}
