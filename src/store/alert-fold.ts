import type { LoggedEvent } from '../journal/logged-event.js'
import { isLaterEvent } from './event-id.js'

type AlertPriority = 'high' | 'medium' | 'low'
type AlertState = 'pending' | 'active' | 'clearing' | 'latched' | 'absent'

/** An alert from its first transition to its end: what the `condition` and `acknowledge` events add up to. */
export interface AlertRow {
  readonly id: string
  readonly patient: string
  /** Stream that it speaks of; empty for conditions of the patient. */
  readonly stream: string
  readonly condition: string
  readonly priority: AlertPriority
  /** `physiological`, `technical` or `other`. */
  readonly kind: string
  readonly state: AlertState
  /** Whether it has been active. One that was only ever pending told nobody anything, and is no alert once it has ended. */
  readonly raised: boolean
  /** Patient time in microseconds at which it became active; while it is pending, at which that began. */
  readonly onset: number
  /** Wall time of the journal record that caused the onset, microseconds. */
  readonly onsetAt: number
  /** Patient time of its end; null while it lasts. */
  readonly end: number | null
  /** `session-ended`: it was not seen to clear, its session is over. */
  readonly endReason: 'cleared' | 'session-ended' | null
  readonly acknowledged: { readonly by: string; readonly at: number; readonly note: string } | null
  readonly revision: number
  readonly name: string | null
  readonly value: number | string | boolean | null
  readonly limit: number | string | null
  readonly message: string
  readonly measurable: boolean
  readonly evidence: { readonly from: SamplePoint; readonly to: SamplePoint } | null
  readonly delayed: boolean
  readonly session: string
  /** Patient time of the last change. */
  readonly changed: number
  /** Id of the last event that went in; what comes again is known by it. */
  readonly event: string
}

interface SamplePoint {
  readonly stream: string
  readonly index: number
}

export interface AlertLookup {
  byId(id: string): AlertRow | undefined
  /** The alert of this patient, stream (empty: the patient) and condition that has not ended; there is at most one. */
  open(patient: string, stream: string, condition: string): AlertRow | undefined
  openOfPatient(patient: string): readonly AlertRow[]
}

/** The alerts that this event changed, as they are after it; none when it is about no alert, or is already in them. */
export function foldAlert(event: LoggedEvent, lookup: AlertLookup): readonly AlertRow[] {
  if (event.log === 'patient') return event.type === 'condition' ? rows(foldCondition(event, lookup)) : []
  if (event.type === 'acknowledge') return rows(foldAcknowledge(event, lookup))
  return event.type === 'session' && event.body.state !== 'opened' ? endWithSession(event, lookup) : []
}

function rows(row: AlertRow | null): readonly AlertRow[] {
  return row === null ? [] : [row]
}

/** What nobody watches any more is no open alert: one that was still so ends with its session, and says why. */
function endWithSession(event: LoggedEvent, lookup: AlertLookup): readonly AlertRow[] {
  const session = String(event.body.session ?? event.session)
  return lookup
    .openOfPatient(event.patient)
    .filter(row => row.session === session && isLaterEvent(event.id, row.event))
    .map(row => ({
      ...row,
      state: 'absent',
      end: endOf(row, event),
      endReason: 'session-ended',
      revision: row.revision + 1,
      event: event.id,
    }))
}

/** A condition that was clearing or latched was last so when it changed; one that was active, until the session's end. */
function endOf(row: AlertRow, event: LoggedEvent): number {
  const sessionEnd = event.body.end
  return row.state === 'active' && typeof sessionEnd === 'number' ? Math.max(row.changed, sessionEnd) : row.changed
}

/** Whether a row is an alert to be told of: raised once, or still under way. */
export function isTold(row: AlertRow): boolean {
  return row.raised || row.state !== 'absent'
}

function foldCondition(event: LoggedEvent, lookup: AlertLookup): AlertRow | null {
  const body = event.body
  const condition = String(body.condition)
  const { patient, stream } = event
  // The engine names the alert after the first event of its episode; so does this where the name is missing.
  const named = text(event.note.alert)
  const before = named === null ? lookup.open(patient, stream, condition) : lookup.byId(named)
  if (before !== undefined && !isLaterEvent(event.id, before.event)) return null
  const state = readState(body.to)
  if (before === undefined && state === 'absent') return null
  const becameActive = state === 'active' && (before === undefined || before.state === 'pending')
  // What raised it is told, not what ended it; nor the value that came after it could not be measured for a while.
  const isCause = before === undefined || (body.from !== body.to && (state === 'active' || state === 'pending'))
  const raisedAgain = state === 'active' && before?.state === 'latched'
  return {
    id: named ?? before?.id ?? event.id,
    patient,
    stream,
    condition,
    priority: readPriority(body.priority),
    kind: String(body.kind),
    state,
    raised: state === 'active' || before?.raised === true,
    onset: becameActive || before === undefined ? event.t : before.onset,
    onsetAt: becameActive || before === undefined ? event.at : before.onsetAt,
    end: state === 'absent' ? event.t : null,
    endReason: state === 'absent' ? 'cleared' : null,
    acknowledged: raisedAgain ? null : (before?.acknowledged ?? null),
    revision: count(event.note.revision) ?? count(body.revision) ?? (before?.revision ?? 0) + 1,
    name: text(body.name) ?? before?.name ?? null,
    value: (isCause ? scalar(body.value) : null) ?? before?.value ?? null,
    limit: (isCause ? limit(body.limit) : null) ?? before?.limit ?? null,
    message: (isCause ? text(body.message) : null) ?? before?.message ?? condition,
    measurable: body.measurable !== false,
    evidence: (isCause ? evidence(body.evidence) : null) ?? before?.evidence ?? null,
    delayed: event.note.delayed === true || body.delayed === true || before?.delayed === true,
    session: event.session,
    changed: event.t,
    event: event.id,
  }
}

function foldAcknowledge(event: LoggedEvent, lookup: AlertLookup): AlertRow | null {
  if (event.body.accepted !== true) return null
  const before = lookup.byId(String(event.body.alert))
  if (before === undefined || !isLaterEvent(event.id, before.event)) return null
  return {
    ...before,
    acknowledged: { by: String(event.body.author), at: event.at, note: text(event.body.note) ?? '' },
    revision: Math.max(count(event.body.revision) ?? 0, before.revision),
    event: event.id,
  }
}

function readState(value: unknown): AlertState {
  return value === 'pending' || value === 'active' || value === 'clearing' || value === 'latched' ? value : 'absent'
}

/** An unknown word is taken for the worst, never for the least. */
function readPriority(value: unknown): AlertPriority {
  return value === 'medium' || value === 'low' ? value : 'high'
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

function scalar(value: unknown): number | string | boolean | null {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
}

function limit(value: unknown): number | string | null {
  return typeof value === 'number' || typeof value === 'string' ? value : null
}

function evidence(value: unknown): AlertRow['evidence'] {
  if (typeof value !== 'object' || value === null) return null
  const { from, to } = value as { from?: unknown; to?: unknown }
  const first = sample(from)
  const last = sample(to)
  return first && last ? { from: first, to: last } : null
}

function sample(value: unknown): SamplePoint | null {
  if (typeof value !== 'object' || value === null) return null
  const { stream, index } = value as { stream?: unknown; index?: unknown }
  return typeof stream === 'string' && typeof index === 'number' ? { stream, index } : null
}
