import {
  type AlertChange,
  type AlertPhase,
  type AlertState,
  absentAlert,
  acknowledgeAlert,
  endAlert,
  type Finding,
  nextDeadline,
  stepAlert,
} from '../alert/alert-machine.js'
import { writeMessage } from '../alert/alert-message.js'
import type { AlertRule } from '../alert/alert-rule.js'
import { isBeyond } from '../alert/finding.js'
import { canonicalJson } from '../signal/canonical-json.js'
import type { EmitEvent, SampleRef } from './event.js'
import { limitsOf, touchesLimits } from './rule-limits.js'

/** What a finding rests on; goes into the events of the transitions that it causes. */
export interface FindingContext {
  /** Value that was held against the limit; null when there is none. */
  readonly value: number | null
  /** Samples that the finding rests on, with some of what came before. */
  readonly evidence: { readonly from: SampleRef; readonly to: SampleRef } | null
  /** Why a finding is unknown. */
  readonly reason: string | null
}

const nothing: FindingContext = { value: null, evidence: null, reason: null }

function isBeyondLimit(rule: AlertRule, value: number | null): boolean {
  return rule.side === null || rule.limit === null || value === null || isBeyond(rule.side, value, rule.limit)
}

interface Condition {
  readonly rule: AlertRule
  state: AlertState
  /** Of the newest finding; deadlines step with it again. */
  context: FindingContext
  /** Whether a finding was true by the limit as it is now: hysteresis holds no condition that only another limit raised. */
  beyond: boolean
  /** Patient time of the last change of its rule in this phase: no delay of the phase ends before; null: none. */
  notBefore: number | null
}

function newCondition(rule: AlertRule): Condition {
  return { rule, state: absentAlert, context: nothing, beyond: false, notBefore: null }
}

/** When the condition must be stepped next: a delay that was shortened ends with the change, not in the past. */
function dueAt({ rule, state, notBefore }: Condition): number | null {
  const due = nextDeadline(rule, state)
  return due === null || notBefore === null ? due : Math.max(due, notBefore)
}

function isEnabled(rule: AlertRule): boolean {
  return rule.enabled
}

export interface ConditionSetState {
  conditions: { id: string; state: AlertState; context: FindingContext; beyond: boolean; notBefore?: number | null }[]
}

export interface AcknowledgeOutcome {
  readonly accepted: boolean
  readonly reason: string | null
  readonly revision: number
}

/** The conditions of one reader: holds their states, steps them at their own deadlines, and emits their transitions. */
export class ConditionSet {
  /** Also those that are off, which have no condition. */
  #rules: readonly AlertRule[]
  #conditions: Condition[]
  /** Those of rules that were off at the moment to which the set went back; they stand still until their rules are on again. */
  #aside: Condition[] = []
  /** Stream that the events speak of; empty for conditions of the patient. */
  readonly #stream: string
  readonly #emit: EmitEvent
  #deadline = Number.POSITIVE_INFINITY

  constructor(rules: readonly AlertRule[], stream: string, emit: EmitEvent) {
    this.#rules = rules
    this.#conditions = rules.filter(isEnabled).map(newCondition)
    this.#stream = stream
    this.#emit = emit
  }

  /** Those that are on. */
  get rules(): readonly AlertRule[] {
    return this.#conditions.map(condition => condition.rule)
  }

  /** Phase of a condition, for findings with hysteresis: `absent` as long as nothing was beyond the limit as it is now. */
  heldPhase(id: string): AlertPhase {
    const { state, beyond } = this.#find(id)
    return beyond ? state.phase : 'absent'
  }

  /** Steps one condition by a finding at patient time `t`. */
  step(id: string, finding: Finding, t: number, context: FindingContext = nothing): void {
    const condition = this.#find(id)
    // Held by hysteresis: what the events tell stays the value that was beyond the limit.
    if (finding !== 'true' || isBeyondLimit(condition.rule, context.value)) condition.context = context
    if (finding === 'true') condition.beyond = true
    this.#apply(condition, finding, t)
    this.#refreshDeadline()
  }

  /** Steps every condition whose deadline is at or before `t`, with the finding that still holds. */
  advance(t: number): void {
    for (const condition of this.#conditions) {
      const due = dueAt(condition)
      if (due !== null && due <= t) this.#apply(condition, condition.state.finding, due)
    }
    this.#refreshDeadline()
  }

  nextDeadline(): number {
    return this.#deadline
  }

  acknowledge(id: string, expectedRevision: number, t: number): AcknowledgeOutcome {
    const condition = this.#find(id)
    const outcome = acknowledgeAlert(condition.state, expectedRevision, t)
    if (!outcome.accepted) return { accepted: false, reason: outcome.reason, revision: condition.state.revision }
    this.#tell(condition, outcome.state, outcome.changes)
    condition.state = outcome.state
    this.#refreshDeadline()
    return { accepted: true, reason: null, revision: outcome.state.revision }
  }

  /**
   * Replaces the rules from patient time `t` on, says which have changed and returns their ids. States stay, but for those of
   * changed limits: a pending condition begins its delay anew if it still is so (time beyond another limit does not count), and
   * an active one is held no longer by the limit that raised it. Rules that are gone or off end, silently when absent. What
   * began after `t` was judged by these rules already. Not `told`: the changes were said when they came first.
   */
  replaceRules(rules: readonly AlertRule[], t: number, told = true): ReadonlySet<string> {
    const added = rules.filter(rule => this.#rules.every(({ id }) => id !== rule.id)).map(rule => ({ ...rule, enabled: false }))
    const changed = new Set<string>()
    for (const old of [...this.#rules, ...added]) {
      const rule = rules.find(({ id }) => id === old.id) ?? { ...old, enabled: false }
      if ((!old.enabled && !rule.enabled) || canonicalJson(limitsOf(rule)) === canonicalJson(limitsOf(old))) continue
      changed.add(rule.id)
      if (told) this.#tellLimits(old, rule, t)
      const condition = this.#conditions.find(candidate => candidate.rule.id === rule.id)
      if (condition === undefined) continue
      if (!rule.enabled) this.#switchOff(condition, t)
      else if (touchesLimits(old, rule) && condition.state.since < t) {
        if (condition.state.phase === 'pending') this.#apply(condition, 'false', t)
        condition.beyond = false
      }
      condition.notBefore = t
    }
    const before = [...this.#conditions, ...this.#aside]
    const off = this.#aside.filter(({ rule }) => !rules.some(({ id, enabled }) => enabled && id === rule.id))
    // Off also by what holds now: it ends like any other.
    if (told) for (const condition of off) this.#switchOff(condition, t)
    this.#aside = told ? [] : off
    this.#exchange(rules, before)
    return changed
  }

  /** Goes back to the rules of an earlier moment, for readings that come late: nothing changes and nothing is said. */
  goBack(rules: readonly AlertRule[]): void {
    const before = [...this.#conditions, ...this.#aside]
    this.#aside = before.filter(({ rule }) => !rules.some(({ id, enabled }) => enabled && id === rule.id))
    const earlier = before.map(condition => {
      const rule = rules.find(({ id }) => id === condition.rule.id)
      return rule !== undefined && touchesLimits(condition.rule, rule) ? { ...condition, beyond: false, notBefore: null } : condition
    })
    this.#exchange(rules, earlier)
  }

  #exchange(rules: readonly AlertRule[], before: readonly Condition[]): void {
    this.#rules = rules
    this.#conditions = rules.filter(isEnabled).map(rule => {
      const old = before.find(condition => condition.rule.id === rule.id)
      return old === undefined ? newCondition(rule) : { ...old, rule }
    })
    this.#refreshDeadline()
  }

  save(): ConditionSetState {
    return {
      conditions: [...this.#conditions, ...this.#aside].map(({ rule, state, context, beyond, notBefore }) => ({
        id: rule.id,
        state: { ...state },
        context: { ...context },
        beyond,
        notBefore,
      })),
    }
  }

  load(saved: ConditionSetState): void {
    this.#aside = []
    for (const entry of saved.conditions) {
      let condition = this.#conditions.find(candidate => candidate.rule.id === entry.id)
      if (condition === undefined) {
        const off = this.#rules.find(({ id }) => id === entry.id)
        if (off === undefined) continue
        condition = newCondition(off)
        this.#aside.push(condition)
      }
      condition.state = { ...entry.state }
      condition.context = { ...entry.context }
      condition.beyond = entry.beyond
      condition.notBefore = entry.notBefore ?? null
    }
    this.#refreshDeadline()
  }

  /** A rule that was switched off clears at once: its delays no longer apply. */
  #switchOff(condition: Condition, t: number): void {
    if (condition.state.phase === 'absent') return
    const off = { ...condition, rule: { ...condition.rule, clearDelaySeconds: 0, latches: false } }
    this.#apply(off, 'false', t)
    const { state, changes } = endAlert(off.state, t)
    if (changes.length > 0) this.#tell(off, state, changes)
  }

  #tellLimits(before: AlertRule, rule: AlertRule, t: number): void {
    const body = { condition: rule.id, unit: rule.unit, before: limitsOf(before), ...limitsOf(rule) }
    this.#emit({ t, type: 'limits-changed', stream: this.#stream, body, note: { citation: rule.citation } })
  }

  #apply(condition: Condition, finding: Finding, t: number): void {
    const { state, changes } = stepAlert(condition.rule, condition.state, finding, t)
    if (changes.length > 0) this.#tell(condition, state, changes)
    if (state.phase !== condition.state.phase) condition.notBefore = null
    condition.state = state
  }

  #tell(condition: Condition, state: AlertState, changes: readonly AlertChange[]): void {
    const { rule, context } = condition
    for (const change of changes) {
      this.#emit({
        t: change.t,
        type: 'condition',
        stream: this.#stream,
        body: {
          condition: rule.id,
          priority: rule.priority,
          kind: rule.kind,
          from: change.from,
          to: change.to,
          cause: change.cause,
          ...(rule.input.kind === 'vital' ? { name: rule.input.name } : {}),
          value: context.value,
          limit: rule.limit,
          ...(rule.prescribed === undefined ? {} : { prescribed: rule.prescribed }),
          unit: rule.unit,
          measurable: change.cause === 'measurable' ? state.measurable : true,
          message: writeMessage(rule, context.value),
          evidence: context.evidence,
          ...(context.reason === null ? {} : { reason: context.reason }),
        },
        note: {
          episode: state.episode,
          revision: change.revision,
          onset: state.onset,
          acknowledged: state.acknowledged,
          citation: rule.citation,
        },
      })
    }
  }

  #find(id: string): Condition {
    const condition = this.#conditions.find(candidate => candidate.rule.id === id)
    if (condition === undefined) throw new Error(`no condition ${id}`)
    return condition
  }

  #refreshDeadline(): void {
    let earliest = Number.POSITIVE_INFINITY
    for (const condition of this.#conditions) {
      const due = dueAt(condition)
      if (due !== null && due < earliest) earliest = due
    }
    this.#deadline = earliest
  }
}
