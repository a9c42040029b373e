import type { PatientCondition } from '../../signal/patient.js'
import type { AlertRule } from '../alert-rule.js'
import { sources } from './sources.js'

/**
 * Trend scores over days, of patients who are followed for the condition (its name among their attributes): to look, not to act. The score
 * of the same moment says which items carry it. Limits as in `trendParameters`.
 */
export const trendRules: readonly AlertRule[] = [trendRule('copd'), trendRule('heart-failure')]

function trendRule(condition: PatientCondition): AlertRule {
  return {
    id: `${condition}-trend`,
    priority: 'low',
    kind: 'physiological',
    scope: 'patient',
    input: { kind: 'trend', score: `${condition}-trend` },
    side: 'above',
    limit: 6,
    clearLimit: 3,
    unit: '{score}',
    onsetDelaySeconds: 0,
    clearDelaySeconds: 0,
    latches: false,
    enabled: true,
    inhibitedBy: [],
    message: 'Experimental trend score of days {value}, above {limit}: values away from what is usual for the person',
    citation: sources.house,
  }
}
