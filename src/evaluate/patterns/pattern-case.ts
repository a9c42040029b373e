import type { RuleOverrides } from '../../alert/limits-profile.js'
import type { frontEnds } from '../../simulate/patterns/front-end.js'
import type { TestPattern } from '../../simulate/patterns/test-pattern.js'

/** Where a limit comes from. The standards themselves were not at hand; nothing here claims conformity. */
export const limitSources = {
  manuals:
    'figures that operator manuals of bedside monitors (Philips MP2, Mindray D60 and TM80, Welch Allyn Propaq LT) disclose after ANSI/AAMI EC13 / IEC 60601-2-27',
  quoted: 'ANSI/AAMI EC13 / IEC 60601-2-27 as commonly quoted; the text was not at hand',
  project: 'target of this project',
} as const
export type LimitSource = keyof typeof limitSources

/** Parts of the report, in its order. */
export const patternGroups = {
  'qrs-range': 'QRS complexes that must count',
  'small-qrs': 'Deflections that must not count',
  'tall-t': 'Tall T waves',
  response: 'Response of the heart rate to a step',
  irregular: 'Irregular rhythms',
  'tachycardia-alarm': 'Ventricular tachycardia: time to alarm',
  'rate-alarm': 'Asystole, low and high rate: time to alarm',
  'pacer-pulse': 'Pacemaker pulses, slew-limited front end',
  'pacer-overshoot': 'Pacemaker pulses with overshoot, slew-limited front end',
  'pacer-wide': 'Pacemaker pulses, wide front end',
  'pacer-marks': 'Pacemaker pulses marked by the device, wide front end',
  mains: 'Mains interference',
  drift: 'Baseline drift',
} as const
export type PatternGroup = keyof typeof patternGroups

/** What is measured, and what it is held against. Times in seconds. */
export type Check =
  /** Every heart rate from `settled` on within `tolerance` of `expected`; `exact`: no beat missed or counted twice either. */
  | { readonly kind: 'rate'; readonly expected: number; readonly tolerance: number; readonly settled: number; readonly exact: boolean }
  /** No beat at all. */
  | { readonly kind: 'silent'; readonly from: number }
  /** From `from` to the first heart rate within 1 /min of `target`. */
  | { readonly kind: 'response'; readonly from: number; readonly target: number; readonly atMost: number }
  /** From `from` to the first alert of `conditions`; `silent`: no beat counted after that time. */
  | {
      readonly kind: 'alert'
      readonly from: number
      readonly conditions: readonly string[]
      readonly atMost: number
      readonly silent: boolean
    }

/** One waveform and what is asked of it. */
export interface PatternCase {
  readonly group: PatternGroup
  readonly pattern: TestPattern
  readonly frontEnd: keyof typeof frontEnds
  readonly check: Check
  readonly source: LimitSource
  /** Disclosed: measured and shown against the limit, and not held to it. */
  readonly level: 'required' | 'disclosed'
  readonly limits: RuleOverrides
  readonly byMarks: boolean
  /** Value of what changes along a series of waveforms, for the largest one that is tolerated. */
  readonly step: number | null
}

export const caseDefaults = {
  frontEnd: 'slew-limited',
  level: 'required',
  limits: {},
  byMarks: false,
  step: null,
} as const satisfies Partial<PatternCase>

/** Accepted error of the heart rate: the larger of 10 % and 5 /min. */
export function rateTolerance(expected: number): number {
  return Math.max(5, 0.1 * expected)
}
