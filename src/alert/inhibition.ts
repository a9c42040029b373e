import type { AlertRule, SignalCondition } from './alert-rule.js'

/** A technical condition that holds now, on one stream. */
export interface TechnicalCondition {
  readonly condition: SignalCondition
  readonly stream: string
}

/**
 * The technical condition that explains away what `rule` would find in `stream`, or null. Only a condition on that same
 * stream counts: what another sensor shows still alerts.
 */
export function findInhibition(rule: AlertRule, stream: string, technical: readonly TechnicalCondition[]): SignalCondition | null {
  for (const condition of rule.inhibitedBy) {
    if (technical.some(held => held.condition === condition && held.stream === stream)) return condition
  }
  return null
}
