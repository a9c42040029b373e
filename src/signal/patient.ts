/** Age in words, for when the years are not known or not to be stored. `adolescent` ends at the sixteenth birthday. */
export const ageBands = ['neonate', 'infant', 'child', 'adolescent', 'adult', 'elderly'] as const
export type AgeBand = (typeof ageBands)[number]

/** Long-standing conditions whose trends are followed. */
export const patientConditions = ['copd', 'heart-failure'] as const
export type PatientCondition = (typeof patientConditions)[number]

/** What the scores and limits must know of a patient; journaled inputs, each change with its author and reason. */
export interface PatientAttributes {
  /** Years; null: unknown. NEWS2 is refused below 16. */
  readonly ageYears: number | null
  /** Instead of the years, or beside them; either one below 16 refuses NEWS2. Left out or null: unknown. */
  readonly ageBand?: AgeBand | null
  /** null: unknown. NEWS2 is refused in pregnancy. */
  readonly pregnant: boolean | null
  /** SpO2 scale of NEWS2: 2 only when a clinician has prescribed it (hypercapnic respiratory failure, target 88-92 %). */
  readonly spo2Scale: 1 | 2
  /** Name of a limit profile, e.g. `adult`. */
  readonly limitProfile: string
  /** Whose trend scores are wanted; left out: none. */
  readonly conditions?: readonly PatientCondition[]
}

export const unknownPatient: PatientAttributes = { ageYears: null, pregnant: null, spo2Scale: 1, limitProfile: 'adult' }
