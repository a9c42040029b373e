import { checkValue } from '../vitals/reading-check.js'
import { type RecordReason, type RefusalReason, recordReasons, refusalReasons } from '../wire/reasons.js'

/**
 * What a rule does with what breaks it. `refused`: it goes no further than the journal and quarantine. `flagged`: it is measured and
 * scored with its mark. `told`: nothing is wrong with one value; the issue is for a person.
 */
export type RuleEffect = 'refused' | 'flagged' | 'told'

export interface QualityRule {
  readonly id: string
  readonly effect: RuleEffect
  readonly says: string
  /** So many breaches by a device within an hour open an issue for review; null: none, another rule opens it. */
  readonly reviewAfter: number | null
}

const flags = {
  implausible: { says: 'possible, but no living patient has been seen with it', reviewAfter: 10 },
  'rate-of-change': { says: 'further from the value before than the catalogue allows for the time between', reviewAfter: 5 },
  'pressure-order': { says: 'two pressures of one moment are equal', reviewAfter: 3 },
  'narrow-pulse-pressure': { says: 'systolic and diastolic pressure less than 10 mmHg apart', reviewAfter: 3 },
  'mean-out-of-place': { says: 'a mean pressure that does not lie where it must between the other two', reviewAfter: 3 },
  'weight-jump': { says: 'a body weight that fluid alone does not explain', reviewAfter: 1 },
  unsigned: { says: 'what only a person can judge, without a name', reviewAfter: null },
  'pulse-disagrees': { says: 'an SpO2 while the pulse is another than the heart rate', reviewAfter: null },
  corrected: { says: 'a value that a correction has changed', reviewAfter: null },
} as const

const told = {
  'rates-disagree': { says: 'heart rate of the ECG and pulse rate of the light apart for 10 s', reviewAfter: 1 },
  'steps-not-worn': { says: 'steps counted by a device that is not worn', reviewAfter: 1 },
  'sample-time-future': { says: 'a device clock in UTC that is ahead of the time of receipt by more than 2 s', reviewAfter: 1 },
  'low-coverage': { says: 'five minutes of which less than half of the samples came', reviewAfter: 1 },
} as const

/** Breaches an hour that open an issue; every other refused message or record: five. */
const refusedReview: Readonly<Partial<Record<RefusalReason | RecordReason, number>>> = {
  impossible: 3,
  'unknown-name': 1,
  'unknown-unit': 1,
  'wrong-value': 3,
  'pressure-order': 1,
  'time-future': 1,
  'counter-backwards': 1,
  'birth-shape': 1,
  'birth-differs': 1,
}
const otherRefusedReview = 5

/** All rules, by effect and id: one id may refuse in one place and flag in another (equal pressures, pressures in the wrong order). */
export const qualityRules: readonly QualityRule[] = [
  ...Object.entries({ ...refusalReasons, ...recordReasons }).map(
    ([id, says]): QualityRule => ({
      id,
      effect: 'refused',
      says,
      reviewAfter: refusedReview[id as RecordReason] ?? otherRefusedReview,
    }),
  ),
  ...Object.entries(flags).map(([id, rule]): QualityRule => ({ id, effect: 'flagged', ...rule })),
  ...Object.entries(told).map(([id, rule]): QualityRule => ({ id, effect: 'told', ...rule })),
]

const byKey = new Map(qualityRules.map(rule => [ruleKey(rule.effect, rule.id), rule]))

/** Name under which breaches are counted: `flagged/implausible`. */
export function ruleKey(effect: RuleEffect, id: string): string {
  return `${effect}/${id}`
}

/** A reason that no table names (a new one of another stage) is counted, and reviewed from the tenth on. */
export function reviewAfter(effect: RuleEffect, id: string): number | null {
  const rule = byKey.get(ruleKey(effect, id))
  return rule === undefined ? 10 : rule.reviewAfter
}

/** Rule that a measurement of the patient log was flagged by; null: it is not flagged. */
export function flagOf(body: Readonly<Record<string, unknown>>): string | null {
  if (body.status !== 'questionable') return null
  if (typeof body.reason === 'string') return body.reason
  const { name, value } = body
  const implausible = typeof value === 'number' && checkValue(name as never, value) === 'questionable'
  return implausible ? 'implausible' : 'unsigned'
}
