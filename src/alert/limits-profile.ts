import type { PatientAttributes } from '../signal/patient.js'
import type { AlertRule, PrescribedBy } from './alert-rule.js'
import { isBeyond } from './finding.js'
import { adultProfile, limitProfiles, type ScaledLimit } from './rules/adult-profile.js'

/** What a limits file may change of a rule. */
export interface RuleOverride {
  readonly limit?: number
  readonly clearLimit?: number
  readonly onsetDelaySeconds?: number
  readonly clearDelaySeconds?: number
  readonly enabled?: boolean
}

/** Rule id to its changed fields. */
export type RuleOverrides = Readonly<Record<string, RuleOverride>>

/**
 * The rules for a patient: the profile, with the changed limits of a file, with SpO2 limits lowered (never raised) for a
 * prescribed target of 88 to 92 %, and its upper limit switched on unless the file switches it off. Rules that are `prescribed`
 * for this patient, by rule id, hold as `overrides` says in the fields that the prescription itself names (`named`): a limit with
 * an author and a date goes before a target without, a delay leaves the target as it is. An unknown profile name falls back to
 * `adult`: no name leaves a patient without rules.
 */
export function chooseRules(
  patient: Pick<PatientAttributes, 'limitProfile' | 'spo2Scale'>,
  overrides: RuleOverrides,
  prescribed: Readonly<Record<string, PrescribedBy>> = {},
  named: RuleOverrides = {},
): readonly AlertRule[] {
  const profile = Object.hasOwn(limitProfiles, patient.limitProfile) ? limitProfiles[patient.limitProfile]! : adultProfile
  return profile.rules.map(rule => {
    const override = Object.hasOwn(overrides, rule.id) ? overrides[rule.id] : undefined
    const changed = override === undefined ? rule : overrideRule(rule, override)
    const by = Object.hasOwn(prescribed, rule.id) ? prescribed[rule.id] : undefined
    const scale2 = patient.spo2Scale === 2 && Object.hasOwn(profile.scale2, rule.id) ? profile.scale2[rule.id] : undefined
    const own = by !== undefined && Object.hasOwn(named, rule.id) ? named[rule.id]! : {}
    const aimed = scale2 === undefined ? changed : aimAt(scale2, changed, override, own)
    return by === undefined ? aimed : { ...aimed, citation: `prescribed by ${by.author}`, prescribed: by }
  })
}

/** The changed rule at the target of scale 2, but for what the prescription names (`own`). */
function aimAt(scale2: ScaledLimit, changed: AlertRule, override: RuleOverride | undefined, own: RuleOverride): AlertRule {
  const enabled = override?.enabled ?? scale2.enabled ?? changed.enabled
  const { limit, clearLimit, citation } = scale2
  if (own.limit !== undefined || changed.limit === null || changed.limit <= limit) return { ...changed, enabled }
  const lowered = { ...changed, limit, citation, enabled }
  return own.clearLimit !== undefined && clearsOnNormalSide(lowered) ? lowered : { ...lowered, clearLimit }
}

/** The rule with changed fields; when only `limit` is given, `clearLimit` moves along at its distance from the limit. */
export function overrideRule(rule: AlertRule, override: RuleOverride): AlertRule {
  const moved =
    override.limit !== undefined && override.clearLimit === undefined && rule.limit !== null && rule.clearLimit !== null
      ? { clearLimit: moveAlong(override.limit, rule.clearLimit - rule.limit) }
      : {}
  return { ...rule, ...moved, ...override }
}

/** Whether `clearLimit` lies on the normal side of `limit`, or on it. */
export function clearsOnNormalSide(rule: Pick<AlertRule, 'side' | 'limit' | 'clearLimit'>): boolean {
  if (rule.side === null || rule.limit === null || rule.clearLimit === null) return true
  return rule.clearLimit === rule.limit || !isBeyond(rule.side, rule.clearLimit, rule.limit)
}

/** Limits are decimal: 38.8 - 39.1 must not leave its binary dust on the new limit. */
function moveAlong(limit: number, distance: number): number {
  return Math.round((limit + distance) * 1e6) / 1e6
}
