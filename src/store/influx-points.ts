import type { LoggedEvent } from '../journal/logged-event.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import { coverageOf, type QualityReport, qualityOf } from '../quality/quality-report.js'
import { parseEventId } from './event-id.js'

export type FieldValue =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }

/** A point before any package sees it. `timestamp`: nanoseconds as decimal text. */
export interface InfluxPoint {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly timestamp: string
}

const eventTypes = new Set([
  'score',
  'condition',
  'quality',
  'rhythm',
  'episode',
  'gap',
  'data-issue',
  'session',
  'acknowledge',
  'quality-report',
  'issue',
  'correction',
])
const beatTypes = new Set(['beat', 'pulse', 'breath'])
/** Far from the digits of the records before and after. */
const twinStep = 499

/**
 * - `vitals` (tags patient, device, stream): what was measured at one moment of a stream as one point; fields named
 *   after the vital sign (float; text for consciousness; boolean for oxygen), and `NAME.quality`, `NAME.status`,
 *   `NAME.unit`, `NAME.reason`. A value that could not be measured has no field of its own, only its reason.
 * - `scores` (tags patient, score): `total`, `complete`.
 * - `events` (tags patient, device, type): `id`, and `json`, the whole event: what alerts, scores and sessions are read from.
 * - `quality` (tags patient, device): what the quality stage counted in five minutes: `coverage` and `quality` (0 to 1, left out where there is
 *   nothing), `judgedSeconds`, `usableSeconds`, `stored`, `lost`, `late`, `duplicate`, `rejected` (samples), `messages`, `duplicates`, `refused`
 *   (messages), `gaps`, `valuesAccepted`, `valuesRefused`, `valuesFlagged`, and `model`, `firmware` (text).
 * - `segments` (tags patient, device, stream): `boot`, `to`, `file`, `chunks` (JSON).
 *
 * A timestamp is patient time (`events` of the system log: wall time) in microseconds, times 1000, plus digits made of the event's id: two events of
 * one series in one microsecond stay two points, and the same event written twice is one.
 */
export function eventPoints(batch: readonly LoggedEvent[], keepBeats: boolean): InfluxPoint[] {
  const points: InfluxPoint[] = []
  const vitals = new Map<string, { fields: Record<string, FieldValue>; point: InfluxPoint }>()
  const ids = new Set<string>()
  for (const event of batch) {
    // What comes twice after a crash is no second value.
    if (ids.has(event.id)) continue
    ids.add(event.id)
    if (event.log === 'patient' && event.type === 'measurement') {
      addVital(event, vitals, points)
      continue
    }
    if (event.log === 'patient' && event.type === 'score') points.push(scorePoint(event))
    if (event.log === 'system' && event.type === 'quality-report') points.push(qualityPoint(event))
    if (eventTypes.has(event.type) || (keepBeats && beatTypes.has(event.type))) points.push(eventPoint(event))
  }
  return points
}

export function segmentPoints(rows: readonly WaveSegment[]): InfluxPoint[] {
  return rows.map(row => ({
    measurement: 'segments',
    tags: { patient: row.patient, device: row.device, stream: row.stream },
    fields: {
      boot: { kind: 'integer', value: row.boot },
      to: { kind: 'integer', value: row.to },
      file: { kind: 'string', value: row.file },
      chunks: { kind: 'string', value: JSON.stringify(row.chunks) },
    },
    timestamp: nanoseconds(row.from, segmentDigits(row)),
  }))
}

/**
 * A new anchor may put two stretches of a live stream at one time: their chunks have different numbers, and so other digits (a
 * prime, so that steps of whole minutes and hours do not meet again). The same row again has the same.
 */
function segmentDigits({ boot, chunks }: WaveSegment): number {
  const [index = 0, n = 1] = chunks[0] ?? []
  return (boot + Math.floor(index / Math.max(1, n))) % 997
}

function addVital(
  event: LoggedEvent,
  vitals: Map<string, { fields: Record<string, FieldValue>; point: InfluxPoint }>,
  points: InfluxPoint[],
): void {
  const { offset } = parseEventId(event.id)
  const always = `${String(event.body.name)}.status`
  // One record may tell two values of one name at one moment (an hour of the clock that ends twice): the second has a point of its own.
  let digits = offset % 1000
  let timestamp = nanoseconds(event.t, digits)
  const keyOf = () => [event.patient, event.device, event.stream, timestamp].join('\n')
  while (vitals.get(keyOf())?.fields[always] !== undefined) {
    digits = (digits + twinStep) % 1000
    timestamp = nanoseconds(event.t, digits)
  }
  const key = keyOf()
  let own = vitals.get(key)
  if (!own) {
    const fields: Record<string, FieldValue> = {}
    const tags = { patient: event.patient, device: event.device, stream: event.stream }
    own = { fields, point: { measurement: 'vitals', tags, fields, timestamp } }
    vitals.set(key, own)
    points.push(own.point)
  }
  const { name, value, unit, quality, status, reason } = event.body
  const field = String(name)
  if (typeof value === 'number') own.fields[field] = { kind: 'float', value }
  else if (typeof value === 'boolean') own.fields[field] = { kind: 'boolean', value }
  else if (typeof value === 'string') own.fields[field] = { kind: 'string', value }
  if (typeof quality === 'number') own.fields[`${field}.quality`] = { kind: 'float', value: quality }
  own.fields[`${field}.status`] = { kind: 'string', value: String(status ?? '') }
  own.fields[`${field}.unit`] = { kind: 'string', value: String(unit ?? '') }
  if (typeof reason === 'string') own.fields[`${field}.reason`] = { kind: 'string', value: reason }
}

function scorePoint(event: LoggedEvent): InfluxPoint {
  const { score, total, complete } = event.body
  const fields: Record<string, FieldValue> = { complete: { kind: 'boolean', value: complete === true } }
  if (typeof total === 'number') fields.total = { kind: 'float', value: total }
  return { measurement: 'scores', tags: { patient: event.patient, score: String(score) }, fields, timestamp: eventTime(event) }
}

function qualityPoint(event: LoggedEvent): InfluxPoint {
  const report = event.body as unknown as QualityReport
  const { samples, messages, values } = report
  const refused = Object.values(messages.refused).reduce((sum, count) => sum + count, 0)
  const numbers: Record<string, number | null> = {
    coverage: coverageOf(report),
    quality: qualityOf(report),
    judgedSeconds: report.judgedSeconds,
    usableSeconds: report.usableSeconds,
    stored: samples.stored,
    lost: samples.lost,
    late: samples.late,
    duplicate: samples.duplicate,
    rejected: samples.rejected,
    messages: messages.received,
    duplicates: messages.duplicate,
    refused,
    gaps: report.gaps,
    valuesAccepted: values.accepted,
    valuesRefused: values.refused,
    valuesFlagged: values.flagged,
  }
  const fields: Record<string, FieldValue> = {
    model: { kind: 'string', value: report.model },
    firmware: { kind: 'string', value: report.firmware },
  }
  for (const [name, value] of Object.entries(numbers)) if (value !== null) fields[name] = { kind: 'float', value }
  return { measurement: 'quality', tags: { patient: event.patient, device: event.device }, fields, timestamp: eventTime(event) }
}

function eventPoint(event: LoggedEvent): InfluxPoint {
  return {
    measurement: 'events',
    tags: { patient: event.patient, device: event.device, type: event.type },
    fields: { id: { kind: 'string', value: event.id }, json: { kind: 'string', value: JSON.stringify(event) } },
    timestamp: eventTime(event),
  }
}

/** Distinct for events of one microsecond as long as a record makes fewer than 61 and they are within 16 records. */
function eventTime(event: LoggedEvent): string {
  const { offset, ordinal } = parseEventId(event.id)
  return nanoseconds(event.t, (offset * 61 + ordinal) % 1000)
}

function nanoseconds(micros: number, digits: number): string {
  return (BigInt(Math.round(micros)) * 1000n + BigInt(digits)).toString()
}

/** Line protocol. Line feeds in strings are allowed by it, but a line that is one line can be sent again by itself. */
export function influxLine(point: InfluxPoint): string {
  const tags = Object.entries(point.tags)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${escapeKey(key)}=${escapeKey(value)}`)
    .join('')
  const fields = Object.entries(point.fields)
    .map(([key, field]) => `${escapeKey(key)}=${fieldText(field)}`)
    .join(',')
  return `${point.measurement}${tags} ${fields} ${point.timestamp}`
}

function fieldText(field: FieldValue): string {
  if (field.kind === 'float') return String(field.value)
  if (field.kind === 'integer') return `${field.value}i`
  if (field.kind === 'boolean') return field.value ? 'true' : 'false'
  return `"${field.value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', ' ')}"`
}

function escapeKey(text: string): string {
  return text.replaceAll('\n', ' ').replace(/[,= ]/g, '\\$&').replace(/\\$/, '\\\\')
}
