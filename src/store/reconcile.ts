import type { EventLogReader } from '../journal/event-log.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { AlertBook } from './alert-book.js'
import { isTold } from './alert-fold.js'
import { isLaterEvent, parseEventId } from './event-id.js'
import type { Store, TimeRange } from './store.js'

const hourMicros = 3600e6
/** Alerts of one patient; one with more has another problem. */
const mostAlerts = 100_000

/** Points of one sign (or `score/NAME`, or `alerts`) in one hour of patient time: those that are not the same in log and store. */
export interface CountDifference {
  /** Begin of the hour, microseconds of patient time. */
  readonly hour: number
  readonly name: string
  readonly logged: number
  readonly stored: number
}

export interface SessionCount {
  readonly session: string
  /** Patient time of its first and last event, microseconds. */
  readonly from: number
  readonly to: number
  /** Events of the session that a store keeps as points. */
  readonly logged: number
  /** Points that are missing in the hours of the session; of sessions that share an hour both have them. */
  readonly missing: number
}

export interface Reconciliation {
  readonly patient: string
  readonly ok: boolean
  readonly logged: number
  readonly stored: number
  readonly sessions: readonly SessionCount[]
  /** Points that the log has and the store has not. */
  readonly missing: readonly CountDifference[]
  /** Points that the store has and the log has not (any more): no fault where the log is kept for a shorter time. */
  readonly surplus: readonly CountDifference[]
}

/**
 * Counts what the event log says of one patient against what the store answers, by hour, sign and session. `before`: events of
 * journal records after this wall time (microseconds) are left out, for the store may not have them yet. Reads the log to its end.
 */
export async function reconcile(
  reader: EventLogReader,
  store: Pick<Store, 'vitals' | 'scores' | 'alerts'>,
  patient: string,
  before: number,
  range: TimeRange = {},
): Promise<Reconciliation> {
  const counts = new Map<number, Map<string, number>>()
  const sessions = new Map<string, { from: number; to: number; logged: number }>()
  const alerts = new AlertBook(mostAlerts)
  const newest = new Map<string, string>()
  while (reader.bytesBehind() > 0) {
    const batch = await reader.next()
    if (batch === null) break
    for (const event of batch.events) {
      // What a crash wrote twice has the same ids; a store keeps it once.
      if (event.patient !== patient || event.at > before || !isNew(event, newest)) continue
      if (event.type === 'condition' || event.type === 'acknowledge' || event.type === 'session') alerts.apply(event)
      const name = pointName(event)
      if (name === null || event.t < (range.from ?? -Infinity) || event.t >= (range.to ?? Infinity)) continue
      add(counts, event.t, name)
      const session = sessions.get(event.session) ?? { from: event.t, to: event.t, logged: 0 }
      const from = Math.min(session.from, event.t)
      sessions.set(event.session, { from, to: Math.max(session.to, event.t), logged: session.logged + 1 })
    }
  }
  const within = (t: number): boolean => t >= (range.from ?? -Infinity) && t < (range.to ?? Infinity)
  for (const row of alerts.all()) if (row.patient === patient && isTold(row) && within(row.onset)) add(counts, row.onset, 'alerts')
  const found = await storedCounts(store, patient, counts.keys(), range)
  return compare(patient, counts, found, sessions)
}

function isNew({ id }: LoggedEvent, newest: Map<string, string>): boolean {
  const { partition } = parseEventId(id)
  const before = newest.get(partition)
  if (before !== undefined && !isLaterEvent(id, before)) return false
  newest.set(partition, id)
  return true
}

function pointName({ log, type, body }: LoggedEvent): string | null {
  if (log !== 'patient') return null
  if (type === 'measurement') return String(body.name)
  return type === 'score' ? `score/${String(body.score)}` : null
}

function add(counts: Map<number, Map<string, number>>, t: number, name: string, count = 1): void {
  const hour = Math.floor(t / hourMicros) * hourMicros
  const names = counts.get(hour) ?? new Map<string, number>()
  counts.set(hour, names)
  names.set(name, (names.get(name) ?? 0) + count)
}

/** Hour by hour, so that an answer stays small. */
async function storedCounts(
  store: Pick<Store, 'vitals' | 'scores' | 'alerts'>,
  patient: string,
  hours: Iterable<number>,
  range: TimeRange,
): Promise<Map<number, Map<string, number>>> {
  const found = new Map<number, Map<string, number>>()
  for (const hour of hours) {
    const from = Math.max(hour, range.from ?? -Infinity)
    const to = Math.min(hour + hourMicros, range.to ?? Infinity)
    for (const { name, points = [] } of await store.vitals({ patient, from, to })) add(found, hour, name, points.length)
    for (const { score } of await store.scores({ patient, from, to })) add(found, hour, `score/${score}`)
    const told = await store.alerts({ patient, from, to })
    for (const { onset } of told) if (onset >= from && onset < to) add(found, hour, 'alerts')
  }
  return found
}

function compare(
  patient: string,
  logged: ReadonlyMap<number, ReadonlyMap<string, number>>,
  stored: ReadonlyMap<number, ReadonlyMap<string, number>>,
  sessions: ReadonlyMap<string, { from: number; to: number; logged: number }>,
): Reconciliation {
  const missing: CountDifference[] = []
  const surplus: CountDifference[] = []
  let [loggedSum, storedSum] = [0, 0]
  for (const [hour, names] of logged) {
    const found = stored.get(hour) ?? new Map<string, number>()
    for (const name of new Set([...names.keys(), ...found.keys()])) {
      const difference = { hour, name, logged: names.get(name) ?? 0, stored: found.get(name) ?? 0 }
      loggedSum += difference.logged
      storedSum += difference.stored
      if (difference.stored < difference.logged) missing.push(difference)
      else if (difference.stored > difference.logged) surplus.push(difference)
    }
  }
  const lost = (from: number, to: number): number =>
    missing
      .filter(({ hour }) => hour <= to && hour + hourMicros > from)
      .reduce((sum, difference) => sum + difference.logged - difference.stored, 0)
  return {
    patient,
    ok: missing.length === 0,
    logged: loggedSum,
    stored: storedSum,
    sessions: [...sessions].map(([session, { from, to, logged: count }]) => ({
      session,
      from,
      to,
      logged: count,
      missing: lost(from, to),
    })),
    missing,
    surplus,
  }
}
