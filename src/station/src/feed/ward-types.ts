import type { PatientView, VitalView } from '../../../server/feed-protocol.js'

/** A patient as the page holds it: ages are made when it is shown, from `at`. */
export interface WardPatient extends Omit<PatientView, 'vitals' | 'news2' | 't' | 'at'> {
  readonly vitals: readonly WardVital[]
  readonly news2: WardScore | null
}
export type WardVital = Omit<VitalView, 'ageSeconds' | 'stale'>
export type WardScore = Omit<NonNullable<PatientView['news2']>, 'ageSeconds'>
