import type { RuleOverrides } from '../alert/limits-profile.js'
import type { PatientPrescription } from '../alert/prescribed-limits.js'
import type { OximetryOptions } from '../oximetry/oximetry-chain.js'
import { type PatientAttributes, unknownPatient } from '../signal/patient.js'

/** Attributes as configured: for all, and for single patients or devices by id. */
export interface AttributesByPatient {
  readonly all: PatientAttributes
  readonly patients: Readonly<Record<string, PatientAttributes>>
}

/** How red and infrared light become SpO2, for all patients; the day comes from the stream. */
export type OximetrySettings = Omit<OximetryOptions, 'day'>

export interface PartitionOptions {
  readonly limits: RuleOverrides
  /** Limits with dates for single patients; left out: none. */
  readonly prescriptions?: readonly PatientPrescription[]
  readonly attributes: AttributesByPatient
  /** Left out: the built-in curve and averaging. */
  readonly oximetry?: OximetrySettings
}

export const defaultOptions: PartitionOptions = { limits: {}, attributes: { all: unknownPatient, patients: {} } }
