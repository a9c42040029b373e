import { VitalwireError } from '../errors.js'
import { isVitalName, vitalNames } from '../signal/catalogue.js'
import type { Rate } from '../signal/rate.js'
import { type StreamKind, streamKinds } from '../signal/stream.js'
import { divideRate, parseRate } from './rate-text.js'

/**
 * `NAME.recording.json`: the files, channels and columns that make one patient's session. Its schema, version 1:
 * `datasets/recording.schema.json`; described in `datasets/README.md`. Unknown keys are mistakes.
 */
export interface SessionFile {
  readonly name: string | null
  /** Dataset whose folder the file names are in; null: the folder of the JSON file. */
  readonly dataset: string | null
  readonly start: Date | null
  readonly waveforms: readonly SessionWaveform[]
  readonly numerics: readonly SessionNumerics[]
}

export interface SessionWaveform {
  /** WFDB record without extension, EDF, BDF or MATLAB file, or a table of text: a CSV file, or any file with `names`. */
  readonly record: string
  /** Rate of a MATLAB file, or of a table that does not say it itself; null: the file does. */
  readonly fs: Rate | null
  /** Array of a MATLAB file; null: it has only one, or is none. */
  readonly variable: string | null
  /** Columns of a table without a row of names; null: it has one. */
  readonly names: readonly string[] | null
  /** Rows of a table that count: these columns have these texts. Empty: all. */
  readonly where: readonly (readonly [column: string, text: string])[]
  readonly stream: string | null
  /** Of the record's first sample, from the start of the session. */
  readonly offsetMicros: number
  /** null: all signals of the record. */
  readonly channels: readonly SessionChannel[] | null
}

export interface SessionChannel {
  /** Name of the signal in its record, or its index. */
  readonly signal: string | number
  readonly name: string | null
  readonly kind: StreamKind | null
  readonly unit: string | null
  /** The file's numbers in one `unit`. */
  readonly gain: number
  readonly wavelength: number | null
}

export interface SessionNumerics {
  readonly csv: string
  readonly offsetMicros: number
  readonly time: SessionTime
  /** Markers of a missing value besides the empty field and any text that is no number; `0` makes every zero one. */
  readonly missing: readonly string[]
  readonly columns: readonly SessionColumn[]
}

/** Where the time of a row comes from: a column of ticks, a column of clock times or dates from its first row on, or the row number. */
type SessionTime =
  | { readonly from: 'ticks'; readonly column: string | number; readonly perSecond: Rate }
  | { readonly from: 'clock'; readonly column: string | number }
  | { readonly from: 'rows'; readonly perSecond: Rate }

interface SessionColumn {
  /** Name in the first row, or position counted from 1 (where the first row does not fit those below it). */
  readonly column: string | number
  readonly name: string
  readonly unit: string
}

type Json = Readonly<Record<string, unknown>>

/** Throws `recording-format`, naming the path of the wrong value. */
export function parseSessionFile(text: string, file: string): SessionFile {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new VitalwireError('recording-format', `${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  const root = new Value(parsed, file, 'the document')
  const fields = root.object(['$schema', 'recording', 'name', 'description', 'dataset', 'start', 'waveforms', 'numerics'])
  if (fields.recording !== 1) root.refuse(`has "recording": ${JSON.stringify(fields.recording)}`, '"recording": 1')
  const waveforms = root.list('waveforms').map(readWaveform)
  const numerics = root.list('numerics').map(readNumerics)
  if (waveforms.length + numerics.length === 0) root.refuse('has neither waveforms nor numerics', 'at least one of the two')
  const start = root.text('start')
  const date = start === null ? null : new Date(start)
  if (date !== null && Number.isNaN(date.getTime())) root.refuse(`has the start "${start}"`, 'a time such as 2026-01-01T08:00:00Z')
  const dataset = root.text('dataset')
  if (dataset !== null && !/^[a-z0-9-]+$/.test(dataset)) root.refuse(`has the dataset "${dataset}"`, 'a name of a-z, 0-9 and -')
  return { name: root.text('name'), dataset, start: date, waveforms, numerics }
}

function readWaveform(value: Value): SessionWaveform {
  const fields = value.object(['record', 'fs', 'variable', 'names', 'where', 'stream', 'offset', 'channels'])
  const stream = value.text('stream')
  if (stream !== null && !/^[a-z0-9-]{1,64}$/.test(stream)) value.refuse(`has the stream "${stream}"`, '1 to 64 of a-z, 0-9 and -')
  const channels = value.list('channels').map(readChannel)
  const fs = fields.fs === undefined ? null : readRate(value, 'fs')
  const names = value.list('names').map(name => name.string())
  const rows = value.child('where')
  const where = fields.where === undefined ? {} : rows.object(null)
  return {
    record: value.needText('record'),
    fs,
    variable: value.text('variable'),
    names: names.length === 0 ? null : names,
    where: Object.keys(where).map(column => [column, rows.needText(column)] as const),
    stream,
    offsetMicros: readOffset(value),
    channels: channels.length === 0 ? null : channels,
  }
}

function readChannel(value: Value): SessionChannel {
  const fields = value.object(['signal', 'name', 'kind', 'unit', 'gain', 'wavelength'])
  const kindText = value.text('kind')
  const kind = streamKinds.find(known => known === kindText) ?? null
  if (kindText !== null && kind === null) value.refuse(`has the kind "${kindText}"`, streamKinds.join(', '))
  const { wavelength = null, gain = 1 } = fields
  if (!(typeof gain === 'number' && gain > 0)) return value.refuse('has a wrong gain', 'numbers of the file in one unit, above 0')
  if (wavelength !== null && !(typeof wavelength === 'number' && wavelength > 0))
    value.refuse('has a wrong wavelength', 'nanometres above 0')
  return {
    signal: value.nameOrIndex('signal', 0),
    name: value.text('name'),
    kind,
    unit: value.text('unit'),
    gain,
    wavelength: wavelength as number | null,
  }
}

function readNumerics(value: Value): SessionNumerics {
  value.object(['csv', 'offset', 'time', 'missing', 'columns'])
  const missing = value.list('missing').map(marker => marker.string())
  const columns = value.list('columns').map(column => {
    column.object(['column', 'name', 'unit'])
    const name = column.needText('name')
    if (!isVitalName(name)) column.refuse(`has the name "${name}"`, vitalNames.join(', '))
    return { column: column.nameOrIndex('column', 1), name, unit: column.needText('unit') }
  })
  if (columns.length === 0) value.refuse('has no columns', 'at least one')
  return { csv: value.needText('csv'), offsetMicros: readOffset(value), time: readTime(value.child('time')), missing, columns }
}

function readTime(value: Value): SessionTime {
  const fields = value.object(['column', 'perSecond', 'clock'])
  if (fields.clock !== undefined && fields.clock !== true) value.refuse('has a wrong "clock"', 'true, or no such key')
  if (fields.clock === true) return { from: 'clock', column: value.nameOrIndex('column', 1) }
  const perSecond = readRate(value, 'perSecond')
  return fields.column === undefined ? { from: 'rows', perSecond } : { from: 'ticks', column: value.nameOrIndex('column', 1), perSecond }
}

/** `offset`: `{"ticks": N, "perSecond": "999.56"}`; 0 when left out. */
function readOffset(value: Value): number {
  if (value.object(null).offset === undefined) return 0
  const offset = value.child('offset')
  const { ticks } = offset.object(['ticks', 'perSecond'])
  if (typeof ticks !== 'number' || !Number.isFinite(ticks)) return offset.refuse('has no "ticks"', 'a number')
  const rate = readRate(offset, 'perSecond')
  return Math.round((ticks * 1e6 * rate.den) / rate.num)
}

/** Rates are texts, so that 999.56 and 1/3600 stay exact. */
function readRate(value: Value, key: string): Rate {
  const text = value.needText(key)
  const [above, below, ...more] = text.split('/').map(parseRate)
  const rate = above && below !== null && more.length === 0 ? (below === undefined ? above : divideRate(above, below)) : null
  return rate ?? value.refuse(`has "${key}": "${text}"`, 'a decimal number above 0 in quotes, such as "999.56", or two, such as "1/3600"')
}

/** A JSON value with its path, for messages. */
class Value {
  constructor(
    readonly value: unknown,
    readonly file: string,
    readonly path: string,
  ) {}

  refuse(what: string, accepted: string): never {
    throw new VitalwireError('recording-format', `${this.file}: ${this.path} ${what}; accepted: ${accepted}`)
  }

  object(keys: readonly string[] | null): Json {
    const { value } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.refuse('is not an object', 'an object')
    for (const key of Object.keys(value))
      if (keys !== null && !keys.includes(key)) this.refuse(`has the unknown key "${key}"`, keys.join(', '))
    return value as Json
  }

  child(key: string): Value {
    return new Value(this.object(null)[key], this.file, `${this.path}.${key}`)
  }

  list(key: string): Value[] {
    const { value, path } = this.child(key)
    if (value === undefined) return []
    if (!Array.isArray(value)) return this.refuse(`has "${key}" that is not a list`, 'a list')
    return value.map((item, i) => new Value(item, this.file, `${path}[${i}]`))
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.refuse('is not a text', 'a text in quotes')
  }

  text(key: string): string | null {
    const child = this.child(key)
    return child.value === undefined || child.value === null ? null : child.string()
  }

  needText(key: string): string {
    return this.text(key) ?? this.refuse(`lacks "${key}"`, 'a text')
  }

  nameOrIndex(key: string, lowest: number): string | number {
    const { value } = this.child(key)
    if (typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value) && value >= lowest)) return value
    return this.refuse(`has no proper "${key}"`, `a name, or a number from ${lowest} on`)
  }
}
