import { isLaterEvent, parseEventId } from '../../../src/store/event-id.js'
import type { Finding, RunHistory } from '../history.js'

/**
 * A client that comes back with its cursor gets everything. The same event may come again after a kill (its id says so),
 * but never another under the same id, and what is new comes in the order of its partition.
 */
export function checkFeed({ feed, feedExpected, log }: RunHistory): Finding[] {
  const findings: Finding[] = []
  const lines = new Map(log.map(event => [event.id, JSON.stringify(event)]))
  const seen = new Set<string>()
  const newest = new Map<string, string>()
  for (const event of feed.events) {
    const expected = lines.get(event.id)
    if (expected === undefined) findings.push({ check: 'feed-extra', detail: `${event.id} ${event.type} is not in the log` })
    else if (expected !== JSON.stringify(event)) {
      findings.push({ check: 'feed-changed', detail: `${JSON.stringify(event)} in the log ${expected}` })
    }
    if (seen.has(event.id)) continue
    seen.add(event.id)
    const { partition } = parseEventId(event.id)
    const before = newest.get(partition)
    if (before !== undefined && !isLaterEvent(event.id, before))
      findings.push({ check: 'feed-order', detail: `${event.id} after ${before}` })
    newest.set(partition, event.id)
  }
  const missing = feedExpected.filter(id => !seen.has(id))
  if (missing.length > 0) {
    findings.push({ check: 'feed-missing', detail: `${missing.length} of ${feedExpected.length}: ${missing.slice(0, 5).join(' ')}` })
  }
  return findings
}
