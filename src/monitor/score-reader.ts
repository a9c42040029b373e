import type { AlertRule } from '../alert/alert-rule.js'
import { findScore } from '../alert/finding.js'
import { collectNews2, news2Vitals } from '../score/collect-news2.js'
import { type News2Result, scoreNews2 } from '../score/news2.js'
import { canonicalJson } from '../signal/canonical-json.js'
import type { PatientAttributes } from '../signal/patient.js'
import { VitalTable, type VitalTableState } from '../vitals/vital-table.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'
import { streamOf } from './vital-reader.js'

/** NEWS2 is made anew every so many seconds of patient time, and said when an item's points or state have changed. */
const scoreEverySeconds = 10

interface ScoreReaderState {
  conditions: ConditionSetState
  table: VitalTableState
  next: number | null
  said: string
}

export function scoreRules(rules: readonly AlertRule[]): AlertRule[] {
  return rules.filter(rule => rule.enabled && rule.input.kind === 'score')
}

/** NEWS2 over all vital signs of the patient, on a grid that begins with the session. */
export class ScoreReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #emit: EmitEvent
  readonly #table = new VitalTable()
  #attributes: PatientAttributes
  /** Next moment of the grid; null until there is something to score. */
  #next: number | null = null
  #origin: number
  #said = ''

  constructor(rules: readonly AlertRule[], attributes: PatientAttributes, origin: number, emit: EmitEvent) {
    this.conditions = new ConditionSet(rules, '', emit)
    this.#attributes = attributes
    this.#origin = origin
    this.#emit = emit
  }

  set attributes(attributes: PatientAttributes) {
    this.#attributes = attributes
  }

  item(item: ReaderItem, t: number, input: string): void {
    if (item.kind === 'reading') {
      if (!news2Vitals.includes(item.reading.name) || this.#table.take(item.reading) !== 'taken') return
      if (this.#next === null) this.#next = this.#gridAfter(t)
    } else if (item.kind === 'end') {
      this.#table.forget(streamOf(input))
    }
  }

  advance(t: number): void {
    this.conditions.advance(t)
    if (this.#next !== null && this.#next <= t) {
      this.#next = this.#gridAfter(t)
      this.#score(t)
    }
  }

  nextDeadline(): number {
    return Math.min(this.conditions.nextDeadline(), this.#next ?? Number.POSITIVE_INFINITY)
  }

  save(): ScoreReaderState & { origin: number } {
    return { conditions: this.conditions.save(), table: this.#table.save(), next: this.#next, said: this.#said, origin: this.#origin }
  }

  load(state: ScoreReaderState & { origin: number }): void {
    this.conditions.load(state.conditions)
    this.#table.load(state.table)
    this.#next = state.next
    this.#said = state.said
    this.#origin = state.origin
  }

  #gridAfter(t: number): number {
    const step = scoreEverySeconds * 1e6
    return this.#origin + (Math.floor((t - this.#origin) / step) + 1) * step
  }

  #score(t: number): void {
    const inputs = collectNews2(name => this.#table.current(name, t))
    const result = scoreNews2(inputs, this.#attributes)
    for (const rule of this.conditions.rules) {
      // A score that does not apply to the patient cannot keep an alert: refused ends it, where unknown would hold it.
      const refused = result.refused !== undefined
      const { finding, reason } = refused
        ? { finding: 'false' as const, reason: result.refused ?? null }
        : findScore(rule, this.conditions.state(rule.id).phase, result)
      this.conditions.step(rule.id, finding, t, { value: result.total, evidence: null, reason })
    }
    const outline = canonicalJson(outlineOf(result))
    if (outline === this.#said) return
    this.#said = outline
    this.#emit({ t, type: 'score', stream: '', body: { ...result }, note: { algorithm: 'news2' } })
    // Nothing left to say until a reading comes: an empty table is not scored every 10 s.
    if (this.#table.names().length === 0) this.#next = null
  }
}

/** What must change for the score to be said again; a value that moves within its band says nothing new. */
function outlineOf(result: News2Result): unknown {
  return {
    total: result.total,
    band: result.band,
    refused: result.refused ?? null,
    unverified: result.unverified,
    items: result.items.map(item => [item.name, item.points, item.state, item.reason ?? null]),
  }
}
