import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../../errors.js'
import { readCsvLines } from '../../recording/csv-text.js'
import { type MotionRecord, requireLength } from './motion-record.js'
import { isNumber, RowCount } from './row-count.js'

/** Rate of the set's body sensors; the phone's is another. Time stamps are those of arrival. */
const sensorHz = 20

/** Recordings of UMAFall (Casilari et al., 2017) in a folder, sorted; empty when there is none. */
export async function listUmafall(folder: string): Promise<{ person: string; record: string; file: string }[]> {
  const files = await readdir(folder).catch(() => [] as string[])
  const found = files.flatMap(file => {
    const match = /^UMAFall_(Subject_\d+)_(?:ADL|Fall)_.*\.csv$/i.exec(file)
    return match?.[1] === undefined ? [] : [{ person: match[1], record: file.slice(0, -4), file: path.join(folder, file) }]
  })
  return found.sort((a, b) => (a.record < b.record ? -1 : 1))
}

/** `time; number; x; y; z; sensor type; sensor id`, or with an end of `;`. */
const rowFields = 7

/**
 * The accelerometer at the wrist. Rows that cannot be read are left out: nothing says whose sensor's they were. Throws
 * `recording-missing`, and `recording-format` when the header names no sensor at the wrist, when most rows cannot be read or the
 * recording is a stump.
 */
export async function readUmafall({ person, record, file }: { person: string; record: string; file: string }): Promise<MotionRecord> {
  let sensor: string | null = null
  const axes: [number[], number[], number[]] = [[], [], []]
  const count = new RowCount(file, 'rows of time; number; x; y; z; type of sensor; sensor, below lines that begin with %')
  let line = 0
  for await (const lines of readCsvLines(file)) {
    for (const { text } of lines) {
      line += 1
      if (text.trim() === '') continue
      const fields = text.split(';').map(field => field.trim())
      if (text.startsWith('%')) {
        // `%MAC; sensor id; position; model`
        if (fields[2] === 'WRIST') sensor = fields[1] ?? null
        continue
      }
      const readable = count.take(fields.length >= rowFields && fields.slice(0, rowFields).every(isNumber), line, text)
      if (!readable || fields[6] !== sensor || fields[5] !== '0') continue
      for (const [axis, values] of axes.entries()) values.push(Number(fields[2 + axis]))
    }
  }
  const warnings = count.warnings()
  if (sensor === null || axes[0].length === 0) {
    throw new VitalwireError('recording-format', `${file} has no accelerometer at the wrist; accepted: a recording of UMAFall with one`)
  }
  const fs = { num: sensorHz, den: 1 }
  requireLength(file, axes[0].length, fs)
  const activity = record.replace(/^UMAFall_Subject_\d+_/, '').replace(/_\d+_\d{4}-.*$/, '')
  const samples = axes.map(values => Float64Array.from(values))
  return {
    set: 'umafall',
    person,
    record,
    activity,
    fall: /^fall/i.test(activity),
    older: false,
    fs,
    samples,
    file,
    warnings,
  }
}
