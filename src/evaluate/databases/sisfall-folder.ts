import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { readCsvLines } from '../../recording/csv-text.js'
import { type MotionRecord, requireLength } from './motion-record.js'
import { RowCount } from './row-count.js'

/** Counts of the ADXL345 (13 bits over +-16 g) in one g, and its rate, by the set's readme. */
const countsPerG = 256
const sisfallHz = 200
const wholeNumber = /^[+-]?\d{1,6}$/

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

/**
 * The first accelerometer of a recording, worn at the waist. Rows that do not begin with three whole numbers are missing samples. Throws
 * `recording-missing`, and `recording-format` when most rows cannot be read or the recording is a stump.
 */
export async function readSisfall({ person, record, file }: { person: string; record: string; file: string }): Promise<MotionRecord> {
  const axes: [number[], number[], number[]] = [[], [], []]
  const count = new RowCount(file, 'rows of whole numbers of the sensors, separated by commas, three of the first accelerometer first')
  let line = 0
  for await (const lines of readCsvLines(file)) {
    for (const { text } of lines) {
      line += 1
      if (text.trim() === '') continue
      const fields = text
        .replace(/;\s*$/, '')
        .split(',')
        .slice(0, axes.length)
        .map(field => field.trim())
      const readable = count.take(fields.length === axes.length && fields.every(field => wholeNumber.test(field)), line, text)
      for (const [axis, values] of axes.entries()) values.push(readable ? Number(fields[axis]) / countsPerG : Number.NaN)
    }
  }
  const warnings = count.warnings()
  const fs = { num: sisfallHz, den: 1 }
  requireLength(file, axes[0].length, fs)
  const [code = ''] = record.split('_')
  const samples = axes.map(values => Float64Array.from(values))
  return {
    set: 'sisfall',
    person,
    record,
    activity: code,
    fall: code.startsWith('F'),
    older: person.startsWith('SE'),
    fs,
    samples,
    file,
    warnings,
  }
}
