import { agreementFigures } from '../agreement-figures.js'
import { agreementOf } from '../compare/agreement.js'
import { bootstrapByRecord } from '../compare/intervals.js'
import { type Bounds, bounds, roundOrNull } from '../figures.js'
import type { OximeterSecond } from './observe-oximeter.js'
import { countedFrom, type OximeterCase } from './oximeter-cases.js'

/** A case with the seconds of it that count. */
export interface ScoredCase {
  readonly of: OximeterCase
  readonly seconds: readonly OximeterSecond[]
}

/** After the rest and the averaging time; of records with bursts only the seconds in movement. */
export function countedSeconds(of: OximeterCase, seconds: readonly OximeterSecond[]): OximeterSecond[] {
  return seconds.filter(({ at, moving }) => at > countedFrom && (of.motion !== 'bursts' || moving))
}

export interface OximeterFigures {
  readonly [name: string]: unknown
  readonly arms: number | null
  readonly coverage: number | null
}

/** Agreement of cases taken together. `arms` is the root mean square of all numbers' errors, held ones included. */
export function figuresOf(cases: readonly ScoredCase[], intervals = false): OximeterFigures {
  const seconds = cases.flatMap(one => one.seconds)
  const agreement = agreementOf(seconds)
  const withheld: Record<string, number> = {}
  for (const { reason } of seconds) if (reason !== null) withheld[reason] = (withheld[reason] ?? 0) + 1
  const held = seconds.filter(second => second.held).length
  const wrong = seconds.filter(({ estimate, reference }) => estimate !== null && Math.abs(estimate - reference) > 6).length
  return {
    records: cases.length,
    ...agreementFigures(agreement),
    coverage: roundOrNull(agreement.coverage, 4),
    arms: roundOrNull(agreement.rmse, 4),
    heldShare: share(held, seconds.length),
    beyond6Share: share(wrong, seconds.length),
    withheld,
    ...(intervals ? { ci95: { arms: armsInterval(cases), coverage: coverageInterval(cases) } } : {}),
  }
}

/** 95 % intervals by drawing whole records. */
function armsInterval(cases: readonly ScoredCase[]): Bounds {
  return bounds(bootstrapByRecord(cases, drawn => agreementOf(drawn.flatMap(one => one.seconds)).rmse, { draws: 500 }))
}

function coverageInterval(cases: readonly ScoredCase[]): Bounds {
  return bounds(bootstrapByRecord(cases, drawn => agreementOf(drawn.flatMap(one => one.seconds)).coverage, { draws: 500 }))
}

/** Root mean square against the true saturation of the moment, and by how many seconds the numbers trail it (where it is least). */
export function trailOf(
  cases: readonly ScoredCase[],
  saturationBefore: (one: ScoredCase, at: number) => number,
): {
  armsNow: number | null
  trailSeconds: number | null
} {
  const armsAt = (trail: number): number | null => {
    let sum = 0
    let count = 0
    for (const one of cases) {
      for (const { at, estimate } of one.seconds) {
        if (estimate === null) continue
        const error = estimate - saturationBefore(one, at - trail)
        sum += error * error
        count += 1
      }
    }
    return count === 0 ? null : Math.sqrt(sum / count)
  }
  let best: number | null = null
  let least = Number.POSITIVE_INFINITY
  for (let trail = 0; trail <= 20; trail += 0.5) {
    const arms = armsAt(trail)
    if (arms !== null && arms < least) {
      least = arms
      best = trail
    }
  }
  return { armsNow: roundOrNull(armsAt(0), 4), trailSeconds: best }
}

export const oximeterColumns = [
  'records',
  'seconds',
  'coverage',
  'held',
  'A_rms %',
  'bias %',
  '90 % interval holds',
  'off by > 6 %',
  'withheld most for',
]

/** Cells under `oximeterColumns`. */
export function oximeterCells(figures: OximeterFigures): (string | number | null)[] {
  const digits = (value: unknown, count: number) => (typeof value === 'number' ? value.toFixed(count) : null)
  const withheld = Object.entries(figures.withheld as Readonly<Record<string, number>>).sort((a, b) => b[1] - a[1])
  return [
    Number(figures.records),
    Number(figures.windows),
    digits(figures.coverage, 3),
    digits(figures.heldShare, 3),
    digits(figures.arms, 2),
    digits(figures.bias, 2),
    digits(figures.intervalCoverage, 3),
    digits(figures.beyond6Share, 4),
    withheld[0]?.[0] ?? null,
  ]
}

function share(count: number, of: number): number | null {
  return of === 0 ? null : roundOrNull(count / of, 4)
}
