import { basename } from 'node:path'
import { VitalwireError } from '../errors.js'
import { hertz, type Rate } from '../signal/rate.js'
import { type CsvHeader, parseCsvHeader } from './csv-header.js'
import { chooseSeparator, parseCsvNumber, readCsvLines, splitCsv } from './csv-text.js'
import { CsvTimeline } from './csv-timeline.js'
import { fileSize } from './file-pool.js'
import type { Recording, SignalInfo } from './recording.js'
import { windowLength } from './signal-window.js'
import { epochUnit, NumberFormatFinder, readTime } from './text-values.js'

/** Every so many rows their place is remembered: a window read starts at the nearest, whatever the size of the file. */
const markEvery = 4096

/** Window reads take small bites: most of a large one would be thrown away. */
const windowChunkBytes = 32 * 1024

interface Mark {
  /** Rows before this one. */
  readonly row: number
  readonly sample: number
  readonly offset: number
}

/** What a list says of a table that the file does not say itself. */
export interface CsvTable {
  readonly fs: Rate | null
  /** Names of its columns; null: a row of the file has them. With them, lines that begin with `#` or `%` are comments. */
  readonly names: readonly string[] | null
  /** Rows that count: these columns have these texts. Empty: all. */
  readonly where: readonly (readonly [column: string, text: string])[]
}

/**
 * Opens a CSV recording (see `CsvHeader` for what may stand above the rows): all columns share one rate. The file is
 * scanned once for its length and never held in memory. Throws `recording-missing` or `recording-format`.
 */
export async function openCsvRecording(path: string, table: CsvTable = { fs: null, names: null, where: [] }): Promise<Recording> {
  await fileSize(path, 'a CSV recording')
  const above: string[] = []
  const marks: Mark[] = []
  let header: CsvHeader | null = null
  let timeline: CsvTimeline | null = null
  let chosen: RowChoice = () => true
  let rows = 0
  let length = 0
  let hasNumbers = false
  const decimals = new NumberFormatFinder()
  for await (const lines of readCsvLines(path)) {
    for (const { text, offset } of lines) {
      if (text.trim() === '') continue
      if (header === null || timeline === null) {
        const comment = text.startsWith('#') || (table.names !== null && text.startsWith('%'))
        if (table.names === null || comment) above.push(text)
        if (comment) {
          if (above.length > 10_000)
            throw new VitalwireError('recording-format', `${path} has more than 10000 # lines; accepted: a row of names below them`)
          continue
        }
        header =
          table.names === null
            ? parseCsvHeader(above, path)
            : { ...parseCsvHeader([...above, quotedRow(table.names)], path), separator: chooseSeparator(text) }
        timeline = new CsvTimeline(path, header.fs ?? table.fs)
        chosen = chooseRows(table, header, path)
        if (table.names === null) continue
      }
      if (!chosen(text)) continue
      if (header.timeUnitMicros === null) header = { ...header, timeUnitMicros: unitOfTimes(text, header) }
      const sample = header.timeColumn === null ? rows : timeline.place(rowMicros(text, header, path, rows + 1), rows + 1)
      if (rows % markEvery === 0) marks.push({ row: rows, sample, offset })
      rows++
      length = sample + 1
      noteDecimals(text, header, decimals)
      hasNumbers ||= hasNumber(text, header)
    }
  }
  if (header === null || timeline === null)
    throw new VitalwireError('recording-format', `${path} is empty; accepted: a row of names, then rows of numbers`)
  header = { ...header, decimal: header.decimal ?? decimals.found(path) }
  const fs = timeline.foundRate()
  if (!hasNumbers) throw new VitalwireError('recording-format', `${path} ${whyNothing(rows, table)}`)
  return new CsvRecording(path, header, fs, length, marks, chosen)
}

/** Whether a row has a number in any column but that of the time, whatever begins its decimals. */
function hasNumber(text: string, { columns, separator, missing }: CsvHeader): boolean {
  const fields = splitCsv(text, separator)
  const isNumber = (field: string, format: 'point' | 'comma') => !Number.isNaN(parseCsvNumber(field, missing, format))
  return columns.some(({ index }) => isNumber(fields[index] ?? '', 'point') || isNumber(fields[index] ?? '', 'comma'))
}

function noteDecimals(text: string, { columns, separator, missing, decimal }: CsvHeader, decimals: NumberFormatFinder): void {
  // Between commas there is none in a field, unless it is quoted.
  if (decimal !== null || (separator === ',' && !text.includes('"'))) return
  const fields = splitCsv(text, separator)
  for (const { index } of columns) {
    const field = fields[index] ?? ''
    if (field !== '' && !missing.has(field)) decimals.add(field)
  }
}

/** Microseconds in the unit of times that no header tells: since 1970 the number tells, else seconds. */
function unitOfTimes(text: string, header: CsvHeader): number {
  const field = splitCsv(text, header.separator)[header.timeColumn ?? 0] ?? ''
  const unit = field === '' ? null : epochUnit(Number(field))
  return unit === null ? 1e6 : { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 }[unit]
}

function whyNothing(rows: number, { where }: CsvTable): string {
  const accepted = 'accepted: rows of numbers below the names'
  if (rows > 0) return `has no number in any of its ${rows} rows; ${accepted}`
  const wanted = where.map(([column, value]) => `${column} ${JSON.stringify(value)}`).join(' and ')
  return `has no row${wanted === '' ? '' : ` with ${wanted}`}; ${accepted}`
}

/** Whether a row counts. */
type RowChoice = (text: string) => boolean

function chooseRows({ where }: CsvTable, { titles, separator }: CsvHeader, path: string): RowChoice {
  const wanted = where.map(([column, text]) => {
    const index = titles.indexOf(column)
    if (index < 0) throw new VitalwireError('recording-format', `${path} has no column "${column}"; accepted: ${titles.join(', ')}`)
    return { index, text }
  })
  if (wanted.length === 0) return () => true
  return row => {
    const fields = splitCsv(row, separator)
    return wanted.every(({ index, text }) => fields[index] === text)
  }
}

function quotedRow(names: readonly string[]): string {
  return names.map(name => `"${name.replace(/"/g, '""')}"`).join(',')
}

class CsvRecording implements Recording {
  readonly name: string
  readonly durationSeconds: number
  readonly startTime: Date | null
  readonly signals: readonly SignalInfo[]
  readonly numerics = null
  /** Row after the last window. */
  #next: Mark | null = null
  /** Time of the first row, once read. */
  #start: number | null = null

  constructor(
    readonly path: string,
    readonly header: CsvHeader,
    readonly fs: Rate,
    length: number,
    readonly marks: readonly Mark[],
    readonly chosen: RowChoice,
  ) {
    this.name = basename(path).replace(/\.(csv|txt)$/i, '')
    this.durationSeconds = length / hertz(fs)
    this.startTime = header.start
    this.signals = header.columns.map(({ name, kind, unit, wavelength }, index) => ({
      index,
      name,
      kind,
      unit,
      fs,
      encoding: 'float' as const,
      gain: 1,
      baseline: 0,
      bits: 64,
      length,
      startMicros: 0,
      stream: null,
      wavelength,
    }))
  }

  async readDigital(): Promise<Int32Array[]> {
    throw new RangeError(`${this.path} holds physical values: read it with readPhysical`)
  }

  async readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    const count = windowLength(this.signals, signalIndexes, from, length)
    const out = signalIndexes.map(() => new Float64Array(count).fill(NaN))
    const mark = this.#markBefore(from)
    if (count === 0 || mark === null) return out
    const { header } = this
    const columns = signalIndexes.map(index => header.columns[index]?.index ?? -1)
    let { row } = mark
    const first = this.marks[0]
    const start = header.timeColumn === null || first === undefined ? 0 : await this.#firstMicros(first.offset)
    for await (const lines of readCsvLines(this.path, mark.offset, windowChunkBytes)) {
      for (const { text, offset } of lines) {
        if (text.trim() === '' || !this.chosen(text)) continue
        const sample = header.timeColumn === null ? row : this.#sampleAt(rowMicros(text, header, this.path, row + 1) - start)
        if (sample >= from + count) {
          // The next window usually begins here.
          this.#next = { row, sample, offset }
          return out
        }
        row++
        if (sample < from) continue
        const fields = splitCsv(text, header.separator)
        for (const [i, column] of columns.entries()) {
          const target = out[i]
          if (target !== undefined) target[sample - from] = parseCsvNumber(fields[column] ?? '', header.missing, header.decimal ?? 'point')
        }
      }
    }
    return out
  }

  async close(): Promise<void> {}

  #sampleAt(micros: number): number {
    return Math.round((micros * this.fs.num) / (this.fs.den * 1e6))
  }

  async #firstMicros(offset: number): Promise<number> {
    if (this.#start !== null) return this.#start
    for await (const lines of readCsvLines(this.path, offset, windowChunkBytes)) {
      const line = lines[0]
      if (line !== undefined) return (this.#start = rowMicros(line.text, this.header, this.path, 1))
    }
    return 0
  }

  #markBefore(sample: number): Mark | null {
    let low = 0
    let high = this.marks.length - 1
    if (high < 0) return null
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.marks[middle] as Mark).sample <= sample) low = middle
      else high = middle - 1
    }
    const mark = this.marks[low] ?? null
    return mark !== null && this.#next !== null && this.#next.sample <= sample && this.#next.sample > mark.sample ? this.#next : mark
  }
}

/** Time of a row in microseconds, to the nanosecond where a double has it (fractions of a day and longer always). */
function rowMicros(text: string, header: CsvHeader, path: string, row: number): number {
  const field = splitCsv(text, header.separator)[header.timeColumn ?? 0] ?? ''
  const number = field === '' ? NaN : Number(field)
  const where = `${path}, row ${row}`
  // Only differences count, so a zone may be missing; an order of day and month may not.
  const micros =
    field !== '' && Number.isNaN(number)
      ? readTime(field, 'iso-8601', where, 'optional')
      : decimalMicros(field, number, header.timeUnitMicros ?? 1e6)
  if (!Number.isFinite(micros)) {
    const accepted = 'a number, or a time such as 2026-01-01T08:00:00.5Z'
    throw new VitalwireError('recording-format', `${path}, row ${row}: "${field.slice(0, 40)}" is not a time; accepted: ${accepted}`)
  }
  return micros
}

/** Whole and fractional part apart: seconds since 1970 keep their microseconds. */
function decimalMicros(field: string, number: number, unit: number): number {
  const parts = /^([+-]?)(\d*)\.(\d+)$/.exec(field)
  if (parts === null) return number * unit
  const fraction = Math.round(Number(`0.${parts[3]}`) * unit * 1000) / 1000
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * unit + fraction)
}
