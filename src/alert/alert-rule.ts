import type { VitalName } from '../signal/catalogue.js'
import type { EpisodeName, RhythmName } from '../signal/observation.js'
import type { PatientCondition } from '../signal/patient.js'

export type AlertPriority = 'high' | 'medium' | 'low'
export type AlertKind = 'physiological' | 'technical'

/** Conditions that follow from a signal itself; each speaks of one stream. */
export type SignalCondition = 'lead-off' | 'sensor-off' | 'poor-signal' | 'no-data'

/** What a rule looks at. */
export type RuleInput =
  | { readonly kind: 'vital'; readonly name: VitalName }
  | { readonly kind: 'rhythm'; readonly rhythm: RhythmName }
  | { readonly kind: 'episode'; readonly episode: EpisodeName }
  | { readonly kind: 'score'; readonly score: 'news2'; readonly part: 'total' | 'single-3' }
  | { readonly kind: 'trend'; readonly score: `${PatientCondition}-trend` }
  | { readonly kind: 'signal'; readonly signal: SignalCondition }

/** Who set a limit for this patient, and why. */
export interface PrescribedBy {
  readonly author: string
  readonly reason: string
}

/** How a value is held against `limit`: `below` is <, `above` is >, `at-least` is >=, `at-most` is <=. */
export type LimitSide = 'below' | 'at-most' | 'above' | 'at-least'

/**
 * A limit rule as plain data. `id` is the name of the condition. At most one alert exists per patient and rule; for
 * rules of scope `stream` or `device` one per patient, rule and stream or device.
 */
export interface AlertRule {
  readonly id: string
  readonly priority: AlertPriority
  readonly kind: AlertKind
  readonly scope: 'patient' | 'device' | 'stream'
  readonly input: RuleInput
  /** The rule looks only while this other vital sign has this value; while that is not known, neither is the rule's finding. */
  readonly onlyWhile?: { readonly name: VitalName; readonly is: boolean }
  /** null for conditions that are simply so or not (rhythm, signal). */
  readonly side: LimitSide | null
  /** In the catalogue's unit (points for a score). */
  readonly limit: number | null
  /** The condition ends only when the value has come back to here; on the normal side of `limit` or equal to it. */
  readonly clearLimit: number | null
  readonly unit: string
  readonly onsetDelaySeconds: number
  readonly clearDelaySeconds: number
  /** Stays after the condition has gone until someone acknowledges it. */
  readonly latches: boolean
  readonly enabled: boolean
  /** Signal conditions on the stream that the input comes from which make this rule's finding unknown. */
  readonly inhibitedBy: readonly SignalCondition[]
  /** The measured change and the rule; `{value}`, `{limit}` and `{unit}` are filled in. Never a cause, never a diagnosis. */
  readonly message: string
  /** Where limit and delays come from. */
  readonly citation: string
  /** Where the rule is as prescribed for this patient; left out: as for all. */
  readonly prescribed?: PrescribedBy
}
