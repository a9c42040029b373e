import type { AlertRule, PrescribedBy } from '../alert/alert-rule.js'

/** What of a rule can be changed, and whose change it is; null: as for all patients. */
export interface RuleLimits {
  readonly enabled: boolean
  readonly limit: number | null
  readonly clearLimit: number | null
  readonly onsetDelaySeconds: number
  readonly clearDelaySeconds: number
  readonly prescribed: PrescribedBy | null
}

export function limitsOf(rule: AlertRule): RuleLimits {
  const { enabled, limit, clearLimit, onsetDelaySeconds, clearDelaySeconds, prescribed = null } = rule
  return { enabled, limit, clearLimit, onsetDelaySeconds, clearDelaySeconds, prescribed }
}

/** Whether the two differ in what a value is held against; delays and names do not count. */
export function touchesLimits(before: AlertRule, rule: AlertRule): boolean {
  return before.limit !== rule.limit || before.clearLimit !== rule.clearLimit
}
