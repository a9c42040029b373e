import { VitalwireError } from '../errors.js'
import type { Rate } from '../signal/rate.js'
import { type StreamKind, streamKinds } from '../signal/stream.js'
import { chooseSeparator, type Separator, splitCsv } from './csv-text.js'
import { parseRate } from './rate-text.js'
import { kindChooser, toUcum, unitOf } from './signal-kind.js'
import { findTimeFormat, type NumberFormat, readTime } from './text-values.js'

/**
 * What stands above the rows of a CSV recording: option lines `# key: value`, then a row of column names.
 *
 * - `# fs: 128` rate in Hz, exact decimal. Required without a time column, or when its times are rounded.
 * - `# start: 2026-01-01T08:00:00Z` time of the first row: ISO 8601 with its zone, or s, ms, us or ns since 1970.
 * - `# time: COLUMN` the time column; otherwise the first column if it is named `time`, `timestamp` or `t`.
 * - `# time-unit: s` unit of the time column: `s`, `ms`, `us`, `ns` or `min`; otherwise what its name says in brackets, else
 *   that in which the first is a time from 1980 to 2100 since 1970, else `s`.
 * - `# missing: -1, n/a` markers of a missing value, besides the empty field and any text that is no number.
 * - `# decimal: comma` or `point`: what begins the decimals; otherwise what the numbers show, refused when they can be read in two ways.
 * - `# kind COLUMN: ppg`, `# unit COLUMN: mV`, `# wavelength COLUMN: 660` (nm) of one column.
 *
 * A column name may end in its unit: `II [mV]`, `Pleth (NU)`. Other `#` lines are comments.
 */
export interface CsvHeader {
  readonly separator: Separator
  readonly fs: Rate | null
  readonly start: Date | null
  /** Index of the time column; null: none. */
  readonly timeColumn: number | null
  /** Microseconds in a unit of the time column; null: the first time tells. */
  readonly timeUnitMicros: number | null
  /** What begins the decimals; null: the numbers tell. */
  readonly decimal: NumberFormat | null
  readonly missing: ReadonlySet<string>
  /** Names of all columns, that of the time too. */
  readonly titles: readonly string[]
  readonly columns: readonly CsvColumn[]
}

interface CsvColumn {
  /** Index in the row. */
  readonly index: number
  readonly name: string
  readonly unit: string
  readonly kind: StreamKind
  readonly wavelength: number | null
}

const timeUnits: Readonly<Record<string, number>> = { ns: 1e-3, us: 1, ms: 1e3, s: 1e6, sec: 1e6, seconds: 1e6, min: 60e6 }

/** `lines`: all lines up to and with the row of names. Throws `recording-format`. */
export function parseCsvHeader(lines: readonly string[], path: string): CsvHeader {
  const options = new Map<string, string>()
  for (const line of lines.slice(0, -1)) {
    const option = /^#\s*((?:fs|start|time|time-unit|missing|decimal)|(?:kind|unit|wavelength)\s+[^:]+):\s*(.*?)\s*$/.exec(line)
    if (option?.[1] !== undefined) options.set(option[1].replace(/\s+/, ' '), option[2] ?? '')
  }
  const names = lines.at(-1) ?? ''
  const separator = chooseSeparator(names)
  const titles = splitCsv(names, separator).map(parseTitle)
  if (titles.length > 4096 || titles.every(title => title.name === '' || Number.isFinite(Number(title.name)))) {
    throw refuse(path, 'has no row of column names', 'names, at most 4096, in the first row that is not a # line')
  }
  const wanted = options.get('time')
  const timeColumn = titles.findIndex((title, index) =>
    wanted === undefined ? index === 0 && /^(time|timestamp|t)$/i.test(title.name) : title.name === wanted,
  )
  if (wanted !== undefined && timeColumn < 0)
    throw refuse(path, `has no time column "${wanted}"`, titles.map(title => title.name).join(', '))
  const timeUnit = options.get('time-unit') ?? titles[timeColumn]?.unit ?? null
  const timeUnitMicros = timeUnit === null ? null : Object.hasOwn(timeUnits, timeUnit) ? timeUnits[timeUnit] : undefined
  if (timeUnitMicros === undefined) throw refuse(path, `has the time unit "${timeUnit}"`, Object.keys(timeUnits).join(', '))
  const chooseKind = kindChooser(titles.map(({ name }) => name))
  const columns = titles.flatMap((title, index) =>
    index === timeColumn || title.name === '' ? [] : [describeColumn(title, index, chooseKind, options, path)],
  )
  if (columns.length === 0) throw refuse(path, 'has no column besides its time', 'at least one column of values')
  return {
    separator,
    fs: readRate(options.get('fs'), path),
    start: readStart(options.get('start'), path),
    timeColumn: timeColumn < 0 ? null : timeColumn,
    timeUnitMicros,
    decimal: readDecimal(options.get('decimal'), path),
    titles: titles.map(title => title.name),
    missing: new Set((options.get('missing') ?? '').split(',').map(marker => marker.trim())),
    columns,
  }
}

interface Title {
  readonly name: string
  readonly unit: string | null
}

function parseTitle(text: string): Title {
  const parts = /^(.*?)\s*(?:\[((?:[^[\]]|\[[^\]]*\])*)\]|\(([^)]*)\))$/.exec(text)
  return parts?.[1] ? { name: parts[1], unit: parts[2] ?? parts[3] ?? null } : { name: text, unit: null }
}

function describeColumn(
  title: Title,
  index: number,
  chooseKind: ReturnType<typeof kindChooser>,
  options: ReadonlyMap<string, string>,
  path: string,
): CsvColumn {
  const unitText = options.get(`unit ${title.name}`) ?? title.unit
  const given = toUcum(unitText ?? '')
  const kindText = options.get(`kind ${title.name}`)
  const kind = kindText === undefined ? chooseKind(title.name, given, unitText !== null) : streamKinds.find(known => known === kindText)
  if (kind === undefined) throw refuse(path, `gives column "${title.name}" the kind "${kindText}"`, streamKinds.join(', '))
  const wavelengthText = options.get(`wavelength ${title.name}`)
  const wavelength = wavelengthText === undefined ? null : Number(wavelengthText)
  if (wavelength !== null && !(wavelength > 0 && wavelength < 1e5))
    throw refuse(path, `gives column "${title.name}" the wavelength "${wavelengthText}"`, 'nanometres above 0')
  return { index, name: title.name, unit: unitOf(unitText ?? '', kind), kind, wavelength }
}

function readRate(text: string | undefined, path: string): Rate | null {
  if (text === undefined) return null
  const fs = parseRate(text)
  if (fs === null) throw refuse(path, `has "# fs: ${text}"`, 'a decimal number of Hz above 0')
  return fs
}

function readDecimal(text: string | undefined, path: string): NumberFormat | null {
  if (text === undefined) return null
  if (text !== 'comma' && text !== 'point') throw refuse(path, `has "# decimal: ${text}"`, 'comma or point')
  return text
}

function readStart(text: string | undefined, path: string): Date | null {
  if (text === undefined) return null
  const where = `${path}, # start`
  const start = new Date(readTime(text, findTimeFormat([text], where), where) / 1000)
  return start
}

function refuse(path: string, what: string, accepted: string): VitalwireError {
  return new VitalwireError('recording-format', `${path} ${what}; accepted: ${accepted}`)
}
