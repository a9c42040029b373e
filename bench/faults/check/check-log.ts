import type { LoggedEvent } from '../../../src/journal/logged-event.js'
import type { Finding, RunHistory } from '../history.js'
import { patientLines } from '../patient-lines.js'

const shown = 5

/** Promise 1: the event log is what the journal makes, byte for byte, each event once. */
export function checkRerun({ log, rerun }: RunHistory): Finding[] {
  const findings: Finding[] = []
  const there = new Map<string, string>()
  for (const event of log) {
    if (event.partition < 0) {
      if (event.type === 'mismatch') findings.push({ check: 'log-mismatch', detail: JSON.stringify(event.body) })
      if (event.body.state === 'record-failed') findings.push({ check: 'record-failed', detail: String(event.body.detail) })
      continue
    }
    const line = JSON.stringify(event)
    const before = there.get(event.id)
    if (before !== undefined) findings.push({ check: before === line ? 'log-doubled' : 'log-changed', detail: `${event.id} ${event.type}` })
    there.set(event.id, line)
  }
  for (const event of rerun) {
    const line = there.get(event.id)
    there.delete(event.id)
    if (line === undefined) findings.push({ check: 'log-missing', detail: describe(event) })
    else if (line !== JSON.stringify(event))
      findings.push({ check: 'log-changed', detail: `${line} by the journal ${JSON.stringify(event)}` })
  }
  for (const id of there.keys()) findings.push({ check: 'log-extra', detail: `${id} is not made by the journal` })
  return findings
}

/** Promise 2: a recorded session's patient log and hash are those of the run in which nothing failed. */
export function checkReference({ devices, log, reference }: RunHistory): Finding[] {
  const findings: Finding[] = []
  const lines = patientLines(log)
  for (const { device, recorded, session, final } of devices) {
    if (!recorded) continue
    const expected = reference.hashes.get(session)
    if (final === null || expected === undefined || final.eventHash === null || final.eventHash !== expected.eventHash) {
      findings.push({
        check: 'hash-differs',
        detail: `${device}: ${final?.eventHash ?? 'none'}, expected ${expected?.eventHash ?? 'none'}`,
      })
    }
    if (final?.eventCount !== expected?.eventCount) {
      findings.push({ check: 'hash-differs', detail: `${device}: ${final?.eventCount} events, expected ${expected?.eventCount}` })
    }
    const own = new Set(lines.get(session))
    const wanted = new Set(reference.lines.get(session))
    const missing = [...wanted].filter(line => !own.has(line))
    const more = [...own].filter(line => !wanted.has(line))
    const count = lines.get(session)?.length ?? 0
    if (missing.length + more.length > 0 || count !== reference.lines.get(session)?.length) {
      const detail = `${session}: ${missing.length} lines missing, ${more.length} not expected, ${count} in all: ${[...missing, ...more].slice(0, shown).join(' ')}`
      findings.push({ check: 'patient-log-differs', detail })
    }
  }
  return findings
}

function describe(event: LoggedEvent): string {
  return `${event.id} ${event.log} ${event.type} ${event.session} t ${event.t}`
}
