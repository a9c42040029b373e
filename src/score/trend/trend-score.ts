import type { VitalName } from '../../signal/catalogue.js'
import type { DailyHistory, DailyValue } from './daily-history.js'
import { baselineAt, driftOf, robustZ } from './personal-baseline.js'
import { type RobustSlope, theilSen } from './robust-slope.js'
import { type TrendCondition, type TrendItemDefinition, trendDefinitions } from './trend-definitions.js'

export const trendParameters = {
  /** Items must have this share of all weights on a day before it is judged. */
  leastCompleteness: 0.5,
  /** No single item counts for more standard deviations than this. */
  mostZ: 4,
  /** Cumulative sum (E. S. Page, Biometrika 41 (1954) 100): allowance a day, and where it alerts and has calmed down. */
  allowance: 0.75,
  alertSum: 6,
  clearSum: 3,
  mostSum: 12,
  slopeDays: 14,
} as const

const historyDays = 90

export interface TrendItem {
  readonly name: VitalName
  readonly state: 'present' | 'missing' | 'no-baseline'
  readonly value: number | null
  /** Of the personal baseline, in the unit of the value. */
  readonly usual: number | null
  readonly baselineDays: number
  /** Robust standard deviations from what is usual; of a week, by moving average. */
  readonly z: number | null
  readonly drift: number | null
  /** A day, over the newest 14 days. */
  readonly slope: RobustSlope | null
  /** What it adds to the deviation of the day; positive is worse. */
  readonly contribution: number | null
}

export interface TrendResult {
  readonly score: `${TrendCondition}-trend`
  /** Last day that counts, days of patient time. */
  readonly day: number
  /** Deviation of the day over all items, in standard deviations of a steady day; null when too little was measured. */
  readonly deviation: number | null
  /** Cumulative sum of the deviations beyond the allowance. */
  readonly total: number
  readonly alert: boolean
  /** Share of the items by weight that could be judged. */
  readonly completeness: number
  readonly complete: boolean
  readonly items: readonly TrendItem[]
  readonly validation: 'experimental, unvalidated'
}

/** What is carried from day to day. */
export interface TrendSum {
  readonly sum: number
  readonly alert: boolean
}

export const calmTrend: TrendSum = { sum: 0, alert: false }

/**
 * Whether a person drifts from its own baseline the way a flare does, day by day: deviations of the items in robust standard
 * deviations, weighted, summed up beyond an allowance. A day with too little says nothing: the sum stays. Experimental: no
 * patients' data stand behind it (docs/algorithms/copd-trend.md).
 */
export function scoreTrend(history: DailyHistory, condition: TrendCondition, day: number, before: TrendSum): TrendResult {
  const definitions = trendDefinitions[condition]
  const judged = definitions.map(definition => ({ definition, item: judgeItem(history, definition, day) }))
  let weights = 0
  let squares = 0
  let present = 0
  let sum = 0
  for (const { definition, item } of judged) {
    weights += definition.weight
    if (item.z === null) continue
    present += definition.weight
    squares += definition.weight * definition.weight
    sum += definition.weight * worseBy(definition, item.z)
  }
  const completeness = present / weights
  const scale = Math.sqrt(squares)
  const deviation = completeness < trendParameters.leastCompleteness ? null : sum / scale
  const total = deviation === null ? before.sum : nextSum(before.sum, deviation)
  const alert = before.alert ? total > trendParameters.clearSum : total > trendParameters.alertSum
  const items = judged.map(({ definition, item }) => ({
    ...item,
    contribution: item.z === null || deviation === null ? null : (definition.weight * worseBy(definition, item.z)) / scale,
  }))
  return {
    score: `${condition}-trend`,
    day,
    deviation,
    total,
    alert,
    completeness,
    complete: present === weights,
    items,
    validation: 'experimental, unvalidated',
  }
}

export function nextSum(sum: number, deviation: number): number {
  const { allowance, mostSum } = trendParameters
  return Math.min(mostSum, Math.max(0, sum + deviation - allowance))
}

function worseBy({ worse }: TrendItemDefinition, z: number): number {
  const { mostZ } = trendParameters
  return Math.min(mostZ, Math.max(-mostZ, worse * z))
}

function judgeItem(history: DailyHistory, { names, leastSpread }: TrendItemDefinition, day: number): Omit<TrendItem, 'contribution'> {
  const known = names.map(name => judgeVital(history, name, leastSpread, day))
  return known.find(({ state }) => state === 'present') ?? known.find(({ state }) => state === 'no-baseline') ?? known[0]!
}

function judgeVital(history: DailyHistory, name: VitalName, leastSpread: number, day: number): Omit<TrendItem, 'contribution'> {
  const values = history.values(name, day - historyDays, day + 1)
  const value = valueOn(values, day)
  const baseline = baselineAt(values, day, leastSpread)
  const state = value === null ? 'missing' : baseline === null ? 'no-baseline' : 'present'
  const newest = values.filter(one => one.day > day - trendParameters.slopeDays)
  return {
    name,
    state,
    value,
    usual: baseline?.median ?? null,
    baselineDays: baseline?.days ?? 0,
    z: value === null || baseline === null ? null : robustZ(value, baseline),
    drift: baseline === null ? null : driftOf(values, day, baseline),
    slope: theilSen(newest.map(one => ({ time: one.day, value: one.value }))),
  }
}

function valueOn(values: readonly DailyValue[], day: number): number | null {
  const newest = values.at(-1)
  return newest?.day === day ? newest.value : null
}
