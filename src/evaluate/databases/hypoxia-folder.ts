import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { requireDatabase } from '../database.js'
import { numberOr, readTable } from './csv-table.js'

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

/** Throws `recording-missing` and `recording-format`. */
export async function readHypoxiaPerson(folder: string, person: string): Promise<HypoxiaPerson> {
  const referenceFile = path.join(folder, `${person}.reference.csv`)
  const files = [referenceFile]
  const hands: Partial<Record<Hand, readonly Float64Array[]>> = {}
  const present = new Set(await readdir(folder))
  for (const hand of ['left', 'right'] as const) {
    const name = `${person}.ppg-${hand}.csv`
    if (!present.has(name)) continue
    const file = path.join(folder, name)
    const { rows } = await readTable(file)
    hands[hand] = [0, 1, 2].map(channel => Float64Array.from(rows, row => numberOr(row[channel], Number.NaN)))
    files.push(file)
  }
  return { person, hands, seconds: await readReference(referenceFile), files }
}

/** Oximeter readings stand in these columns, counted from 0. */
const spo2Columns = [1, 2, 4, 5]
/** Rows have five values more than the header after this column, so what follows is found by its distance from it. */
const lastNamedColumn = 'AC Gain 5'
const afterLastNamed = { ecgHeartRate: 6, respiratoryRate: 10 }

async function readReference(file: string): Promise<HypoxiaSecond[]> {
  const { header, rows } = await readTable(file)
  const named = header.indexOf(lastNamedColumn)
  if (named < 0) {
    throw new VitalwireError(
      'recording-format',
      `${file} has no column ${lastNamedColumn}; accepted: the reference file of the hypoxia set`,
    )
  }
  return rows.map(row => ({
    spo2: spo2Columns.map(column => shown(row[column])),
    ecgHeartRate: shown(row[named + afterLastNamed.ecgHeartRate]),
    respiratoryRate: shown(row[named + afterLastNamed.respiratoryRate]),
  }))
}

/** An instrument without a reading shows 0 or nothing. */
function shown(field: string | undefined): number | null {
  const value = numberOr(field, 0)
  return value > 0 ? value : null
}
