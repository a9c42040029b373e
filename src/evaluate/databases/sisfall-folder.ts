import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { readCsvLines } from '../../recording/csv-text.js'
import type { MotionRecord } from './motion-record.js'

/** Counts of the ADXL345 (13 bits over +-16 g) in one g, and its rate, by the set's readme. */
const countsPerG = 256
export const sisfallHz = 200

/**
 * Recordings of SisFall (Sucerquia et al., Sensors 17 (2017) 198) below a folder: `PERSON/CODE_PERSON_RUN.txt`, F falls, D daily
 * activities; people SE are the older ones. Sorted; empty when there is none.
 */
export async function listSisfall(folder: string): Promise<{ person: string; record: string; file: string }[]> {
  const found: { person: string; record: string; file: string }[] = []
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory()) continue
    for (const file of await readdir(path.join(folder, entry.name))) {
      const match = /^[DF]\d\d_(S[AE]\d\d)_R\d\d\.txt$/.exec(file)
      if (match?.[1] !== undefined) found.push({ person: match[1], record: file.slice(0, -4), file: path.join(folder, entry.name, file) })
    }
  }
  return found.sort((a, b) => (a.record < b.record ? -1 : 1))
}

/** The first accelerometer of a recording, worn at the waist. Rows that do not hold three numbers are missing samples. */
export async function readSisfall({ person, record, file }: { person: string; record: string; file: string }): Promise<MotionRecord> {
  const axes: [number[], number[], number[]] = [[], [], []]
  for await (const lines of readCsvLines(file)) {
    for (const { text } of lines) {
      const fields = text.replace(/;\s*$/, '').split(',')
      if (fields.length < 3) continue
      for (const [axis, values] of axes.entries()) {
        const value = Number.parseInt(fields[axis] ?? '', 10)
        values.push(Number.isNaN(value) ? Number.NaN : value / countsPerG)
      }
    }
  }
  const [code = ''] = record.split('_')
  const samples = axes.map(values => Float64Array.from(values))
  return {
    set: 'sisfall',
    person,
    record,
    activity: code,
    fall: code.startsWith('F'),
    older: person.startsWith('SE'),
    fs: { num: sisfallHz, den: 1 },
    samples,
    file,
  }
}
