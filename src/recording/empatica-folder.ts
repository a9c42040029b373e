import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { VitalwireError } from '../errors.js'
import { hertz, type Rate, samplesToMicros } from '../signal/rate.js'
import type { StreamKind } from '../signal/stream.js'
import { parseCsvNumber, readCsvLines } from './csv-text.js'
import type { EdfAnnotation } from './edf/edf-annotations.js'
import { parseRate } from './rate-text.js'
import type { NumericSeries, Recording, SignalInfo } from './recording.js'
import { toPhysical, windowLength } from './signal-window.js'

/**
 * A session of an Empatica E4 wristband, as its maker exports it: a folder with a file a sensor, whose first row is the time of
 * the first sample (UTC, seconds since 1970) and whose second row is the rate. `info.txt` in such a folder describes it.
 */
export interface EmpaticaRecording extends Recording {
  /** Presses of the button, as notes "tag"; a press before the first sample has an onset below 0. */
  readonly annotations: readonly EdfAnnotation[]
  /** Between pulses, as the device found them: seconds of the later one from the start, and the seconds before it. */
  readonly interBeatIntervals: readonly { readonly time: number; readonly interval: number }[]
}

interface Sensor {
  readonly file: string
  readonly names: readonly string[]
  readonly kind: StreamKind
  readonly unit: string
  /** Stored integers a unit; null: stored as physical values. */
  readonly gain: number | null
}

/** The maker gives no unit for the pulse wave. */
const sensors: readonly Sensor[] = [
  { file: 'BVP.csv', names: ['BVP'], kind: 'ppg', unit: '1', gain: null },
  { file: 'ACC.csv', names: ['ACC x', 'ACC y', 'ACC z'], kind: 'acceleration', unit: '[g]', gain: 64 },
  { file: 'EDA.csv', names: ['EDA'], kind: 'other', unit: 'uS', gain: null },
  { file: 'TEMP.csv', names: ['TEMP'], kind: 'temperature', unit: 'Cel', gain: null },
]

/** A battery lasts two days: at the fastest rate this is eleven million rows. */
const mostRows = 20_000_000
const noMarkers: ReadonlySet<string> = new Set()

/** Whether a path is such a folder. */
export async function isEmpaticaFolder(path: string): Promise<boolean> {
  for (const { file } of sensors) if ((await stat(join(path, file)).catch(() => null))?.isFile()) return true
  return false
}

/** Opens such a folder; files may be missing, as long as one sensor is there. Throws `recording-missing` or `recording-format` with the row. */
export async function openEmpaticaFolder(path: string): Promise<EmpaticaRecording> {
  const series: Series[] = []
  const present: Sensor[] = []
  for (const sensor of sensors) {
    const read = await readSeries(join(path, sensor.file), sensor.names.length)
    // A sensor that was off leaves a file without rows.
    if (read === null || read.columns[0]!.length === 0) continue
    series.push(read)
    present.push(sensor)
  }
  if (series.length === 0)
    throw new VitalwireError(
      'recording-format',
      `${path} has no samples; accepted: one of ${sensors.map(({ file }) => file).join(', ')} with rows`,
    )
  const start = Math.min(...series.map(one => one.startMicros))
  const rates = await readSeries(join(path, 'HR.csv'), 1)
  const intervals = await readRows(join(path, 'IBI.csv'))
  const tags = await readTags(path)
  const first = intervals[0]?.fields[0]
  const intervalStart = first === undefined ? 0 : (toMicros(first, join(path, 'IBI.csv'), 1) - start) / 1e6
  return new EmpaticaFolder(
    basename(path.replace(/[\\/]+$/, '')),
    new Date(start / 1000),
    series,
    describe(series, present, start),
    rates === null || rates.columns[0]!.length === 0 ? null : [toNumerics(rates, start)],
    tags.map(micros => ({ onset: (micros - start) / 1e6, duration: null, text: 'tag' })),
    intervals.slice(1).map(({ fields, row }) => ({
      time: intervalStart + toNumber(fields[0], join(path, 'IBI.csv'), row),
      interval: toNumber(fields[1], join(path, 'IBI.csv'), row),
    })),
  )
}

class EmpaticaFolder implements EmpaticaRecording {
  readonly durationSeconds: number
  /** For each signal its values: stored ones where its encoding is digital. */
  readonly #values: readonly Float64Array[]

  constructor(
    readonly name: string,
    readonly startTime: Date,
    series: readonly Series[],
    readonly signals: readonly SignalInfo[],
    readonly numerics: readonly NumericSeries[] | null,
    readonly annotations: readonly EdfAnnotation[],
    readonly interBeatIntervals: EmpaticaRecording['interBeatIntervals'],
  ) {
    this.#values = series.flatMap(one => one.columns)
    const ends = signals.map(({ startMicros, length, fs }) => startMicros + samplesToMicros(length, fs))
    this.durationSeconds = Math.max(...ends, ...(numerics ?? []).map(one => one.times.at(-1) ?? 0)) / 1e6
  }

  async readDigital(signalIndexes: readonly number[], from: number, length: number): Promise<Int32Array[]> {
    const count = windowLength(this.signals, signalIndexes, from, length)
    return signalIndexes.map(index => {
      if (this.signals[index]!.encoding !== 'digital')
        throw new RangeError(`signal ${index} of ${this.name} holds physical values: read it with readPhysical`)
      return Int32Array.from(this.#values[index]!.subarray(from, from + count))
    })
  }

  async readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    const count = windowLength(this.signals, signalIndexes, from, length)
    return signalIndexes.map(index => {
      const values = this.#values[index]!.slice(from, from + count)
      const signal = this.signals[index]!
      return signal.encoding === 'float' ? values : toPhysical(Int32Array.from(values), signal)
    })
  }

  async close(): Promise<void> {}
}

function describe(series: readonly Series[], present: readonly Sensor[], start: number): SignalInfo[] {
  return present.flatMap(({ names, kind, unit, gain }, k) =>
    names.map((name, column) => ({
      index: present.slice(0, k).reduce((sum, sensor) => sum + sensor.names.length, column),
      name,
      kind,
      unit,
      fs: series[k]!.fs,
      encoding: gain === null ? ('float' as const) : ('digital' as const),
      gain: gain ?? 1,
      baseline: 0,
      bits: gain === null ? 64 : 16,
      length: series[k]!.columns[column]!.length,
      startMicros: series[k]!.startMicros - start,
      stream: null,
      wavelength: null,
    })),
  )
}

/** The device's heart rate is that of its pulse wave. */
function toNumerics({ fs, startMicros, columns }: Series, start: number): NumericSeries {
  const values = columns[0]!
  return {
    name: 'pulse-rate',
    unit: '/min',
    times: Float64Array.from(values, (_, i) => startMicros - start + Math.round((i * 1e6) / hertz(fs))),
    values,
  }
}

interface Series {
  readonly startMicros: number
  readonly fs: Rate
  readonly columns: readonly Float64Array[]
}

/** Null: the file is not there, or empty. */
async function readSeries(path: string, columns: number): Promise<Series | null> {
  let startMicros: number | null = null
  let fs: Rate | null = null
  let values = Array.from({ length: columns }, () => new Float64Array(4096))
  let count = 0
  for await (const { fields, row } of eachRow(path)) {
    if (startMicros === null) startMicros = toMicros(fields[0], path, row)
    else if (fs === null) {
      fs = parseRate(fields[0] ?? '')
      if (fs === null) throw refusal(path, row, `has "${fields[0]}" for the rate`, 'Hz above 0')
    } else {
      if (fields.length !== columns) throw refusal(path, row, `has ${fields.length} numbers`, `${columns}`)
      if (count >= mostRows) throw refusal(path, row, 'has more rows', `at most ${mostRows}`)
      if (count === values[0]!.length) values = values.map(grown)
      for (let column = 0; column < columns; column++) values[column]![count] = toNumber(fields[column], path, row)
      count++
    }
  }
  if (startMicros === null) return null
  if (fs === null) throw refusal(path, 2, 'has no rate', 'Hz above 0')
  return { startMicros, fs, columns: values.map(column => column.slice(0, count)) }
}

function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2)
  larger.set(values)
  return larger
}

interface Row {
  readonly fields: readonly string[]
  /** From 1 on. */
  readonly row: number
}

/** Rows that are not empty; none where the file is not there. */
async function* eachRow(path: string): AsyncGenerator<Row> {
  if (!(await stat(path).catch(() => null))?.isFile()) return
  let row = 0
  for await (const lines of readCsvLines(path)) {
    for (const { text } of lines) {
      row++
      if (text.trim() !== '') yield { fields: text.split(',').map(field => field.trim()), row }
    }
  }
}

async function readRows(path: string): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of eachRow(path)) {
    if (rows.length >= mostRows) throw refusal(path, row.row, 'has more rows', `at most ${mostRows}`)
    rows.push(row)
  }
  return rows
}

/** `tags.csv`, with the name of the session in it or not. */
async function readTags(path: string): Promise<number[]> {
  const folder = basename(path.replace(/[\\/]+$/, ''))
  for (const name of ['tags.csv', `tags_${folder}.csv`]) {
    const rows = await readRows(join(path, name))
    if (rows.length > 0) return rows.map(({ fields, row }) => toMicros(fields[0], join(path, name), row))
  }
  return []
}

function toMicros(field: string | undefined, path: string, row: number): number {
  return Math.round(toNumber(field, path, row) * 1e6)
}

function toNumber(field: string | undefined, path: string, row: number): number {
  const value = parseCsvNumber(field ?? '', noMarkers)
  return Number.isNaN(value) ? refuse(path, row, `has "${(field ?? '').slice(0, 40)}"`, 'a number') : value
}

function refuse(path: string, row: number, what: string, accepted: string): never {
  throw refusal(path, row, what, accepted)
}

function refusal(path: string, row: number, what: string, accepted: string): VitalwireError {
  return new VitalwireError('recording-format', `${path}, row ${row}: ${what}; accepted: ${accepted}`)
}
