import type { AlertRule } from '../alert-rule.js'
import { oxygenRules } from './oxygen.js'
import { physiologicalRules } from './physiological.js'
import { sources } from './sources.js'
import { technicalRules } from './technical.js'
import { trendRules } from './trends.js'

/** A limit for a prescribed target; `enabled`: a rule that is off without one. */
export interface ScaledLimit {
  readonly limit: number
  readonly clearLimit: number
  readonly citation: string
  readonly enabled?: true
}

/** A named set of rules, and what changes in it for patients on NEWS2's SpO2 scale 2 (prescribed target 88 to 92 %). */
export interface LimitProfile {
  readonly name: string
  readonly rules: readonly AlertRule[]
  readonly scale2: Readonly<Record<string, ScaledLimit>>
}

export const adultProfile: LimitProfile = {
  name: 'adult',
  rules: [...physiologicalRules, ...oxygenRules, ...trendRules, ...technicalRules],
  scale2: {
    'spo2-low': { limit: 88, clearLimit: 89, citation: sources.oxygenTarget },
    desaturation: { limit: 84, clearLimit: 86, citation: sources.news2 },
    'spo2-above-target': { limit: 92, clearLimit: 92, citation: sources.oxygenTarget, enabled: true },
  },
}

export const limitProfiles: Readonly<Record<string, LimitProfile>> = { adult: adultProfile }
