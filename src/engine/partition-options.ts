import type { RuleOverrides } from '../alert/limits-profile.js'
import { type PatientAttributes, unknownPatient } from '../signal/patient.js'

/** Attributes as configured: for all, and for single patients or devices by id. */
export interface AttributesByPatient {
  readonly all: PatientAttributes
  readonly patients: Readonly<Record<string, PatientAttributes>>
}

export interface PartitionOptions {
  readonly limits: RuleOverrides
  readonly attributes: AttributesByPatient
}

export const defaultOptions: PartitionOptions = { limits: {}, attributes: { all: unknownPatient, patients: {} } }
