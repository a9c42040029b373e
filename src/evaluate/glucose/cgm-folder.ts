import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import type { GlucoseReading } from '../../glucose/glucose-metrics.js'
import { splitCsv } from '../../recording/csv-text.js'
import { readSmallText } from '../../recording/file-pool.js'
import { catalogue } from '../../signal/catalogue.js'
import { requireDatabase } from '../database.js'
import { isNumber, RowCount } from '../databases/row-count.js'

export interface GlucosePerson {
  /** `FILE` for a file of one person, else `FILE/ID`. */
  readonly name: string
  readonly file: string
  readonly id: string
  /** Index of the person's first row among the rows of its file, from 0. */
  readonly firstRow: number
  /** In the order of time, mg/dL. */
  readonly readings: readonly GlucoseReading[]
}

/** A row of MAGE drawn by hand: rows `start` to `end` of the data file, counted from 1, both included. */
export interface DrawnExcursion {
  readonly row: string
  readonly person: string
  readonly hand: number
  readonly values: readonly number[]
}

export interface GlucoseFolder {
  readonly people: readonly GlucosePerson[]
  readonly drawn: readonly DrawnExcursion[]
  readonly files: readonly string[]
  /** Rows that cannot be read. */
  readonly warnings: readonly string[]
}

/** What the table of hand-drawn values calls the files of the folder. */
const otherNames: Readonly<Record<string, string>> = { 'ExampleData5Subjects.csv': 'example_data_5_subject.csv' }
const drawnFile = 'manual_calculations.csv'

interface Row {
  readonly id: string
  readonly time: number
  readonly value: number
}

/**
 * A folder laid out like `cgm`: files with the columns `id, time, gl`, or exports of a sensor with `timestamp, event_type, glucose`
 * (rows EGV), and `manual_calculations.csv`. Other files are left alone. A person who is in two files counts once, where it has more
 * readings. Throws `recording-missing`, and `recording-format` for values that no sensor can show and for files of readings most of whose
 * rows cannot be read.
 */
export async function readGlucoseFolder(folder: string): Promise<GlucoseFolder> {
  await requireDatabase(folder)
  const names = (await readdir(folder)).filter(name => name.endsWith('.csv')).sort((a, b) => (a < b ? -1 : 1))
  const rowsOf = new Map<string, readonly Row[]>()
  const warnings: string[] = []
  for (const name of names) {
    const read = readRows(await readText(path.join(folder, name)), path.join(folder, name))
    if (read === null) continue
    rowsOf.set(name, read.rows)
    warnings.push(...read.warnings)
  }
  const people = withoutCopies([...rowsOf].flatMap(([file, rows]) => splitPeople(file, rows)))
  if (people.length === 0) {
    throw new VitalwireError(
      'recording-missing',
      `${folder} has no glucose readings; accepted: a folder of CSV files with the columns id, time, gl or timestamp, event_type, glucose`,
    )
  }
  const drawn = names.includes(drawnFile) ? readDrawn(await readText(path.join(folder, drawnFile)), rowsOf) : []
  const files = [...rowsOf.keys(), ...(names.includes(drawnFile) ? [drawnFile] : [])].map(name => path.join(folder, name))
  return { people, drawn, files, warnings }
}

function readText(file: string): Promise<string> {
  return readSmallText(file, 'a table of readings', 256 * 1024 * 1024)
}

/** What tables and sensors show in place of a reading; `Low` and `High` are beyond the sensor's range. */
const noReading: readonly string[] = ['', 'NA', 'Low', 'High']
/** What a sensor can show, mg/dL. */
const possible = catalogue.glucose.possible as readonly [number, number]

/** Rows of a file of readings; null for a file that is none. */
function readRows(text: string, file: string): { rows: Row[]; warnings: readonly string[] } | null {
  const all = text.split(/\r?\n/).map((row, i) => ({ row, line: i + 1 }))
  const [head, ...lines] = all.filter(({ row }) => row.trim() !== '')
  const titles = splitCsv(head?.row ?? '', ',').map(title => title.trim())
  const [id, time, value, type] = ['id', 'time', 'gl', 'event_type'].map(name => titles.indexOf(name)) as [number, number, number, number]
  const [stamp, glucose] = [titles.indexOf('timestamp'), titles.indexOf('glucose')]
  const listed = id >= 0 && time >= 0 && value >= 0
  if (!listed && !(stamp >= 0 && glucose >= 0 && type >= 0)) return null
  const count = new RowCount(file, 'rows with a time such as 2026-01-01 08:00:00 and a number of mg/dL')
  const rows = lines.flatMap(({ row, line }) => {
    const fields = splitCsv(row, ',')
    if (!listed && fields[type] !== 'EGV') return []
    const seconds = secondsOf(fields[listed ? time : stamp] ?? '')
    const shown = fields[listed ? value : glucose] ?? 'none'
    const empty = noReading.includes(shown)
    // A row that cannot be read keeps its place: rows drawn by hand are told by their numbers.
    const readable = count.take(Number.isFinite(seconds) && (empty || isNumber(shown)), line, row)
    const number = readable && !empty ? Number(shown) : Number.NaN
    if (number < possible[0] || number > possible[1]) {
      const accepted = `accepted: ${possible[0]} to ${possible[1]} mg/dL`
      throw new VitalwireError('recording-format', `${file}, line ${line}: reading ${number}; ${accepted}`)
    }
    return [{ id: listed ? (fields[id] ?? '') : '', time: seconds, value: number }]
  })
  return { rows, warnings: count.warnings() }
}

/** Local time without a zone, as the files have it: a day has 24 hours. */
function secondsOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`) / 1000
}

function splitPeople(file: string, rows: readonly Row[]): GlucosePerson[] {
  const found = new Map<string, { firstRow: number; readings: GlucoseReading[] }>()
  for (const [index, { id, time, value }] of rows.entries()) {
    const person = found.get(id) ?? { firstRow: index, readings: [] }
    found.set(id, person)
    if (Number.isFinite(time) && Number.isFinite(value)) person.readings.push({ time, value })
  }
  const stem = file.replace(/\.csv$/, '')
  return [...found].map(([id, { firstRow, readings }]) => {
    readings.sort((a, b) => a.time - b.time)
    return { name: id === '' ? stem : `${stem}/${id}`, file, id, firstRow, readings }
  })
}

function withoutCopies(people: readonly GlucosePerson[]): GlucosePerson[] {
  const key = ({ id, readings }: GlucosePerson) => `${id} ${readings[0]?.time} ${readings[0]?.value}`
  const longest = new Map<string, GlucosePerson>()
  for (const person of people) {
    const other = longest.get(key(person))
    if (other === undefined || person.readings.length >= other.readings.length) longest.set(key(person), person)
  }
  return people.filter(person => person.readings.length > 0 && longest.get(key(person)) === person)
}

function readDrawn(text: string, rowsOf: ReadonlyMap<string, readonly Row[]>): DrawnExcursion[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter(line => line !== '')
  const titles = splitCsv(head, ',')
  return lines.flatMap(line => {
    const fields = splitCsv(line, ',')
    const of = (title: string) => fields[titles.indexOf(title)] ?? ''
    const file = Object.hasOwn(otherNames, of('dataset_filename')) ? otherNames[of('dataset_filename')]! : of('dataset_filename')
    const rows = rowsOf.get(file)?.slice(Number(of('start')) - 1, Number(of('end')))
    const first = rows?.[0]
    // Another edition of the file has other rows in these places.
    if (rows === undefined || first === undefined || rows.some(row => row.id.toLowerCase() !== of('subject').toLowerCase())) return []
    const values = rows.map(({ value }) => value).filter(value => Number.isFinite(value))
    return [{ row: fields[0] ?? '', person: `${file.replace(/\.csv$/, '')}/${first.id}`, hand: Number(of('manual')), values }]
  })
}
