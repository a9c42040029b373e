import { join } from 'node:path'
import { VitalwireError } from '../../errors.js'
import type { EdfAnnotation } from '../edf/edf-annotations.js'
import { missingLabel, missingText } from '../edf/edf-missing.js'
import { missingSample } from '../recording.js'
import { layNotes } from './edf-notes.js'
import { chooseRecordGrid, type EdfRecordGrid } from './edf-record-grid.js'
import { chooseEdfScale, type EdfScale } from './edf-scale.js'
import { chooseForm, type StoredForm } from './stored-form.js'
import { writeWholeFile } from './whole-file.js'
import type { ExportJob, WrittenFile, WrittenSignal } from './write-job.js'
import { writtenNames, writtenUnit } from './written-names.js'

interface Column {
  readonly form: StoredForm
  readonly scale: EdfScale
  readonly label: string
  readonly unit: string
  readonly perRecord: number
}

/** Data records are put together in runs of about this many bytes. */
const runBytes = 2 * 1024 * 1024
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/**
 * Writes `NAME.edf` (16 bits, EDF+) or `NAME.bdf` (24 bits, BDF+). Data records in which nothing was measured are left out: the
 * file is then discontinuous (+D). Single missing samples get the code below the digital range, and an annotation that says so.
 * Throws `disk-write`, or `recording-format` for what the format cannot hold.
 */
export async function writeEdf(job: ExportJob, format: 'edf' | 'bdf'): Promise<WrittenFile> {
  const { folder, name, tracks, startTime, notes, signal } = job
  const width = format === 'edf' ? 2 : 3
  const most = 2 ** (8 * width - 1) - 1
  const grid = chooseRecordGrid(tracks, width)
  if (grid === null)
    throw new VitalwireError(
      'recording-format',
      `${name}: its rates have no common data record of EDF; accepted: --format wfdb, or other --channels`,
    )
  const labels = writtenNames(
    tracks.map(track => track.info.name),
    16,
  )
  const columns: Column[] = []
  const signals: WrittenSignal[] = []
  for (const [index, track] of tracks.entries()) {
    const form = await chooseForm(track, most, true)
    signal?.throwIfAborted()
    const label = labels[index]!
    const scale = chooseEdfScale(form, most, label)
    const unit = writtenUnit(track.info.unit).slice(0, 8)
    columns.push({ form, scale, label, unit, perRecord: grid.perRecord[index]! })
    signals.push({ name: label, unit, samples: track.length, gaps: form.gaps.length, rounding: form.rounding + scale.error })
  }
  const records = keptRecords(columns, grid)
  // The header has the whole seconds of the first record's time, its annotation the rest.
  const skipped = (records[0] ?? 0) * grid.seconds
  const begin = startTime === null ? null : startTime.getTime() + skipped * 1000
  const rest = begin === null ? 0 : (begin - Math.floor(begin / 1000) * 1000) / 1000
  const onsets = records.map(record => record * grid.seconds - skipped + rest)
  const told = [...notes.filter(note => missingLabel(note.text) === null), ...gapNotes(columns, grid)]
  const lists = layNotes(
    onsets,
    told.sort((a, b) => a.onset - b.onset),
    rest - skipped,
  )
  const plus = `${format.toUpperCase()}+${records.length === grid.records ? 'C' : 'D'}`
  const noteSamples = Math.ceil(lists.bytes / width)
  const file = `${name}.${format}`
  await writeWholeFile(join(folder, file), async handle => {
    await handle.write(Buffer.from(headerText(columns, grid, records.length, plus, noteSamples, begin), 'latin1'))
    const recordBytes = width * (columns.reduce((sum, column) => sum + column.perRecord, 0) + noteSamples)
    const run = Math.max(1, Math.floor(runBytes / recordBytes))
    for (let at = 0; at < records.length; ) {
      signal?.throwIfAborted()
      // Records that follow on each other are read at once.
      let count = 1
      while (count < run && records[at + count] === records[at]! + count) count++
      const bytes = new Uint8Array(count * recordBytes)
      await packRecords(columns, records[at]!, count, width, recordBytes, bytes)
      for (let k = 0; k < count; k++) bytes.set(lists.of(at + k), (k + 1) * recordBytes - noteSamples * width)
      await handle.write(bytes)
      at += count
      job.onProgress?.(records[at - 1]! * grid.seconds)
    }
  })
  return { files: [file], signals, remarks: [] }
}

/** Records in which some signal has a sample; without any the first stays, so that the file has a time. */
function keptRecords(columns: readonly Column[], { records }: EdfRecordGrid): number[] {
  const empty = new Int32Array(records)
  for (const column of columns) {
    for (const [from, to] of allGaps(column, records)) {
      const last = Math.floor(to / column.perRecord)
      for (let record = Math.ceil(from / column.perRecord); record < last; record++) empty[record]!++
    }
  }
  const kept: number[] = []
  for (let record = 0; record < records; record++) if (empty[record] !== columns.length) kept.push(record)
  return kept.length === 0 && records > 0 ? [0] : kept
}

/** Stretches without samples up to the end of the last record. */
function allGaps({ form, perRecord }: Column, records: number): (readonly [number, number])[] {
  const end = records * perRecord
  if (form.length >= end) return [...form.gaps]
  const last = form.gaps.at(-1)
  const joined = last !== undefined && last[1] === form.length
  return [...(joined ? form.gaps.slice(0, -1) : form.gaps), [joined ? last[0] : form.length, end]]
}

function gapNotes(columns: readonly Column[], { records, seconds }: EdfRecordGrid): EdfAnnotation[] {
  return columns.flatMap(column => {
    const period = seconds / column.perRecord
    return allGaps(column, records).map(([from, to]) => ({
      onset: from * period,
      duration: (to - from) * period,
      text: missingText(column.label),
    }))
  })
}

async function packRecords(
  columns: readonly Column[],
  first: number,
  count: number,
  width: number,
  stride: number,
  bytes: Uint8Array,
): Promise<void> {
  const missing = -(2 ** (8 * width - 1))
  let offset = 0
  for (const { form, perRecord } of columns) {
    const samples = await form.read(first * perRecord, count * perRecord)
    for (let i = 0; i < samples.length; i++) {
      const value = samples[i] === missingSample ? missing : (samples[i] as number)
      const within = i % perRecord
      let at = ((i - within) / perRecord) * stride + offset + within * width
      for (let k = 0; k < width; k++) bytes[at++] = (value >> (8 * k)) & 0xff
    }
    offset += perRecord * width
  }
}

function headerText(
  columns: readonly Column[],
  grid: EdfRecordGrid,
  records: number,
  plus: string,
  noteSamples: number,
  begin: number | null,
): string {
  const field = (value: string | number, size: number): string => String(value).padEnd(size).slice(0, size)
  const bdf = plus.startsWith('BDF')
  const lowest = bdf ? -8388608 : -32768
  const notes = { label: `${plus.slice(0, 3)} Annotations`, unit: '', perRecord: noteSamples }
  const all = [...columns, notes]
  const scales = [
    ...columns.map(column => column.scale),
    { physicalMin: '-1', physicalMax: '1', digitalMin: lowest, digitalMax: -lowest - 1 },
  ]
  const table = <T>(size: number, list: readonly T[], text: (item: T) => string | number): string =>
    list.map(item => field(text(item), size)).join('')
  // Without a date: the first that the format knows.
  const time = new Date(begin ?? Date.UTC(1985, 0, 1))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [day, month, year] = [two(time.getUTCDate()), time.getUTCMonth(), time.getUTCFullYear()]
  const startdate = begin === null ? 'X' : `${day}-${months[month]}-${String(year).padStart(4, '0')}`
  return (
    (bdf ? '\u00ffBIOSEMI' : field('0', 8)) +
    field('X X X X', 80) +
    field(`Startdate ${startdate} X X X`, 80) +
    `${day}.${two(month + 1)}.${two(year % 100)}` +
    `${two(time.getUTCHours())}.${two(time.getUTCMinutes())}.${two(time.getUTCSeconds())}` +
    field(256 * (all.length + 1), 8) +
    field(plus, 44) +
    field(records, 8) +
    field(grid.text, 8) +
    field(all.length, 4) +
    table(16, all, item => item.label) +
    table(80, all, () => '') +
    table(8, all, item => item.unit) +
    table(8, scales, scale => scale.physicalMin) +
    table(8, scales, scale => scale.physicalMax) +
    table(8, scales, scale => scale.digitalMin) +
    table(8, scales, scale => scale.digitalMax) +
    table(80, all, () => '') +
    table(8, all, item => item.perRecord) +
    table(32, all, () => '')
  )
}
