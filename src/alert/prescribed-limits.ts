import type { PrescribedBy } from './alert-rule.js'
import type { RuleOverride, RuleOverrides } from './limits-profile.js'

/** Limits that someone has set for one patient, from a moment of patient time on (microseconds). */
export interface LimitPrescription extends PrescribedBy {
  readonly rules: RuleOverrides
  readonly from: number
  /** First moment at which it no longer holds; null: until another comes. */
  readonly until: number | null
}

/** A prescription beside those of others, with the id of the patient whose it is. */
export interface PatientPrescription extends LimitPrescription {
  readonly patient: string
}

/** Changed limits, and for each rule that a prescription changed, whose it is and which fields it names itself. */
export interface LimitsInForce {
  readonly rules: RuleOverrides
  readonly prescribed: Readonly<Record<string, PrescribedBy>>
  readonly named: RuleOverrides
}

/**
 * What holds at patient time `t`: the limits for all, changed by each prescription in force. Of two that name a rule the one
 * with the later beginning counts, of equal beginnings the later in the list; fields that it does not name are those for all.
 */
export function limitsInForce(base: RuleOverrides, prescriptions: readonly LimitPrescription[], t: number): LimitsInForce {
  const inForce = prescriptions.filter(({ from, until }) => from <= t && (until === null || t < until))
  const ordered = inForce.map((one, place) => ({ one, place })).sort((a, b) => a.one.from - b.one.from || a.place - b.place)
  const rules = { ...base }
  const prescribed: Record<string, PrescribedBy> = {}
  const named: Record<string, RuleOverride> = {}
  for (const { one } of ordered) {
    for (const [id, override] of Object.entries(one.rules)) {
      rules[id] = laidOver(base[id] ?? {}, override)
      prescribed[id] = { author: one.author, reason: one.reason }
      named[id] = override
    }
  }
  return { rules, prescribed, named }
}

/** A new limit does not go with the clear limit of another. */
function laidOver(base: RuleOverride, override: RuleOverride): RuleOverride {
  const { clearLimit: _, ...others } = base
  return override.limit === undefined ? { ...base, ...override } : { ...others, ...override }
}

/** The next moment after `t` at which what holds may change; null: never. */
export function nextLimitChange(prescriptions: readonly LimitPrescription[], t: number): number | null {
  const later = prescriptions.flatMap(({ from, until }) => (until === null ? [from] : [from, until])).filter(moment => moment > t)
  return later.length === 0 ? null : Math.min(...later)
}

/** The prescriptions of one patient, in their order. */
export function prescriptionsOf(prescriptions: readonly PatientPrescription[], patient: string): LimitPrescription[] {
  return prescriptions.filter(one => one.patient === patient).map(({ patient: _, ...prescription }) => prescription)
}

/**
 * A prescribed range of SpO2, e.g. 88 to 92 or 94 to 98 %: below it for the usual delay, far below it at once (4 points, as
 * the most severe band of NEWS2's scale 2 lies below 88 to 92), above it while on supplemental oxygen. It switches these
 * rules on where they are off for others.
 */
export function oxygenTarget(low: number, high: number): RuleOverrides {
  return {
    'spo2-low': { limit: low, clearLimit: low + 1, enabled: true },
    desaturation: { limit: low - 4, clearLimit: low - 2, enabled: true },
    'spo2-above-target': { limit: high, clearLimit: high, enabled: true },
  }
}
