import type { WaveSegment } from '../journal/wave-segment.js'
import type { AlertRow } from './alert-fold.js'
import type { SqliteDriver, SqlRow, SqlValue } from './sqlite-driver.js'
import type {
  AlertsQuery,
  QualityQuery,
  QualityRow,
  ScoreRow,
  ScoresQuery,
  SegmentsQuery,
  SessionRow,
  SessionsQuery,
  TimeRange,
  VitalBucket,
  VitalPoint,
  VitalSeries,
  VitalsQuery,
} from './store.js'

/** Rows of one answer when the question names no number. */
const defaultLimit = 100_000

const first = Number.MIN_SAFE_INTEGER
const last = Number.MAX_SAFE_INTEGER
const termId = '(SELECT id FROM terms WHERE text = ?)'
const termText = (column: string): string => `(SELECT text FROM terms WHERE id = ${column})`

export function readVitals(driver: SqliteDriver, query: VitalsQuery): VitalSeries[] {
  const names = query.names ?? storedNames(driver, query.patient)
  const series: VitalSeries[] = []
  for (const name of names) {
    const unit = driver.all(
      `SELECT ${termText('unit')} AS unit FROM vitals WHERE patient = ${termId} AND name = ${termId} ORDER BY t DESC LIMIT 1`,
      [query.patient, name],
    )[0]
    if (!unit) continue
    const own = { name, unit: String(unit.unit) }
    series.push(
      query.stepSeconds === undefined ? { ...own, points: points(driver, query, name) } : { ...own, buckets: buckets(driver, query, name) },
    )
  }
  return series
}

function storedNames(driver: SqliteDriver, patient: string): string[] {
  const rows = driver.all(`SELECT DISTINCT ${termText('name')} AS name FROM vitals WHERE patient = ${termId}`, [patient])
  return rows.map(row => String(row.name)).sort()
}

function points(driver: SqliteDriver, query: VitalsQuery, name: string): VitalPoint[] {
  const rows = driver.all(
    `SELECT t, value, quality, ${termText('status')} AS status, ${termText('reason')} AS reason, ${termText('stream')} AS stream FROM vitals
     WHERE patient = ${termId} AND name = ${termId} AND t >= ? AND t < ? ORDER BY t DESC, event DESC LIMIT ?`,
    [query.patient, name, ...bounds(query), query.limit ?? defaultLimit],
  )
  return rows.reverse().map(row => ({
    t: Number(row.t),
    value: readScalar(row.value ?? null),
    quality: row.quality === null ? null : Number(row.quality),
    status: String(row.status),
    reason: row.reason === null ? null : String(row.reason),
    stream: String(row.stream),
  }))
}

/** Buckets begin at whole multiples of the step; values that are no number are left out. */
function buckets(driver: SqliteDriver, query: VitalsQuery, name: string): VitalBucket[] {
  const step = Math.round((query.stepSeconds ?? 1) * 1e6)
  const rows = driver.all(
    `SELECT (t - ((t % ${step}) + ${step}) % ${step}) AS start, count(*) AS n, min(value) AS low, avg(value) AS mean, max(value) AS high FROM vitals
     WHERE patient = ${termId} AND name = ${termId} AND t >= ? AND t < ? AND typeof(value) IN ('integer', 'real')
     GROUP BY start ORDER BY start DESC LIMIT ?`,
    [query.patient, name, ...bounds(query), query.limit ?? defaultLimit],
  )
  return rows
    .reverse()
    .map(row => ({ t: Number(row.start), count: Number(row.n), min: Number(row.low), mean: Number(row.mean), max: Number(row.high) }))
}

/** Alerts that lasted at some moment of the range, newest onset last. */
export function readAlerts(driver: SqliteDriver, query: AlertsQuery): AlertRow[] {
  const [from, to] = bounds(query)
  const patient = query.patient === undefined ? '' : `patient = ${termId} AND `
  const rows = driver.all(
    `SELECT row FROM alerts WHERE ${patient}onset < ? AND ("end" IS NULL OR ("end" >= ? AND json_extract(row, '$.raised'))) ${query.openOnly ? 'AND "end" IS NULL' : ''}
     ORDER BY onset DESC, id DESC LIMIT ?`,
    [...(query.patient === undefined ? [] : [query.patient]), to, from, query.limit ?? defaultLimit],
  )
  return rows.reverse().map(readJson<AlertRow>)
}

export function readScores(driver: SqliteDriver, query: ScoresQuery): ScoreRow[] {
  const score = query.score === undefined ? '' : `AND score = ${termId} `
  const rows = driver.all(
    `SELECT ${termText('score')} AS score, t, at, total, complete, body FROM scores
     WHERE patient = ${termId} ${score}AND t >= ? AND t < ? ORDER BY t DESC, event DESC LIMIT ?`,
    [query.patient, ...(query.score === undefined ? [] : [query.score]), ...bounds(query), query.limit ?? defaultLimit],
  )
  return rows.reverse().map(row => ({
    patient: query.patient,
    score: String(row.score),
    t: Number(row.t),
    at: Number(row.at),
    total: row.total === null ? null : Number(row.total),
    complete: row.complete === 1,
    body: JSON.parse(String(row.body)),
  }))
}

export function readSessions(driver: SqliteDriver, query: SessionsQuery): SessionRow[] {
  const patient = query.patient === undefined ? '' : `WHERE patient = ${termId} `
  const rows = driver.all(`SELECT row FROM sessions ${patient}ORDER BY openedAt DESC, session DESC LIMIT ?`, [
    ...(query.patient === undefined ? [] : [query.patient]),
    query.limit ?? defaultLimit,
  ])
  return rows.reverse().map(readJson<SessionRow>)
}

export function readQuality(driver: SqliteDriver, query: QualityQuery): QualityRow[] {
  const patient = query.patient === undefined ? '' : `AND patient = ${termId} `
  const device = query.device === undefined ? '' : `AND device = ${termId} `
  const rows = driver.all(
    `SELECT ${termText('patient')} AS patient, ${termText('device')} AS device, at, report FROM quality
     WHERE at >= ? AND at < ? ${patient}${device}ORDER BY at DESC, event DESC LIMIT ?`,
    [
      ...bounds(query),
      ...(query.patient === undefined ? [] : [query.patient]),
      ...(query.device === undefined ? [] : [query.device]),
      query.limit ?? defaultLimit,
    ],
  )
  return rows.reverse().map(row => ({
    patient: String(row.patient),
    device: String(row.device),
    at: Number(row.at),
    report: JSON.parse(String(row.report)),
  }))
}

/** Segments that overlap the range. A row spans up to ten seconds of chunks; an hour leaves room for slow streams. */
export function readSegments(driver: SqliteDriver, query: SegmentsQuery): WaveSegment[] {
  const stream = query.stream === undefined ? '' : `AND stream = ${termId} `
  const rows = driver.all(
    `SELECT ${termText('device')} AS device, boot, ${termText('stream')} AS stream, "from", "to", ${termText('file')} AS file, chunks FROM segments
     WHERE patient = ${termId} ${stream}AND "from" >= ? AND "from" < ? AND "to" > ? ORDER BY "from", device, boot, segments.file LIMIT ?`,
    [
      query.patient,
      ...(query.stream === undefined ? [] : [query.stream]),
      query.from - 3600e6,
      query.to,
      query.from,
      query.limit ?? defaultLimit,
    ],
  )
  return rows.map(row => ({
    patient: query.patient,
    device: String(row.device),
    boot: Number(row.boot),
    stream: String(row.stream),
    from: Number(row.from),
    to: Number(row.to),
    file: String(row.file),
    chunks: JSON.parse(String(row.chunks)),
  }))
}

function bounds(range: TimeRange): [number, number] {
  return [range.from ?? first, range.to ?? last]
}

function readScalar(value: SqlValue): number | string | boolean | null {
  return value === 'true' ? true : value === 'false' ? false : value
}

function readJson<T>(row: SqlRow): T {
  return JSON.parse(String(row.row)) as T
}
