import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { WaveSegment } from '../../src/journal/wave-segment.js'

/** Microseconds, a whole multiple of 10 s; a moment within the retention of every database. */
export const begin = Math.floor(Date.now() / 10_000) * 10_000_000 - 600_000_000

let offset = 0

export function patientEvent(type: string, seconds: number, body: Record<string, unknown>, more: Partial<LoggedEvent> = {}): LoggedEvent {
  offset += 1
  return {
    id: `7-${offset}-0`,
    log: 'patient',
    partition: 7,
    patient: 'p-1',
    device: 'monitor-1',
    session: 's-1',
    t: begin + seconds * 1e6,
    at: begin + seconds * 1e6 + 20_000,
    type,
    stream: 'ecg',
    body,
    note: {},
    ...more,
  }
}

export function systemEvent(type: string, seconds: number, body: Record<string, unknown>, more: Partial<LoggedEvent> = {}): LoggedEvent {
  return patientEvent(type, seconds, body, { log: 'system', stream: '', ...more })
}

export function measurement(
  name: string,
  seconds: number,
  value: number | string | boolean | null,
  more: Partial<LoggedEvent> = {},
): LoggedEvent {
  const unit = name === 'spo2' ? '%' : name === 'heart-rate' ? '/min' : '1'
  const status = value === null ? { status: 'unavailable', reason: 'noise' } : { status: 'valid' }
  return patientEvent('measurement', seconds, { name, value, unit, quality: 0.9, ...status }, more)
}

/** A transition as the engine logs it; `alert` and `revision` as it counts them. */
export function condition(
  from: string,
  to: string,
  seconds: number,
  alert: string,
  revision: number,
  more: Partial<LoggedEvent> = {},
): LoggedEvent {
  const evidence = { from: { stream: 'ecg', index: 250 }, to: { stream: 'ecg', index: 1250 } }
  const body = {
    condition: 'heart-rate-high',
    priority: 'medium',
    kind: 'physiological',
    from,
    to,
    name: 'heart-rate',
    value: 131,
    limit: 120,
    measurable: true,
    message: 'Heart rate 131 /min is above 120 /min',
    evidence,
  }
  return patientEvent('condition', seconds, body, { note: { alert, revision, episode: 1 }, ...more })
}

export function score(seconds: number, total: number | null): LoggedEvent {
  const missing = total === null ? ['temperature'] : []
  return patientEvent(
    'score',
    seconds,
    { score: 'news2', total, complete: total !== null, items: [], missing, stale: [], band: 'low' },
    { stream: '' },
  )
}

export function segment(seconds: number): WaveSegment {
  return {
    patient: 'p-1',
    device: 'monitor-1',
    boot: 3,
    stream: 'ecg',
    from: begin + seconds * 1e6,
    to: begin + (seconds + 10) * 1e6,
    file: 'journal-0-000001.vj',
    chunks: [
      [seconds * 250, 250, 4096, 560],
      [(seconds + 1) * 250, 250, 4656, 560],
    ],
  }
}
