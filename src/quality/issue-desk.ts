import type { RuleEffect } from './rules.js'

/**
 * Where to look: the stream, and the first and last breach by the wall time of receipt and, where a patient is known, by the newest
 * patient time when each was found (microseconds): the data itself lies at or just after it.
 */
export interface EvidenceWindow {
  readonly stream: string
  readonly at: readonly [from: number, to: number]
  readonly t: readonly [from: number, to: number] | null
}

export type IssueState = 'open' | 'assigned' | 'resolved'

/** Body of the system event `issue`: each step is an event, the newest is what is so. */
export interface QualityIssue {
  /** Id of the event that opened it. */
  readonly issue: string
  readonly model: string
  readonly firmware: string
  readonly rule: string
  readonly effect: RuleEffect | 'reported'
  readonly state: IssueState
  /** Breaches in the hour in which it was opened and since, as of this event. */
  readonly count: number
  readonly evidence: EvidenceWindow
  readonly assignee: string | null
  /** What the person who resolved it found; null before. */
  readonly outcome: string | null
  /** Who made this step, and why; `engine` opens by rule. */
  readonly author: string
  readonly reason: string
}

export interface IssueStep {
  readonly issue: string
  readonly action: 'assign' | 'resolve'
  /** Of `assign`: who looks into it. */
  readonly assignee: string | null
  /** Of `resolve`. */
  readonly outcome: string | null
  readonly author: string
  readonly reason: string
}

/** Issues of one device that are open at once; a device that breaks more rules than that has one problem, not hundred. */
const mostOpen = 32

/**
 * The issues of one device that are not resolved: at most one for each rule, however often it is broken. Resolved ones live in the
 * event log; a breach after that opens a new one.
 */
export class IssueDesk {
  readonly #open = new Map<string, QualityIssue>()

  /** A breach that the open issue of its rule, if there is one, takes in; true when it did. */
  takes(rule: string, effect: QualityIssue['effect'], at: number, t: number | null): boolean {
    const key = `${effect}/${rule}`
    const issue = this.#open.get(key)
    if (issue === undefined) return false
    const { evidence } = issue
    const window = t === null ? evidence.t : ([evidence.t?.[0] ?? t, t] as const)
    this.#open.set(key, { ...issue, count: issue.count + 1, evidence: { ...evidence, at: [evidence.at[0], at], t: window } })
    return true
  }

  /** null: there is one already, or too many are open. */
  open(issue: QualityIssue): QualityIssue | null {
    const key = `${issue.effect}/${issue.rule}`
    if (this.#open.has(key) || this.#open.size >= mostOpen) return null
    this.#open.set(key, issue)
    return issue
  }

  /** null: no issue of this id is open here. */
  step(step: IssueStep): QualityIssue | null {
    for (const [key, issue] of this.#open) {
      if (issue.issue !== step.issue) continue
      const { author, reason } = step
      if (step.action === 'resolve') {
        this.#open.delete(key)
        return { ...issue, state: 'resolved', outcome: step.outcome, author, reason }
      }
      const assigned: QualityIssue = { ...issue, state: 'assigned', assignee: step.assignee, author, reason }
      this.#open.set(key, assigned)
      return assigned
    }
    return null
  }

  /** Of this id, as it stands. */
  find(issue: string): QualityIssue | null {
    for (const open of this.#open.values()) if (open.issue === issue) return open
    return null
  }

  save(): QualityIssue[] {
    return [...this.#open.values()].map(issue => structuredClone(issue))
  }

  load(state: readonly QualityIssue[]): void {
    this.#open.clear()
    for (const issue of state) this.#open.set(`${issue.effect}/${issue.rule}`, structuredClone(issue))
  }
}
