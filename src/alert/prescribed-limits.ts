import type { RuleOverrides } from './limits-profile.js'

/** Limits that someone has set for one patient, from a moment of patient time on (microseconds). */
export interface LimitPrescription {
  readonly rules: RuleOverrides
  readonly from: number
  /** First moment at which it no longer holds; null: until another comes. */
  readonly until: number | null
  readonly author: string
  readonly reason: string
}

/**
 * What holds at patient time `t`: the limits for all, changed by each prescription in force, later beginnings over earlier
 * ones, of equal beginnings the later in the list. A rule that a prescription names is taken from it whole.
 */
export function limitsInForce(base: RuleOverrides, prescriptions: readonly LimitPrescription[], t: number): RuleOverrides {
  const inForce = prescriptions.filter(({ from, until }) => from <= t && (until === null || t < until))
  const ordered = inForce.map((one, place) => ({ one, place })).sort((a, b) => a.one.from - b.one.from || a.place - b.place)
  return Object.assign({}, base, ...ordered.map(({ one }) => one.rules)) as RuleOverrides
}

/** The next moment after `t` at which what holds may change; null: never. */
export function nextLimitChange(prescriptions: readonly LimitPrescription[], t: number): number | null {
  const later = prescriptions.flatMap(({ from, until }) => (until === null ? [from] : [from, until])).filter(moment => moment > t)
  return later.length === 0 ? null : Math.min(...later)
}

/**
 * A prescribed range of SpO2, e.g. 88 to 92 or 94 to 98 %: below it for the usual delay, far below it at once (4 points, as
 * the most severe band of NEWS2's scale 2 lies below 88 to 92), above it while on supplemental oxygen.
 */
export function oxygenTarget(low: number, high: number): RuleOverrides {
  return {
    'spo2-low': { limit: low, clearLimit: low + 1 },
    desaturation: { limit: low - 4, clearLimit: low - 2 },
    'spo2-above-target': { limit: high, clearLimit: high, enabled: true },
  }
}
