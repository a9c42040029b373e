import type { LoggedEvent } from '../journal/logged-event.js'
import type { SessionRow } from './store.js'

/** A session after this event; null when the event is about no session. A closed session stays closed. */
export function foldSession(event: LoggedEvent, before: SessionRow | undefined): SessionRow | null {
  if (event.log !== 'system' || event.type !== 'session') return null
  const body = event.body
  const state = body.state === 'closed' || body.state === 'disordered' ? body.state : 'opened'
  if (before && before.state !== 'opened') return null
  return {
    session: String(body.session ?? event.session),
    patient: event.patient || before?.patient || '',
    device: event.device || before?.device || '',
    state,
    record: typeof body.record === 'string' ? body.record : (before?.record ?? null),
    openedAt: before?.openedAt ?? event.at,
    closedAt: state === 'opened' ? null : event.at,
    eventHash: typeof body.eventHash === 'string' ? body.eventHash : null,
    eventCount: typeof body.eventCount === 'number' ? body.eventCount : null,
  }
}
