import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { requireDatabase } from '../database.js'
import { type CsvRow, numberOr, readTable } from './csv-table.js'
import { isNumberOrEmpty, RowCount } from './row-count.js'

/** Rate of the camera, Hz; the files do not carry it. */
export const hypoxiaPpgHz = 30

export type Hand = 'left' | 'right'

/** What the instruments showed at one second, in step with the camera; null where they showed nothing. */
export interface HypoxiaSecond {
  /** Of the pulse oximeters 1, 2, 4 and 5 (3 was not used), %. */
  readonly spo2: readonly (number | null)[]
  /** /min. */
  readonly ecgHeartRate: number | null
  /** Of the capnograph, /min. */
  readonly respiratoryRate: number | null
}

export interface HypoxiaPerson {
  readonly person: string
  /** Mean red, green and blue of the picture, `hypoxiaPpgHz` samples a second. */
  readonly hands: Readonly<Partial<Record<Hand, readonly Float64Array[]>>>
  readonly seconds: readonly HypoxiaSecond[]
  readonly files: readonly string[]
  /** What the figures lack: hands that are not there, rows that cannot be read. */
  readonly warnings: readonly string[]
}

/** Whether a folder is laid out as the smartphone hypoxia set (Hoffman et al., npj Digital Medicine 2022). */
export async function isHypoxiaFolder(folder: string): Promise<boolean> {
  const files = await readdir(folder).catch(() => [] as string[])
  return files.some(file => file.endsWith('.reference.csv'))
}

/** Throws `recording-missing` when there are none. */
export async function listHypoxiaPeople(folder: string): Promise<string[]> {
  await requireDatabase(folder)
  const people = (await readdir(folder))
    .filter(file => file.endsWith('.reference.csv'))
    .map(file => file.slice(0, -'.reference.csv'.length))
  if (people.length > 0) return people.sort()
  throw new VitalwireError(
    'recording-missing',
    `${folder} has no PERSON.reference.csv; accepted: a folder of PERSON.reference.csv with PERSON.ppg-left.csv or PERSON.ppg-right.csv`,
  )
}

const hands = ['left', 'right'] as const

/** Light of both hands and what the instruments showed. Throws `recording-missing` when no hand is there, and `recording-format`. */
export async function readHypoxiaPerson(folder: string, person: string): Promise<HypoxiaPerson> {
  const reference = await readHypoxiaReference(folder, person)
  const light: Partial<Record<Hand, readonly Float64Array[]>> = {}
  const files = [...reference.files]
  const warnings = [...reference.warnings]
  const present = new Set(await readdir(folder))
  const nameOf = (hand: Hand): string => `${person}.ppg-${hand}.csv`
  if (!hands.some(hand => present.has(nameOf(hand)))) {
    const accepted = hands.map(nameOf).join(' or ')
    throw new VitalwireError(
      'recording-missing',
      `${folder} has no light of ${person}; accepted: ${accepted} beside ${person}.reference.csv`,
    )
  }
  for (const hand of hands) {
    if (!present.has(nameOf(hand))) {
      warnings.push(`${person}: the ${hand} hand counts for nothing, ${nameOf(hand)} is not there`)
      continue
    }
    const file = path.join(folder, nameOf(hand))
    const read = await readLight(file)
    light[hand] = read.channels
    warnings.push(...read.warnings)
    files.push(file)
  }
  return { ...reference, hands: light, files, warnings }
}

/** Red, green and blue of the rows; those that cannot be read are missing samples. */
async function readLight(file: string): Promise<{ channels: readonly Float64Array[]; warnings: readonly string[] }> {
  const { rows } = await readTable(file)
  const colours = [0, 1, 2]
  const count = new RowCount(file, 'a row R,G,B, then three numbers a row')
  const channels = colours.map(() => new Float64Array(rows.length).fill(Number.NaN))
  for (const [i, { line, text, fields }] of rows.entries()) {
    if (!count.take(fields.length === colours.length && fields.every(isNumberOrEmpty), line, text)) continue
    for (const colour of colours) channels[colour]![i] = numberOr(fields[colour], Number.NaN)
  }
  return { channels, warnings: count.warnings() }
}

/** Oximeter readings stand in these columns, counted from 0. */
const spo2Columns = [1, 2, 4, 5]
/** Rows have five values more than the header after this column, so what follows is found by its distance from it. */
const lastNamedColumn = 'AC Gain 5'
const afterLastNamed = { ecgHeartRate: 6, respiratoryRate: 10 }

/** What the instruments showed, without the light. Throws `recording-missing` and `recording-format`. */
export async function readHypoxiaReference(folder: string, person: string): Promise<Omit<HypoxiaPerson, 'hands'>> {
  const file = path.join(folder, `${person}.reference.csv`)
  const { header, rows } = await readTable(file)
  const named = header.indexOf(lastNamedColumn)
  if (named < 0) {
    throw new VitalwireError(
      'recording-format',
      `${file} has no column ${lastNamedColumn}; accepted: the reference file of the hypoxia set`,
    )
  }
  const { ecgHeartRate, respiratoryRate } = afterLastNamed
  const columns = [...spo2Columns, named + ecgHeartRate, named + respiratoryRate]
  const count = new RowCount(file, `numbers in columns ${columns.map(column => column + 1).join(', ')}, one row a second`)
  const readable = ({ fields, line, text }: CsvRow): boolean =>
    count.take(
      columns.every(column => isNumberOrEmpty(fields[column])),
      line,
      text,
    )
  const seconds = rows.map(row => {
    // A row that cannot be read keeps its second, so that those after it stay in step with the camera.
    const fields = readable(row) ? row.fields : []
    return {
      spo2: spo2Columns.map(column => shown(fields[column])),
      ecgHeartRate: shown(fields[named + ecgHeartRate]),
      respiratoryRate: shown(fields[named + respiratoryRate]),
    }
  })
  return { person, seconds, files: [file], warnings: count.warnings() }
}

/** An instrument without a reading shows 0 or nothing. */
function shown(field: string | undefined): number | null {
  const value = numberOr(field, 0)
  return value > 0 ? value : null
}
