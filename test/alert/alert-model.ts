import type { AlertPhase, Finding } from '../../src/alert/alert-machine.js'

/**
 * The design's alert table a second time, in another way: it keeps the whole history of findings of the current phase
 * and works out delays by summing over it, where the program keeps running figures.
 */
export class AlertModel {
  #phase: AlertPhase = 'absent'
  #acknowledged = false
  #measurable = true
  /** Findings since the phase began, oldest first; each holds until the next. */
  #history: { readonly t: number; readonly finding: Finding }[] = []
  readonly #rule: { readonly onsetDelaySeconds: number; readonly clearDelaySeconds: number; readonly latches: boolean }

  constructor(rule: { readonly onsetDelaySeconds: number; readonly clearDelaySeconds: number; readonly latches: boolean }) {
    this.#rule = rule
  }

  view(): readonly [AlertPhase, boolean, boolean] {
    return [this.#phase, this.#acknowledged, this.#measurable]
  }

  acknowledge(sawNewest: boolean): boolean {
    const told = this.#phase === 'active' || this.#phase === 'clearing' || this.#phase === 'latched'
    if (!told || !sawNewest || this.#acknowledged) return false
    if (this.#phase === 'latched') {
      this.#phase = 'absent'
      this.#history = []
    } else this.#acknowledged = true
    return true
  }

  step(finding: Finding, t: number): void {
    this.#history.push({ t, finding })
    const next = this.#decide(finding, t)
    if (next !== this.#phase) {
      if (next === 'absent' || this.#phase === 'latched') this.#acknowledged = false
      this.#phase = next
      this.#history = [{ t, finding }]
      if (next === 'clearing' && this.#rule.clearDelaySeconds === 0) {
        this.#phase = this.#rule.latches && !this.#acknowledged ? 'latched' : 'absent'
        if (this.#phase === 'absent') this.#acknowledged = false
      }
    }
    this.#measurable = !(finding === 'unknown' && (this.#phase === 'active' || this.#phase === 'clearing'))
  }

  #decide(finding: Finding, t: number): AlertPhase {
    const first = this.#history[0]!.t
    const table: Record<AlertPhase, Record<Finding, () => AlertPhase>> = {
      absent: {
        true: () => (this.#rule.onsetDelaySeconds === 0 ? 'active' : 'pending'),
        false: () => 'absent',
        unknown: () => 'absent',
      },
      pending: {
        true: () => (t - first >= this.#rule.onsetDelaySeconds * 1e6 ? 'active' : 'pending'),
        false: () => 'absent',
        unknown: () => (this.#unbroken('unknown', t) >= 30e6 ? 'absent' : 'pending'),
      },
      active: { true: () => 'active', false: () => 'clearing', unknown: () => 'active' },
      clearing: {
        true: () => 'active',
        false: () => (this.#timeFalse(t) < this.#rule.clearDelaySeconds * 1e6 ? 'clearing' : this.#end()),
        unknown: () => 'clearing',
      },
      latched: { true: () => 'active', false: () => 'latched', unknown: () => 'latched' },
    }
    return table[this.#phase][finding]()
  }

  #end(): AlertPhase {
    return this.#rule.latches && !this.#acknowledged ? 'latched' : 'absent'
  }

  /** How long the newest findings have been `finding` without a break. */
  #unbroken(finding: Finding, t: number): number {
    let since = t
    for (let i = this.#history.length - 1; i >= 0 && this.#history[i]!.finding === finding; i--) since = this.#history[i]!.t
    return t - since
  }

  /** Time in this phase during which the finding was false. */
  #timeFalse(t: number): number {
    let sum = 0
    for (let i = 0; i < this.#history.length; i++) {
      if (this.#history[i]!.finding === 'false') sum += (this.#history[i + 1]?.t ?? t) - this.#history[i]!.t
    }
    return sum
  }
}
