import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { canonicalJson } from '../../src/signal/canonical-json.js'

/** The patient log of each session without ids, wall times and notes, sorted: what two runs must have in common. */
export function patientLines(events: readonly LoggedEvent[]): Map<string, string[]> {
  const lines = new Map<string, string[]>()
  const seen = new Set<string>()
  for (const { id, log, session, t, type, stream, body } of events) {
    if (log !== 'patient' || seen.has(id)) continue
    seen.add(id)
    const list = lines.get(session) ?? []
    list.push(canonicalJson({ t, type, stream, body } as never))
    lines.set(session, list)
  }
  for (const list of lines.values()) list.sort()
  return lines
}
