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

/** Trend scores of the patient's conditions, said at the end of each day of patient time (UTC) that had a reading. */
export class TrendReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #emit: EmitEvent
  readonly #table = new VitalTable()
  readonly #history = new DailyHistory()
  #attributes: PatientAttributes
  #sums: Partial<Record<TrendCondition, TrendSum>> = {}
  /** End of the day that goes on; null until it has a reading. */
  #next: number | null = null

  constructor(attributes: PatientAttributes, emit: EmitEvent) {
    this.conditions = new ConditionSet([], '', emit)
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
    if (this.#next === null || this.#next > t) return
    const day = DailyHistory.dayOf(this.#next) - 1
    this.#history.closeBefore(day + 1)
    // Days without a reading are not scored.
    const end = this.#next
    this.#next = null
    for (const condition of trendConditions) {
      if (this.#attributes.conditions?.includes(condition) === true) this.#score(condition, day, end)
    }
  }

  nextDeadline(): number {
    return this.#next ?? Number.POSITIVE_INFINITY
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

  #score(condition: TrendCondition, day: number, t: number): void {
    const result = scoreTrend(this.#history, condition, day, this.#sums[condition] ?? calmTrend)
    this.#sums[condition] = { sum: result.total, alert: result.alert }
    this.#emit({ t, type: 'score', stream: '', body: { ...result }, note: { algorithm: result.score } })
  }
}
