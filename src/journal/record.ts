import type { PatientPrescription } from '../alert/prescribed-limits.js'
import type { OximetryOptions } from '../oximetry/oximetry-chain.js'
import type { PatientAttributes } from '../signal/patient.js'

/**
 * Everything that can change what a partition does, in the order in which it does: the journal holds these records and
 * nothing else, so re-running it reproduces every event. Times named `at` are wall time in microseconds, written here
 * and read by nobody's clock again.
 */
export type JournalRecord =
  | MessageRecord
  | AnchorRecord
  | TickRecord
  | AdoptRecord
  | ReleaseRecord
  | HandedRecord
  | AttributesRecord
  | AcknowledgeRecord
  | LimitsRecord
  | IssueRecord
  | CorrectRecord

/** Exact bytes of a message from a device; nothing but the topic has been looked at. */
export interface MessageRecord {
  readonly type: 'message'
  readonly device: string
  readonly topic: 'birth' | 'state' | 'w' | 'n' | 'e'
  /** For topic `w`. */
  readonly stream: string
  readonly payload: Uint8Array
  readonly at: number
}

/** Live sources only: places `index` of a stream and boot on the patient's time axis (both microseconds). */
export interface AnchorRecord {
  readonly type: 'anchor'
  readonly device: string
  readonly boot: number
  readonly stream: string
  readonly index: number
  /** For stream `n`: device clock in place of `index`. */
  readonly patientTime: number
  readonly uncertaintyMs: number
  readonly at: number
}

/** Live sources only: the stream's newest sample has not moved; readers go on without it until it does. */
export interface TickRecord {
  readonly type: 'tick'
  readonly device: string
  readonly boot: number
  readonly stream: string
  readonly at: number
}

/** The partition takes over a device: for a patient, or (patient null) to keep its data unscored. */
export interface AdoptRecord {
  readonly type: 'adopt'
  readonly device: string
  readonly patient: string | null
  readonly from: number
  readonly author: string
  readonly reason: string
  /** State that the partition which released the device handed over. */
  readonly state: unknown
  /** Likewise of intake: birth, clock and streams (`DeviceWatchState`). */
  readonly watch?: unknown
  readonly at: number
}

export interface ReleaseRecord {
  readonly type: 'release'
  readonly device: string
  readonly author: string
  readonly reason: string
  readonly at: number
}

/** Another partition has adopted the device that this one released: what was kept of it for that may go. */
export interface HandedRecord {
  readonly type: 'handed'
  readonly device: string
  readonly at: number
}

export interface AttributesRecord {
  readonly type: 'attributes'
  readonly patient: string
  readonly attributes: PatientAttributes
  readonly author: string
  readonly reason: string
  readonly at: number
}

export interface AcknowledgeRecord {
  readonly type: 'acknowledge'
  readonly alert: string
  readonly expectedRevision: number
  readonly author: string
  readonly note: string
  readonly at: number
}

/** Changed limits for all patients of the partition, as validated by src/config (rule id to its changed fields). */
export interface LimitsRecord {
  readonly type: 'limits'
  readonly rules: Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>>
  /** Limits with dates, all that there are for single patients; left out: unchanged. */
  readonly prescriptions?: readonly PatientPrescription[]
  /** Attributes as configured for everybody and for single patients or devices; left out: unchanged. */
  readonly attributes?: { readonly all: PatientAttributes; readonly patients: Readonly<Record<string, PatientAttributes>> }
  /** How red and infrared light become SpO2, as configured; left out: unchanged. */
  readonly oximetry?: Omit<OximetryOptions, 'day'>
  readonly author: string
  readonly reason: string
  readonly at: number
}

/** A person's step with an issue of data quality: opens one that no rule finds, or assigns or resolves one. */
export interface IssueRecord {
  readonly type: 'issue'
  readonly device: string
  readonly step:
    | { readonly action: 'open'; readonly rule: string; readonly stream: string; readonly from: number; readonly to: number }
    | { readonly action: 'assign'; readonly issue: string; readonly assignee: string }
    | { readonly action: 'resolve'; readonly issue: string; readonly outcome: string }
  readonly author: string
  readonly reason: string
  readonly at: number
}

/** Makes a correction of what a device sends (`what` as in src/quality/correction.ts), or takes one back. */
export interface CorrectRecord {
  readonly type: 'correct'
  readonly device: string
  readonly change: { readonly make: unknown } | { readonly undo: string }
  readonly author: string
  readonly reason: string
  readonly at: number
}
