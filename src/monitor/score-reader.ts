import type { AlertRule } from '../alert/alert-rule.js'
import { type FindingResult, findScore } from '../alert/finding.js'
import { collectNews2, news2Vitals } from '../score/collect-news2.js'
import { type News2ItemName, type News2Result, scoreNews2 } from '../score/news2.js'
import { canonicalJson } from '../signal/canonical-json.js'
import type { PatientAttributes } from '../signal/patient.js'
import { CrossFieldCheck, type CrossFieldIssue, type CrossFieldState } from '../vitals/cross-field.js'
import { PulseCrossCheck, type PulseCrossCheckState } from '../vitals/pulse-cross-check.js'
import { VitalTable, type VitalTableState } from '../vitals/vital-table.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import { evidenceOf } from './evidence.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'
import { deviceOf, streamOf } from './vital-reader.js'

/** NEWS2 is made anew every so many seconds of patient time, and said when an item's points or state have changed. */
const scoreEverySeconds = 10

interface ScoreReaderState {
  conditions: ConditionSetState
  table: VitalTableState
  crossCheck: PulseCrossCheckState
  fields: CrossFieldState
  next: number | null
  said: string
  raisedBy: Record<string, News2ItemName[]>
}

export function scoreRules(rules: readonly AlertRule[]): AlertRule[] {
  return rules.filter(rule => rule.input.kind === 'score')
}

/** NEWS2 over all vital signs of the patient, on a grid that begins with the session. */
export class ScoreReader implements MergeHandler<ReaderItem> {
  readonly conditions: ConditionSet
  readonly #emit: EmitEvent
  readonly #table = new VitalTable()
  readonly #crossCheck = new PulseCrossCheck()
  readonly #fields = new CrossFieldCheck()
  #attributes: PatientAttributes
  /** Next moment of the grid; null until there is something to score. */
  #next: number | null = null
  #origin: number
  #said = ''
  /** By rule: the items that were present when it was last true. */
  #raisedBy: Record<string, News2ItemName[]> = {}

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
      this.#crossCheck.take(item.reading)
      this.#sayIssue(this.#fields.takeRates(this.#crossCheck, t), t)
      this.#sayIssue(this.#fields.takeReading(item.reading), t)
      const reading = this.#crossCheck.judge(item.reading)
      if (!news2Vitals.includes(reading.name) || this.#table.take(reading) !== 'taken') return
      if (this.#next === null) this.#next = this.#gridAfter(t)
    } else if (item.kind === 'episode' && item.name === 'non-wear') {
      this.#sayIssue(this.#fields.takeWear(deviceOf(input), !item.on, t), t)
    } else if (item.kind === 'end') {
      this.#table.forget(streamOf(input), deviceOf(input))
    }
  }

  advance(t: number): void {
    // The score of this moment comes before delays that end in it: one that is low again does not raise its alert.
    if (this.#next !== null && this.#next <= t) {
      this.#next = this.#gridAfter(t)
      this.#score(t)
    }
    this.conditions.advance(t)
  }

  nextDeadline(): number {
    return Math.min(this.conditions.nextDeadline(), this.#next ?? Number.POSITIVE_INFINITY)
  }

  save(): ScoreReaderState & { origin: number } {
    return {
      conditions: this.conditions.save(),
      table: this.#table.save(),
      crossCheck: this.#crossCheck.save(),
      fields: this.#fields.save(),
      next: this.#next,
      said: this.#said,
      raisedBy: copyLists(this.#raisedBy),
      origin: this.#origin,
    }
  }

  load(state: ScoreReaderState & { origin: number }): void {
    this.conditions.load(state.conditions)
    this.#table.load(state.table)
    this.#crossCheck.load(state.crossCheck)
    this.#fields.load(state.fields)
    this.#next = state.next
    this.#said = state.said
    this.#raisedBy = copyLists(state.raisedBy)
    this.#origin = state.origin
  }

  /**
   * Finding of a score rule. A score that does not apply to the patient (refused) ends its alerts. A partial score cannot say
   * that a total is below its limit; but when all is known that was known when the alert was raised, and it is below now, the
   * reason for the alert is gone: items that nobody ever measures must not keep it for ever.
   */
  #find(rule: AlertRule, result: News2Result): FindingResult {
    if (result.refused !== undefined) return { finding: 'false', reason: result.refused }
    const found = findScore(rule, this.conditions.heldPhase(rule.id), result)
    const present = result.items.filter(item => item.state === 'present').map(item => item.name)
    if (found.finding === 'true') this.#raisedBy[rule.id] = present
    if (found.finding !== 'unknown') return found
    const known = this.#raisedBy[rule.id]
    return known?.every(name => present.includes(name)) === true ? { finding: 'false', reason: 'below-as-far-as-known' } : found
  }

  #sayIssue(issue: CrossFieldIssue | null, t: number): void {
    if (issue === null) return
    const { rule, on, since, values, device } = issue
    this.#emit({
      t,
      type: 'data-issue',
      stream: '',
      body: { rule, on, since: t - since, values },
      note: device === null ? {} : { of: device },
    })
  }

  #gridAfter(t: number): number {
    const step = scoreEverySeconds * 1e6
    return this.#origin + (Math.floor((t - this.#origin) / step) + 1) * step
  }

  #score(t: number): void {
    const inputs = collectNews2(name => this.#table.current(name, t))
    const result = scoreNews2(inputs, this.#attributes)
    const heaviest = result.items.reduce((most, item) => ((item.points ?? -1) > (most.points ?? -1) ? item : most))
    const evidence = heaviest.points === null ? null : evidenceOf(inputs[heaviest.name].source)
    for (const rule of this.conditions.rules) {
      const { finding, reason } = this.#find(rule, result)
      this.conditions.step(rule.id, finding, t, { value: result.total, evidence, reason })
    }
    const outline = canonicalJson(outlineOf(result))
    // Without one current input nothing changes until a reading comes; hours of gap are not scored every 10 s.
    if (outline === this.#said) {
      if (result.items.every(item => item.state === 'stale' || item.state === 'missing')) this.#next = null
      return
    }
    this.#said = outline
    this.#emit({ t, type: 'score', stream: '', body: { ...result }, note: { algorithm: 'news2' } })
    // Nothing left to say until a reading comes: an empty table is not scored every 10 s.
    if (this.#table.names().length === 0) this.#next = null
  }
}

function copyLists(lists: Readonly<Record<string, readonly News2ItemName[]>>): Record<string, News2ItemName[]> {
  return Object.fromEntries(Object.entries(lists).map(([rule, names]) => [rule, [...names]]))
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
