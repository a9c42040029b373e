import type { LoggedEvent } from '../journal/logged-event.js'
import type { QualityReport } from '../quality/quality-report.js'
import { AlertBook } from './alert-book.js'
import { type AlertRow, isTold } from './alert-fold.js'
import { isLaterEvent, parseEventId } from './event-id.js'
import { foldSession } from './session-fold.js'
import type { AlertsQuery, QualityQuery, QualityRow, ScoreRow, ScoresQuery, SessionRow, SessionsQuery } from './store.js'

/** Questions that are answered from the `json` of stored events, the same way for both versions of InfluxDB. */
export function alertsFromEvents(events: readonly LoggedEvent[], query: AlertsQuery): AlertRow[] {
  const book = new AlertBook()
  for (const event of inLogOrder(events)) book.apply(event)
  const from = query.from ?? Number.NEGATIVE_INFINITY
  const to = query.to ?? Number.POSITIVE_INFINITY
  const rows = [...book.all()].filter(row => {
    if (query.patient !== undefined && row.patient !== query.patient) return false
    return isTold(row) && row.onset < to && (row.end === null || (row.end >= from && query.openOnly !== true))
  })
  rows.sort((a, b) => a.onset - b.onset || (a.id < b.id ? -1 : 1))
  return newest(rows, query.limit)
}

export function scoresFromEvents(events: readonly LoggedEvent[], query: ScoresQuery): ScoreRow[] {
  const rows = inLogOrder(events)
    .filter(event => query.score === undefined || event.body.score === query.score)
    .map(event => ({
      patient: event.patient,
      score: String(event.body.score),
      t: event.t,
      at: event.at,
      total: typeof event.body.total === 'number' ? event.body.total : null,
      complete: event.body.complete === true,
      body: event.body,
    }))
  rows.sort((a, b) => a.t - b.t)
  return newest(rows, query.limit)
}

export function sessionsFromEvents(events: readonly LoggedEvent[], query: SessionsQuery): SessionRow[] {
  const sessions = new Map<string, SessionRow>()
  for (const event of inLogOrder(events)) {
    const row = foldSession(event, sessions.get(String(event.body.session ?? event.session)))
    if (row) sessions.set(row.session, row)
  }
  const rows = [...sessions.values()].filter(row => query.patient === undefined || row.patient === query.patient)
  rows.sort((a, b) => a.openedAt - b.openedAt)
  return newest(rows, query.limit)
}

export function qualityFromEvents(events: readonly LoggedEvent[], query: QualityQuery): QualityRow[] {
  const rows = inLogOrder(events)
    .filter(event => query.device === undefined || event.device === query.device)
    .map(({ patient, device, at, body }) => ({ patient, device, at, report: body as unknown as QualityReport }))
  rows.sort((a, b) => a.at - b.at)
  return newest(rows, query.limit)
}

/** By partition, and in it by id; a database gives them by time, which is not the order in which they happened. */
function inLogOrder(events: readonly LoggedEvent[]): LoggedEvent[] {
  return [...events].sort((a, b) => {
    const [first, second] = [parseEventId(a.id).partition, parseEventId(b.id).partition]
    if (first !== second) return first < second ? -1 : 1
    return a.id === b.id ? 0 : isLaterEvent(a.id, b.id) ? 1 : -1
  })
}

function newest<T>(rows: T[], limit: number | undefined): T[] {
  return limit === undefined || rows.length <= limit ? rows : rows.slice(rows.length - limit)
}
