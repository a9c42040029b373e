import type { AlertRule } from '../alert/alert-rule.js'
import { findLimit } from '../alert/finding.js'
import type { VitalName } from '../signal/catalogue.js'
import type { VitalReading } from '../vitals/vital-reading.js'
import { type CurrentVital, VitalTable, type VitalTableState } from '../vitals/vital-table.js'
import { ConditionSet, type ConditionSetState } from './condition-set.js'
import type { EmitEvent } from './event.js'
import { evidenceOf } from './evidence.js'
import type { MergeHandler } from './merge-reader.js'
import type { ReaderItem } from './reader-item.js'

interface VitalReaderState {
  conditions: ConditionSetState
  table: VitalTableState
  staleAt: number | null
  now: number
}

export function vitalRules(rules: readonly AlertRule[], name: VitalName): AlertRule[] {
  return rules.filter(rule => rule.input.kind === 'vital' && rule.input.name === name)
}

/** One vital sign among its sources, and the limit rules on it. */
export class VitalReader implements MergeHandler<ReaderItem> {
  readonly name: VitalName
  readonly conditions: ConditionSet
  readonly judgesLate = true
  readonly #table = new VitalTable()
  /** Other vital signs that rules on this one ask for, also those that are off now and may be switched on. */
  readonly #asked: readonly VitalName[]
  #staleAt: number | null = null
  #now = 0

  constructor(name: VitalName, rules: readonly AlertRule[], emit: EmitEvent) {
    this.name = name
    this.#asked = rules.flatMap(({ onlyWhile }) => (onlyWhile === undefined ? [] : [onlyWhile.name]))
    this.conditions = new ConditionSet(rules, '', emit)
  }

  item(item: ReaderItem, t: number, input: string, behind: boolean): void {
    if (item.kind === 'reading') {
      if (item.reading.name !== this.name) {
        // Another vital sign that a rule asks for; what it changes is judged with the next reading of this one.
        if (this.#asked.includes(item.reading.name)) this.#table.take(item.reading)
        return
      }
      if (this.#table.take(item.reading) === 'impossible') return
      // A backlog behind the other sources is judged by its own values at its own times: what was so then still counts.
      if (behind) this.#judge(asCurrent(item.reading), t)
      else this.#judge(this.#table.current(this.name, t), t)
      if (!behind) this.#now = t
      this.#staleAt = this.#table.staleAt(this.name, this.#now)
    } else if (item.kind === 'low-battery' && this.name === 'battery') {
      for (const rule of this.conditions.rules) {
        this.conditions.step(rule.id, item.on ? 'true' : 'false', t, { value: item.value, evidence: null, reason: null })
      }
    } else if (item.kind === 'end' || item.kind === 'silent') {
      this.#table.forget(streamOf(input), deviceOf(input))
      this.#judge(this.#table.current(this.name, t), t)
      this.#staleAt = this.#table.staleAt(this.name, t)
    }
  }

  advance(t: number): void {
    this.#now = Math.max(this.#now, t)
    this.conditions.advance(t)
    if (this.#staleAt !== null && this.#staleAt <= t) {
      this.#judge(this.#table.current(this.name, t), t)
      this.#staleAt = this.#table.staleAt(this.name, t)
    }
  }

  nextDeadline(): number {
    return Math.min(this.conditions.nextDeadline(), this.#staleAt ?? Number.POSITIVE_INFINITY)
  }

  /** The value on show is held against changed limits at once: a spot value may be the last one for hours. */
  rejudge(changed: ReadonlySet<string>, t: number): void {
    const current = this.#table.current(this.name, t)
    if (current.value === null) return
    this.#judge(
      current,
      t,
      this.conditions.rules.filter(({ id }) => changed.has(id)),
    )
  }

  save(): VitalReaderState {
    return { conditions: this.conditions.save(), table: this.#table.save(), staleAt: this.#staleAt, now: this.#now }
  }

  load(state: VitalReaderState): void {
    this.conditions.load(state.conditions)
    this.#table.load(state.table)
    this.#staleAt = state.staleAt
    this.#now = state.now
  }

  #applies(rule: AlertRule, t: number): boolean | null {
    if (rule.onlyWhile === undefined) return true
    const { value, stale } = this.#table.current(rule.onlyWhile.name, t)
    return stale || typeof value !== 'boolean' ? null : value === rule.onlyWhile.is
  }

  #judge(current: CurrentVital, t: number, rules = this.conditions.rules): void {
    const value = typeof current.value === 'number' ? current.value : null
    for (const rule of rules) {
      const { finding, reason } = findLimit(rule, this.conditions.heldPhase(rule.id), {
        value,
        quality: current.quality,
        stale: current.stale,
        reason: current.reason,
        // A source whose lead or sensor is off says so as the reason for having no value.
        inhibitedBy: rule.inhibitedBy.find(condition => condition === current.reason) ?? null,
        applies: this.#applies(rule, t),
      })
      this.conditions.step(rule.id, finding, t, { value, evidence: evidenceOf(current.source), reason })
    }
  }
}

/** Input keys are `device/boot/stream`. */
export function streamOf(input: string): string {
  return input.slice(input.lastIndexOf('/') + 1)
}

export function deviceOf(input: string): string {
  return input.slice(0, input.indexOf('/'))
}

function asCurrent(reading: VitalReading): CurrentVital {
  return {
    name: reading.name,
    value: reading.value,
    unit: '',
    t: reading.t,
    ageSeconds: 0,
    stale: false,
    source: reading.source,
    quality: reading.quality,
    status: reading.status,
    reason: reading.reason ?? null,
  }
}
