import type { AlertRule } from '../alert/alert-rule.js'
import { findLimit } from '../alert/finding.js'
import { DailyHistory } from '../score/trend/daily-history.js'
import { type TrendCondition, trendConditions, trendVitals } from '../score/trend/trend-definitions.js'
import { calmTrend, scoreTrend, type TrendSum } from '../score/trend/trend-score.js'
import type { PatientAttributes } from '../signal/patient.js'
import type { StageState } from '../signal/stage.js'
import type { VitalReading } from '../vitals/vital-reading.js'
import { VitalTable, type VitalTableState } from '../vitals/vital-table.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'
import { deviceOf, streamOf } from './vital-reader.js'

interface TrendReaderState {
  conditions: ConditionSetState
  table: VitalTableState
  history: StageState
  sums: Partial<Record<TrendCondition, TrendSum>>
  next: number | null
}

export function trendRules(rules: readonly AlertRule[]): AlertRule[] {
  return rules.filter(rule => rule.input.kind === 'trend')
}

/**
 * Trend scores of the patient's conditions, said at the end of each day of patient time (UTC) that had a reading, and the rules on them: a
 * day with too little says neither that the score is beyond its limit nor that it is not.
 */
export class TrendReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #emit: EmitEvent
  readonly #table = new VitalTable()
  readonly #history = new DailyHistory()
  #attributes: PatientAttributes
  #sums: Partial<Record<TrendCondition, TrendSum>> = {}
  /** End of the day that goes on; null until it has a reading. */
  #next: number | null = null

  constructor(rules: readonly AlertRule[], attributes: PatientAttributes, emit: EmitEvent) {
    this.conditions = new ConditionSet(rules, '', emit)
    this.#attributes = attributes
    this.#emit = emit
  }

  set attributes(attributes: PatientAttributes) {
    this.#attributes = attributes
  }

  item(item: ReaderItem, t: number, input: string): void {
    if (item.kind === 'end') this.#table.forget(streamOf(input), deviceOf(input))
    if (item.kind !== 'reading' || !trendVitals.has(item.reading.name)) return
    const { reading } = item
    if (this.#table.take(reading) !== 'taken' || !this.#counts(reading, t)) return
    const { device = '', stream, algorithm } = reading.source
    this.#history.take(reading.name, reading.value as number, reading.t, `${device}/${stream}/${algorithm}`)
    this.#next ??= DailyHistory.startOf(DailyHistory.dayOf(reading.t) + 1)
  }

  advance(t: number): void {
    this.#closeDay(t)
    this.conditions.advance(t)
  }

  nextDeadline(): number {
    return Math.min(this.conditions.nextDeadline(), this.#next ?? Number.POSITIVE_INFINITY)
  }

  save(): TrendReaderState {
    return {
      conditions: this.conditions.save(),
      table: this.#table.save(),
      history: this.#history.save(),
      sums: { ...this.#sums },
      next: this.#next,
    }
  }

  load(state: TrendReaderState): void {
    this.conditions.load(state.conditions)
    this.#table.load(state.table)
    this.#history.load(state.history)
    this.#sums = { ...state.sums }
    this.#next = state.next
  }

  /** Only numbers that nothing speaks against, of the source that is believed at the time. */
  #counts(reading: VitalReading, t: number): boolean {
    if (typeof reading.value !== 'number' || reading.status !== 'valid') return false
    const current = this.#table.current(reading.name, t)
    const { source } = reading
    return (
      current.value !== null &&
      current.source?.stream === source.stream &&
      current.source.device === source.device &&
      current.source.algorithm === source.algorithm
    )
  }

  #closeDay(t: number): void {
    if (this.#next === null || this.#next > t) return
    const day = DailyHistory.dayOf(this.#next) - 1
    this.#history.closeBefore(day + 1)
    // Days without a reading are not scored.
    const end = this.#next
    this.#next = null
    for (const condition of trendConditions) {
      if (this.#attributes.conditions?.includes(condition) === true) this.#score(condition, day, end)
      else this.#step(condition, end, { value: null, finding: 'false', reason: 'not-followed' })
    }
  }

  #score(condition: TrendCondition, day: number, t: number): void {
    const result = scoreTrend(this.#history, condition, day, this.#sums[condition] ?? calmTrend)
    this.#sums[condition] = { sum: result.total, alert: result.alert }
    this.#emit({ t, type: 'score', stream: '', body: { ...result }, note: { algorithm: result.score } })
    const { total, deviation } = result
    if (deviation === null) this.#step(condition, t, { value: total, finding: 'unknown', reason: 'incomplete' })
    else this.#step(condition, t, { value: total })
  }

  #step(condition: TrendCondition, t: number, told: { value: number | null; finding?: 'false' | 'unknown'; reason?: string }): void {
    const rule = this.conditions.rules.find(({ input }) => input.kind === 'trend' && input.score === `${condition}-trend`)
    if (rule === undefined) return
    const { value } = told
    const held = { value, quality: null, stale: false }
    const found =
      told.finding === undefined
        ? findLimit(rule, this.conditions.heldPhase(rule.id), held)
        : { finding: told.finding, reason: told.reason ?? null }
    this.conditions.step(rule.id, found.finding, t, { value, evidence: null, reason: found.reason })
  }
}
