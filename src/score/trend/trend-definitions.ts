import type { VitalName } from '../../signal/catalogue.js'
import { type PatientCondition, patientConditions } from '../../signal/patient.js'

export const trendConditions = patientConditions
export type TrendCondition = PatientCondition

export interface TrendItemDefinition {
  /** Best first; the first with a value and a baseline is taken. */
  readonly names: readonly VitalName[]
  /** Which way is worse. */
  readonly worse: 1 | -1
  readonly weight: number
  /** Standard deviation that a day's value has at least, however alike the days were: its resolution and its noise. */
  readonly leastSpread: number
}

const rate: TrendItemDefinition = { names: ['heart-rate', 'pulse-rate'], worse: 1, weight: 1, leastSpread: 2.5 }
const breathing: TrendItemDefinition = { names: ['respiratory-rate'], worse: 1, weight: 1, leastSpread: 1 }
const saturation: TrendItemDefinition = { names: ['spo2'], worse: -1, weight: 1, leastSpread: 0.8 }
const activity: TrendItemDefinition = { names: ['steps'], worse: -1, weight: 0.5, leastSpread: 500 }
const dyspnoea: TrendItemDefinition = { names: ['dyspnoea'], worse: 1, weight: 1, leastSpread: 0.7 }

/**
 * What speaks for a flare of each condition. Items: the cardinal symptoms of N. R. Anthonisen et al., Ann Intern Med 106 (1987) 196,
 * with what oximeters, flow meters and wearables see; for heart failure weight and swelling as in its guidelines (T. A. McDonagh
 * et al., Eur Heart J 42 (2021) 3599). Weights and least spreads are round choices of this project, fitted on nothing.
 */
export const trendDefinitions: Readonly<Record<TrendCondition, readonly TrendItemDefinition[]>> = {
  copd: [
    saturation,
    breathing,
    rate,
    activity,
    { names: ['peak-flow'], worse: -1, weight: 1, leastSpread: 15 },
    dyspnoea,
    { names: ['cough'], worse: 1, weight: 0.5, leastSpread: 0.7 },
    { names: ['sputum'], worse: 1, weight: 1, leastSpread: 0.7 },
  ],
  'heart-failure': [
    { names: ['body-weight'], worse: 1, weight: 1.5, leastSpread: 0.4 },
    rate,
    breathing,
    saturation,
    activity,
    dyspnoea,
    { names: ['swelling'], worse: 1, weight: 1, leastSpread: 0.7 },
  ],
}

/** Vital signs that a trend score looks at. */
export const trendVitals: ReadonlySet<VitalName> = new Set(
  trendConditions.flatMap(condition => trendDefinitions[condition].flatMap(({ names }) => names)),
)
