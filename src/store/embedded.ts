import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { VitalwireError } from '../errors.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import { type AlertLookup, type AlertRow, foldAlert } from './alert-fold.js'
import { readAlerts, readQuality, readScores, readSegments, readSessions, readVitals } from './embedded-queries.js'
import { embeddedAdditions, embeddedFormat, embeddedSchema } from './embedded-schema.js'
import { foldSession } from './session-fold.js'
import type { SqliteDriver, SqlValue } from './sqlite-driver.js'
import { type DriverChoice, databaseError, openSqlite } from './sqlite-open.js'
import type { AppendResult, SessionRow, Store, StoreBatch, StoredPosition } from './store.js'

export interface EmbeddedOptions {
  readonly file: string
  readonly driver?: DriverChoice
  /** Keep beats, pulses and breaths too (about 100,000 rows a patient and day each). */
  readonly keepBeats?: boolean
}

const beatTypes = new Set(['beat', 'pulse', 'breath'])
const keptTypes = new Set(['quality', 'rhythm', 'episode', 'gap', 'data-issue'])

/** The store that needs no server: SQLite in one file. Rows and position change in one transaction. */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<Store> {
  mkdirSync(dirname(options.file), { recursive: true })
  const driver = await openSqlite(options.file, options.driver ?? 'auto')
  try {
    prepareDatabase(driver, options.file)
    driver.transaction(() => driver.exec(embeddedAdditions))
  } catch (problem) {
    driver.close()
    throw problem
  }
  return new EmbeddedStore(driver, options)
}

function prepareDatabase(driver: SqliteDriver, file: string): void {
  let version: number
  try {
    version = Number(driver.all('PRAGMA user_version', [])[0]?.user_version)
    const tables = Number(driver.all('SELECT count(*) AS n FROM sqlite_master', [])[0]?.n)
    if (version === 0 && tables === 0) {
      driver.transaction(() => driver.exec(embeddedSchema))
      return
    }
  } catch (cause) {
    throw databaseError(file, cause as Error)
  }
  if (version !== embeddedFormat) {
    throw new VitalwireError(
      'disk-format',
      `${file} has format version ${version}; accepted: ${embeddedFormat}. Move it away: it is filled again from the event log`,
    )
  }
}

class EmbeddedStore implements Store {
  readonly name = 'embedded'
  readonly description: string
  private closed = false
  private readonly terms = new Map<string, number>()
  private readonly alertLookup: AlertLookup = {
    byId: id => this.alertRow('SELECT row FROM alerts WHERE id = ?', [id]),
    open: (patient, stream, condition) =>
      this.alertRow('SELECT row FROM alerts WHERE patient = ? AND condition = ? AND stream = ? AND "end" IS NULL', [
        this.term(patient),
        this.term(condition),
        this.term(stream),
      ]),
    openOfPatient: patient =>
      this.driver
        .all('SELECT row FROM alerts WHERE patient = ? AND "end" IS NULL', [this.term(patient)])
        .map(row => JSON.parse(String(row.row)) as AlertRow),
  }

  constructor(
    private readonly driver: SqliteDriver,
    private readonly options: EmbeddedOptions,
  ) {
    const how = driver.wal ? 'write-ahead log' : 'no write-ahead log: install a compiler and better-sqlite3 for a faster store'
    this.description = `embedded store ${options.file} (${driver.name}, ${how})`
    for (const row of driver.all('SELECT id, text FROM terms', [])) this.terms.set(String(row.text), Number(row.id))
  }

  async position(): Promise<StoredPosition | null> {
    const row = this.driver.all('SELECT epoch, position FROM position', [])[0]
    return row ? { epoch: String(row.epoch), position: String(row.position) } : null
  }

  async append(batch: StoreBatch, position: StoredPosition): Promise<AppendResult> {
    let written = 0
    this.inTransaction(() => {
      for (const event of batch.events) written += this.keep(event)
      for (const segment of batch.segments) this.keepSegment(segment)
      this.driver.run('INSERT OR REPLACE INTO position (id, epoch, position) VALUES (1, ?, ?)', [position.epoch, position.position])
    })
    return { written: written + batch.segments.length, deadLettered: 0 }
  }

  async vitals(query: Parameters<Store['vitals']>[0]): ReturnType<Store['vitals']> {
    return readVitals(this.driver, query)
  }

  async alerts(query: Parameters<Store['alerts']>[0]): ReturnType<Store['alerts']> {
    return readAlerts(this.driver, query)
  }

  async scores(query: Parameters<Store['scores']>[0]): ReturnType<Store['scores']> {
    return readScores(this.driver, query)
  }

  async sessions(query: Parameters<Store['sessions']>[0]): ReturnType<Store['sessions']> {
    return readSessions(this.driver, query)
  }

  async quality(query: Parameters<Store['quality']>[0]): ReturnType<Store['quality']> {
    return readQuality(this.driver, query)
  }

  async segments(query: Parameters<Store['segments']>[0]): ReturnType<Store['segments']> {
    return readSegments(this.driver, query)
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.driver.close()
  }

  private inTransaction(work: () => void): void {
    try {
      this.driver.transaction(work)
    } catch (problem) {
      // Terms that were added are gone with the transaction.
      this.terms.clear()
      for (const row of this.driver.all('SELECT id, text FROM terms', [])) this.terms.set(String(row.text), Number(row.id))
      throw problem
    }
  }

  /** Rows that the event makes or changes. */
  private keep(event: LoggedEvent): number {
    const alerts = foldAlert(event, this.alertLookup)
    for (const alert of alerts) this.keepAlert(alert)
    if (event.log === 'system' && event.type === 'quality-report') return this.keepQuality(event)
    if (event.log === 'system') return alerts.length + (event.type === 'session' ? this.keepSession(event) : 0)
    if (event.type === 'condition') return alerts.length
    if (event.type === 'measurement') return this.keepVital(event)
    if (event.type === 'score') return this.keepScore(event)
    if (keptTypes.has(event.type) || (this.options.keepBeats === true && beatTypes.has(event.type))) return this.keepObservation(event)
    return 0
  }

  private keepVital(event: LoggedEvent): number {
    const body = event.body
    this.driver.run(
      'INSERT INTO vitals (patient, name, t, event, value, quality, unit, status, reason, stream) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING',
      [
        this.term(event.patient),
        this.term(String(body.name)),
        event.t,
        event.id,
        storedScalar(body.value),
        typeof body.quality === 'number' ? body.quality : null,
        this.term(String(body.unit ?? '')),
        this.term(String(body.status ?? '')),
        typeof body.reason === 'string' ? this.term(body.reason) : null,
        this.term(event.stream),
      ],
    )
    return 1
  }

  private keepScore(event: LoggedEvent): number {
    const { score, total, complete } = event.body
    this.driver.run(
      'INSERT INTO scores (patient, score, t, event, at, total, complete, body) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING',
      [
        this.term(event.patient),
        this.term(String(score)),
        event.t,
        event.id,
        event.at,
        typeof total === 'number' ? total : null,
        complete === true ? 1 : 0,
        JSON.stringify(event.body),
      ],
    )
    return 1
  }

  private keepObservation(event: LoggedEvent): number {
    this.driver.run('INSERT INTO observations (patient, type, t, event, stream, body) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING', [
      this.term(event.patient),
      this.term(event.type),
      event.t,
      event.id,
      this.term(event.stream),
      JSON.stringify(event.body),
    ])
    return 1
  }

  private keepAlert(row: AlertRow): void {
    this.driver.run('INSERT OR REPLACE INTO alerts (id, patient, condition, stream, onset, "end", row) VALUES (?,?,?,?,?,?,?)', [
      row.id,
      this.term(row.patient),
      this.term(row.condition),
      this.term(row.stream),
      row.onset,
      row.end,
      JSON.stringify(row),
    ])
  }

  /**
   * A row that comes again after a crash may hold more chunks than before: the later one stands. Another row at the same
   * time (a new anchor may put two stretches of a live stream there) goes a microsecond behind.
   */
  private keepSegment(row: WaveSegment): void {
    const { patient, stream, device, boot, file, to, chunks } = row
    const key = [this.term(patient), this.term(stream), this.term(device), boot, this.term(file)]
    let { from } = row
    for (;;) {
      const there = this.driver.all(
        'SELECT chunks FROM segments WHERE patient = ? AND stream = ? AND device = ? AND boot = ? AND file = ? AND "from" = ?',
        [...key, from],
      )[0]
      if (there === undefined || (JSON.parse(String(there.chunks)) as WaveSegment['chunks'])[0]?.[0] === chunks[0]?.[0]) break
      from += 1
    }
    this.driver.run(
      'INSERT OR REPLACE INTO segments (patient, stream, device, boot, file, "from", "to", chunks) VALUES (?,?,?,?,?,?,?,?)',
      [...key, from, to, JSON.stringify(chunks)],
    )
  }

  private keepSession(event: LoggedEvent): number {
    const before = this.driver.all('SELECT row FROM sessions WHERE session = ?', [String(event.body.session ?? event.session)])[0]
    const row = foldSession(event, before ? (JSON.parse(String(before.row)) as SessionRow) : undefined)
    if (!row) return 0
    this.driver.run('INSERT OR REPLACE INTO sessions (session, patient, openedAt, row) VALUES (?,?,?,?)', [
      row.session,
      this.term(row.patient),
      row.openedAt,
      JSON.stringify(row),
    ])
    return 1
  }

  private keepQuality(event: LoggedEvent): number {
    this.driver.run('INSERT INTO quality (event, patient, device, at, report) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING', [
      event.id,
      this.term(event.patient),
      this.term(event.device),
      event.at,
      JSON.stringify(event.body),
    ])
    return 1
  }

  private alertRow(sql: string, values: readonly SqlValue[]): AlertRow | undefined {
    const found = this.driver.all(sql, values)[0]
    return found ? (JSON.parse(String(found.row)) as AlertRow) : undefined
  }

  private term(text: string): number {
    let id = this.terms.get(text)
    if (id !== undefined) return id
    this.driver.run('INSERT INTO terms (text) VALUES (?) ON CONFLICT DO NOTHING', [text])
    id = Number(this.driver.all('SELECT id FROM terms WHERE text = ?', [text])[0]!.id)
    this.terms.set(text, id)
    return id
  }
}

/** SQLite has no booleans; the two words are no value of any coded vital sign. */
function storedScalar(value: unknown): SqlValue {
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return typeof value === 'number' || typeof value === 'string' ? value : null
}
