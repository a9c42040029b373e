import { VitalwireError } from '../errors.js'
import type { Rate } from '../signal/rate.js'
import { parseRate } from './rate-text.js'
import { parseWfdbDate, parseWfdbTime } from './wfdb-time.js'

/** A WFDB header as header(5) describes it. Lengths are in frames: samples of a signal with one sample a frame. */
export interface WfdbHeader {
  readonly record: string
  /** Frames a second; 250/s when the header does not say, as the format defines. */
  readonly fs: Rate
  /** Counter ticks a second, where given. */
  readonly counterFrequency: number | null
  /** Counter value of sample 0. */
  readonly baseCounter: number
  /** Frames; null: not given (or 0), to be taken from the signal file's size. */
  readonly length: number | null
  /** Milliseconds after midnight of the first sample; null when not given. */
  readonly timeOfDay: number | null
  /** Milliseconds since 1970 of the day; null when not given. */
  readonly date: number | null
  readonly signals: readonly WfdbSignalSpec[]
  /** Segments of a multi-segment record, in order; null for a plain one. */
  readonly segments: readonly WfdbSegmentSpec[] | null
  readonly comments: readonly string[]
}

export interface WfdbSignalSpec {
  /** `~`: a signal of a layout header, without file. */
  readonly file: string
  readonly format: number
  readonly samplesPerFrame: number
  /** Frames by which the signal's samples stand late in the file. */
  readonly skew: number
  /** Bytes before the first sample. */
  readonly byteOffset: number
  /** Digital units per physical unit; 200 when the header says 0 or nothing. */
  readonly gain: number
  readonly baseline: number
  /** As written; null when not given (the format then means mV). */
  readonly units: string | null
  readonly adcResolution: number
  readonly adcZero: number
  readonly initialValue: number
  /** 16-bit sum of the samples; null: not given. 0 may also mean that it was never computed. */
  readonly checksum: number | null
  readonly blockSize: number
  readonly description: string
}

interface WfdbSegmentSpec {
  /** `~`: nothing was recorded. */
  readonly record: string
  /** Frames. */
  readonly length: number
}

const maxSamplesPerFrame = 1_000_000

/** Reads the text of a header. `where` names the file in messages. Throws `recording-format`. */
export function parseWfdbHeader(text: string, where: string): WfdbHeader {
  const comments: string[] = []
  const lines: string[] = []
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.trim()
    if (line.startsWith('#')) comments.push(line.slice(1))
    else if (line !== '') lines.push(line)
  }
  const first = lines[0]
  if (first === undefined) throw refuse(where, 'is empty', 'a record line such as "100 2 360 650000"')
  const { count, segments, ...record } = parseRecordLine(first, where)
  const wanted = segments ?? count
  if (lines.length - 1 < wanted) {
    const what = segments === null ? 'signal' : 'segment'
    throw refuse(where, `announces ${wanted} ${what}s and has ${lines.length - 1} ${what} lines`, `one line for each ${what}`)
  }
  const body = lines.slice(1, 1 + wanted)
  return {
    ...record,
    signals: segments === null ? body.map(line => parseSignalLine(line, where)) : [],
    segments: segments === null ? null : body.map(line => parseSegmentLine(line, where)),
    comments,
  }
}

type RecordLine = Omit<WfdbHeader, 'signals' | 'segments' | 'comments'> & { count: number; segments: number | null }

function parseRecordLine(line: string, where: string): RecordLine {
  const [name = '', count = '', rates, ...rest] = line.split(/\s+/)
  const names = /^([^/]+)(?:\/(\d{1,7}))?$/.exec(name)
  if (names?.[1] === undefined || !/^\d{1,5}$/.test(count)) {
    throw refuse(where, `has the record line "${cut(line)}"`, 'NAME[/SEGMENTS] SIGNALS [FREQUENCY [LENGTH [TIME [DATE]]]]')
  }
  const { fs, counterFrequency, baseCounter } = parseRates(rates, where)
  const [lengthText, time, date] = rest
  if (lengthText !== undefined && !/^\d{1,15}$/.test(lengthText))
    throw refuse(where, `has the length "${cut(lengthText)}"`, 'a count of samples')
  const length = Number(lengthText ?? 0)
  return {
    record: names[1],
    segments: names[2] === undefined || Number(names[2]) === 0 ? null : Number(names[2]),
    count: Number(count),
    fs,
    counterFrequency,
    baseCounter,
    length: length === 0 ? null : length,
    timeOfDay: time === undefined ? null : parseWfdbTime(time),
    date: date === undefined ? null : parseWfdbDate(date),
  }
}

function parseRates(text: string | undefined, where: string): Pick<WfdbHeader, 'fs' | 'counterFrequency' | 'baseCounter'> {
  if (text === undefined) return { fs: { num: 250, den: 1 }, counterFrequency: null, baseCounter: 0 }
  const parts = /^([^/(]+)(?:\/([^(]*))?(?:\(([^)]*)\)?)?$/.exec(text)
  const fs = parseRate(parts?.[1] ?? '')
  if (parts === null || fs === null) throw refuse(where, `has the sampling frequency "${cut(text)}"`, 'a decimal number of Hz above 0')
  const counter = Number(parts[2] ?? NaN)
  const base = Number(parts[3] ?? 0)
  return { fs, counterFrequency: counter > 0 && Number.isFinite(counter) ? counter : null, baseCounter: Number.isFinite(base) ? base : 0 }
}

const integer = /^[+-]?\d{1,12}$/
const formatField = /^(\d{1,6})(?:x(\d{1,7}))?(?::(\d{1,9}))?(?:\+(\d{1,15}))?$/
const gainField = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?(?:\(([+-]?\d{1,12})\))?(?:\/(\S*))?$/i

function parseSignalLine(line: string, where: string): WfdbSignalSpec {
  const fields = /^(\S+)\s+(\S+)(?:\s+(.*))?$/.exec(line)
  const format = formatField.exec(fields?.[2] ?? '')
  if (fields?.[1] === undefined || format === null) {
    throw refuse(where, `has the signal line "${cut(line)}"`, 'FILE FORMAT[xSAMPLES][:SKEW][+OFFSET] [GAIN[(BASELINE)][/UNITS] ...]')
  }
  const samplesPerFrame = Number(format[2] ?? 1)
  if (samplesPerFrame < 1 || samplesPerFrame > maxSamplesPerFrame) {
    throw refuse(where, `has ${samplesPerFrame} samples a frame`, `1 to ${maxSamplesPerFrame}`)
  }
  let rest = fields[3] ?? ''
  const take = (accept: RegExp): string | null => {
    const token = /^\S+/.exec(rest)?.[0]
    if (token === undefined || !accept.test(token)) return null
    rest = rest.slice(token.length).trimStart()
    return token
  }
  const gainText = take(gainField)
  const gain = gainText === null ? null : gainField.exec(gainText)
  const numbers = ['adcResolution', 'adcZero', 'initialValue', 'checksum', 'blockSize'].map(() => {
    // Each field may be left out only with all that follow it.
    const token = gainText === null ? null : take(integer)
    return token === null ? null : Number(token)
  })
  const [adcResolution, adcZero, initialValue, checksum, blockSize] = numbers
  const value = Number(gain?.[1] ?? 0)
  if (!Number.isFinite(value)) throw refuse(where, `has the gain "${cut(gainText ?? '')}"`, 'a finite number')
  return {
    file: fields[1],
    format: Number(format[1]),
    samplesPerFrame,
    skew: Number(format[3] ?? 0),
    byteOffset: Number(format[4] ?? 0),
    gain: value === 0 ? 200 : value,
    baseline: gain?.[2] === undefined ? (adcZero ?? 0) : Number(gain[2]),
    units: gain?.[3] === undefined || gain[3] === '' ? null : gain[3],
    adcResolution: adcResolution ?? 0,
    adcZero: adcZero ?? 0,
    initialValue: initialValue ?? adcZero ?? 0,
    checksum: checksum ?? null,
    blockSize: blockSize ?? 0,
    description: rest.trim(),
  }
}

function parseSegmentLine(line: string, where: string): WfdbSegmentSpec {
  const parts = /^(\S+)\s+(\d{1,15})\b/.exec(line)
  if (parts?.[1] === undefined) throw refuse(where, `has the segment line "${cut(line)}"`, 'RECORD LENGTH')
  return { record: parts[1], length: Number(parts[2]) }
}

function refuse(where: string, what: string, accepted: string): VitalwireError {
  return new VitalwireError('recording-format', `header ${where} ${what}; accepted: ${accepted}`)
}

function cut(text: string): string {
  const plain = text.replace(/[^ -~]/g, '?')
  return plain.length > 60 ? `${plain.slice(0, 60)}...` : plain
}
