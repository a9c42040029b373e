import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { decodeRecord } from '../../src/journal/record-codec.js'
import { parseRecord } from '../../src/journal/segment-format.js'
import { parseEventId } from '../../src/store/event-id.js'
import { openSqlite } from '../../src/store/sqlite-open.js'
import type { StoreContents } from './history.js'

const embeddedTypes = new Set(['quality', 'rhythm', 'episode', 'gap', 'data-issue'])
const systemTypes = ['session', 'acknowledge', 'quality-report', 'issue', 'correction']
const influxEventTypes = new Set(['score', 'condition', ...embeddedTypes, ...systemTypes])

interface ChunkPlace {
  readonly device: string
  readonly stream: string
  readonly file: string
  readonly chunks: readonly (readonly [index: number, n: number, position: number, length: number])[]
}

/** What the store must hold of these events: a row for each, by key, with its value as text. */
export function expectedRows(kind: 'embedded' | 'influx-v1', events: readonly LoggedEvent[]): { key: string; value: string }[] {
  if (kind === 'embedded') return events.flatMap(embeddedRows)
  const twins = new Map<string, number>()
  return events.flatMap(event => influxRows(event, twins))
}

function embeddedRows(event: LoggedEvent): { key: string; value: string }[] {
  const { id, log, type, body } = event
  if (log !== 'patient') return []
  if (type === 'measurement') return [{ key: `vital ${id}`, value: String(body.value ?? null) }]
  if (type === 'score') return [{ key: `score ${id}`, value: JSON.stringify(body) }]
  return embeddedTypes.has(type) ? [{ key: `observation ${id}`, value: JSON.stringify(body) }] : []
}

/** `twins`: how often a record has told a value of one name, stream and time. */
function influxRows(event: LoggedEvent, twins: Map<string, number>): { key: string; value: string }[] {
  const rows: { key: string; value: string }[] = []
  const { id, log, type, patient, device, stream, t, body } = event
  if (log === 'patient' && type === 'measurement') {
    const { offset } = parseEventId(id)
    const same = [patient, device, stream, t, offset, String(body.name)].join(' ')
    const twin = twins.get(same) ?? 0
    twins.set(same, twin + 1)
    const time = BigInt(Math.round(t)) * 1000n + BigInt((offset + 499 * twin) % 1000)
    rows.push({ key: `vital ${patient} ${device} ${stream} ${time} ${String(body.name)}`, value: String(body.value ?? null) })
    return rows
  }
  if (influxEventTypes.has(type)) rows.push({ key: `event ${id}`, value: JSON.stringify(event) })
  return rows
}

/** Everything in the embedded store's file. */
export async function readEmbedded(dataDir: string): Promise<StoreContents> {
  const driver = await openSqlite(path.join(dataDir, 'store', 'vitalwire.sqlite'), 'auto')
  try {
    const found = new Found()
    const terms = new Map(driver.all('SELECT id, text FROM terms', []).map(row => [row.id, String(row.text)]))
    for (const row of driver.all('SELECT event, value FROM vitals', [])) found.add(`vital ${row.event}`, String(row.value))
    for (const row of driver.all('SELECT event, body FROM scores', [])) found.add(`score ${row.event}`, String(row.body))
    for (const row of driver.all('SELECT event, body FROM observations', [])) found.add(`observation ${row.event}`, String(row.body))
    const places = driver.all('SELECT device, stream, file, chunks FROM segments', []).map(row => ({
      device: terms.get(row.device!) ?? '',
      stream: terms.get(row.stream!) ?? '',
      file: terms.get(row.file!) ?? '',
      chunks: JSON.parse(String(row.chunks)) as ChunkPlace['chunks'],
    }))
    return { rows: found.rows, doubled: found.doubled, chunks: followChunks(dataDir, places) }
  } finally {
    driver.close()
  }
}

/** Everything in the database, by queries of our own. */
export async function readInflux(url: string, dataDir: string): Promise<StoreContents> {
  const found = new Found()
  for (const row of await query(url, 'SELECT "id", "json" FROM "events"')) found.add(`event ${row.id}`, String(row.json))
  for (const row of await query(url, 'SELECT * FROM "vitals"')) {
    const { time, patient, device, stream, ...fields } = row
    for (const name of Object.keys(fields)) {
      if (!name.endsWith('.status') || fields[name] === null) continue
      const own = name.slice(0, -'.status'.length)
      found.add(`vital ${patient} ${device ?? ''} ${stream ?? ''} ${time} ${own}`, String(fields[own] ?? null))
    }
  }
  const places = (await query(url, 'SELECT * FROM "segments"')).map(row => ({
    device: String(row.device),
    stream: String(row.stream),
    file: String(row.file),
    chunks: JSON.parse(String(row.chunks)) as ChunkPlace['chunks'],
  }))
  return { rows: found.rows, doubled: found.doubled, chunks: followChunks(dataDir, places) }
}

class Found {
  readonly rows = new Map<string, string>()
  readonly doubled: string[] = []

  add(key: string, value: string): void {
    if (this.rows.has(key)) this.doubled.push(key)
    this.rows.set(key, value)
  }
}

/** Chunks whose record is really where the store says; `device/stream/index`. */
function followChunks(dataDir: string, places: readonly ChunkPlace[]): Set<string> {
  const files = new Map<string, Buffer>()
  const chunks = new Set<string>()
  for (const { device, stream, file, chunks: list } of places) {
    let bytes = files.get(file)
    if (bytes === undefined) files.set(file, (bytes = readFileSync(path.join(dataDir, 'journal', file))))
    for (const [index, , position] of list) {
      const raw = parseRecord(bytes, position, bytes.length, 0)
      if (raw === 'short' || raw === 'bad') continue
      const record = decodeRecord(raw.type, raw.body)
      if (record.type === 'message' && record.device === device && record.stream === stream) chunks.add(`${device}/${stream}/${index}`)
    }
  }
  return chunks
}

/** Rows with `time` in nanoseconds as text, which a number would not hold. */
async function query(url: string, text: string): Promise<Record<string, string | number | boolean | null>[]> {
  const answer = await fetch(`${url}/query?db=vitalwire&q=${encodeURIComponent(text)}`, { signal: AbortSignal.timeout(10_000) })
  const { results } = (await answer.json()) as {
    results: { error?: string; series?: { columns: string[]; values: (string | number | boolean | null)[][] }[] }[]
  }
  if (results[0]?.error !== undefined) throw new Error(`${text}: ${results[0].error}`)
  const series = results[0]?.series?.[0]
  if (series === undefined) return []
  return series.values.map(values => {
    const row = Object.fromEntries(series.columns.map((column, k) => [column, values[k] ?? null]))
    return { ...row, time: nanosecondsOf(String(row.time)) }
  })
}

/** `1970-01-01T00:00:12.000000123Z` as `12000000123`. */
function nanosecondsOf(time: string): string {
  const [whole, fraction = ''] = time.replace('Z', '').split('.')
  return (BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))).toString()
}
