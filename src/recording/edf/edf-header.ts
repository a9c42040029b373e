import type { Rate } from '../../signal/rate.js'
import { byteRefusal } from '../byte-refusal.js'
import { divideRate, parseRate } from '../rate-text.js'

/**
 * Header of an EDF, EDF+ or BDF file. Sources: B. Kemp et al., "A simple format for exchange of digitized polygraphic
 * recordings", Electroencephalogr. Clin. Neurophysiol. 82 (1992) 391; B. Kemp and J. Olivan, "European data format 'plus'",
 * Clin. Neurophysiol. 114 (2003) 1755; BDF: the same with samples of 24 bits and 0xFF BIOSEMI for a version.
 */
export interface EdfHeader {
  readonly format: 'EDF' | 'BDF'
  /** Whether data records may lie apart in time (EDF+D). */
  readonly discontinuous: boolean
  readonly patient: string
  readonly recording: string
  /** UTC as far as the file says; without the fraction of a second, which is in the first annotation. */
  readonly startTime: Date | null
  readonly headerBytes: number
  /** -1: not known, the recording was not ended. */
  readonly records: number
  /** Data records a second; null: 0 s, a file of annotations only. */
  readonly recordRate: Rate | null
  readonly recordSeconds: number
  readonly signals: readonly EdfSignal[]
}

export interface EdfSignal {
  readonly label: string
  readonly unit: string
  readonly physicalMin: number
  readonly physicalMax: number
  readonly digitalMin: number
  readonly digitalMax: number
  /** Samples in a data record. */
  readonly perRecord: number
  /** Bytes from the start of a data record. */
  readonly offset: number
  readonly annotations: boolean
}

const mostSignals = 4096
/** A data record is read whole. */
const mostRecordBytes = 64 * 1024 * 1024
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/** Bytes of the header, from its first 256. Throws `recording-format` with the byte position. */
export function edfHeaderBytes(bytes: Uint8Array, path: string): number {
  const text = new Fields(bytes, path)
  const count = text.integer('number of signals', 252, 4)
  if (count < 1 || count > mostSignals) text.refuse(252, `has ${count} signals`, `1 to ${mostSignals}`)
  return 256 * (count + 1)
}

/** Throws `recording-format` with the byte position of the field that is wrong. */
export function parseEdfHeader(bytes: Uint8Array, path: string): EdfHeader {
  const text = new Fields(bytes, path)
  const bdf = bytes[0] === 0xff
  const version = text.string(bdf ? 1 : 0, bdf ? 7 : 8)
  if (version !== (bdf ? 'BIOSEMI' : '0')) text.refuse(0, `has the version "${printable(version)}"`, '"0" (EDF), or 0xFF BIOSEMI (BDF)')
  const headerBytes = edfHeaderBytes(bytes, path)
  if (bytes.length < headerBytes)
    text.refuse(bytes.length, 'ends inside its header', `${headerBytes} bytes for ${headerBytes / 256 - 1} signals`)
  const said = text.integer('header length', 184, 8)
  if (said !== headerBytes) text.refuse(184, `has a header length of ${said}`, `256 x (signals + 1) = ${headerBytes}`)
  const records = text.integer('number of data records', 236, 8)
  if (records < -1) text.refuse(236, `has ${records} data records`, '0 or more, or -1 for unknown')
  const reserved = text.string(192, 44)
  const recordingId = text.string(88, 80)
  const durationText = text.string(244, 8)
  const duration = Number(durationText)
  const secondsRate = parseRate(durationText)
  if (secondsRate === null && !(durationText !== '' && duration === 0))
    text.refuse(244, `has data records of "${durationText}" s`, 'a decimal of 0 or more')
  const signals = parseSignals(text, headerBytes / 256 - 1, bdf)
  if (secondsRate === null && signals.some(signal => !signal.annotations))
    text.refuse(244, 'has data records of 0 s', 'more than 0 where there are signals other than annotations')
  return {
    format: bdf ? 'BDF' : 'EDF',
    discontinuous: /^(EDF|BDF)\+D/.test(reserved),
    patient: text.string(8, 80),
    recording: recordingId,
    startTime: startTime(text, recordingId),
    headerBytes,
    records,
    recordRate: secondsRate === null ? null : divideRate({ num: 1, den: 1 }, secondsRate),
    recordSeconds: secondsRate === null ? 0 : secondsRate.num / secondsRate.den,
    signals,
  }
}

/** Bytes of a data record. */
export function recordBytes({ signals, format }: Pick<EdfHeader, 'signals' | 'format'>): number {
  return signals.reduce((sum, { perRecord }) => sum + perRecord * (format === 'BDF' ? 3 : 2), 0)
}

function parseSignals(text: Fields, count: number, bdf: boolean): EdfSignal[] {
  const width = bdf ? 3 : 2
  const lowest = bdf ? -8388608 : -32768
  let offset = 0
  const signals: EdfSignal[] = []
  for (let i = 0; i < count; i++) {
    // The header has one table a field: all labels, then all transducers, and so on.
    const place = (before: number, size: number): number => 256 + count * before + i * size
    const label = text.string(place(0, 16), 16)
    const annotations = label === (bdf ? 'BDF Annotations' : 'EDF Annotations')
    const name = `signal ${i} "${label}"`
    const perRecord = text.integer(`samples of ${name}`, place(216, 8), 8)
    if (perRecord < 1) text.refuse(place(216, 8), `has ${perRecord} samples a data record of ${name}`, '1 or more')
    // Of annotations these numbers mean nothing, and writers fill in what they like.
    const scale = annotations
      ? { physicalMin: -1, physicalMax: 1, digitalMin: lowest, digitalMax: -lowest - 1 }
      : {
          physicalMin: text.decimal(`physical minimum of ${name}`, place(104, 8), 8),
          physicalMax: text.decimal(`physical maximum of ${name}`, place(112, 8), 8),
          digitalMin: text.integer(`digital minimum of ${name}`, place(120, 8), 8),
          digitalMax: text.integer(`digital maximum of ${name}`, place(128, 8), 8),
        }
    const { digitalMin, digitalMax, physicalMin, physicalMax } = scale
    if (digitalMin < lowest || digitalMax > -lowest - 1 || digitalMin >= digitalMax)
      text.refuse(
        place(120, 8),
        `has the digital range ${digitalMin} to ${digitalMax} of ${name}`,
        `rising, from ${lowest} to ${-lowest - 1}`,
      )
    if (physicalMin === physicalMax) text.refuse(place(104, 8), `has no physical range of ${name}`, 'minimum and maximum that differ')
    signals.push({ label, unit: text.string(place(96, 8), 8), ...scale, perRecord, offset, annotations })
    offset += perRecord * width
    if (offset > mostRecordBytes) text.refuse(place(216, 8), 'has a data record of too many bytes', `at most ${mostRecordBytes}`)
  }
  return signals
}

/** EDF+ gives the whole year in the recording field; the two digits of EDF mean 1985 to 2084. */
function startTime(text: Fields, recordingId: string): Date | null {
  const [, day, month, year] = /^(\d\d)[.:/-](\d\d)[.:/-](\d\d)$/.exec(text.string(168, 8)) ?? []
  const [, hour, minute, second] = /^(\d\d)[.:](\d\d)[.:](\d\d)$/.exec(text.string(176, 8)) ?? []
  if (hour === undefined) return null
  const plus = /^Startdate (\d\d)-([A-Z]{3})-(\d{4})\b/i.exec(recordingId)
  const plusMonth = months.indexOf(plus?.[2]?.toUpperCase() ?? '')
  const short = Number(year)
  const date =
    plus !== null && plusMonth >= 0
      ? [Number(plus[3]), plusMonth, Number(plus[1])]
      : year === undefined
        ? null
        : [short < 85 ? 2000 + short : 1900 + short, Number(month) - 1, Number(day)]
  if (date === null) return null
  const time = new Date(Date.UTC(date[0]!, date[1]!, date[2]!, Number(hour), Number(minute), Number(second)))
  // A day or an hour that there is none of would be carried over into another one.
  return time.getUTCDate() === date[2] && time.getUTCHours() === Number(hour) ? time : null
}

/** Fields of printable text at byte positions. */
class Fields {
  constructor(
    readonly bytes: Uint8Array,
    readonly path: string,
  ) {}

  /** Without the blanks (and the zero bytes that some writers pad with) around it. */
  string(from: number, length: number): string {
    return Buffer.from(this.bytes.subarray(from, from + length))
      .toString('latin1')
      .replace(/^[\s\0]+|[\s\0]+$/g, '')
  }

  integer(what: string, from: number, length: number): number {
    const text = this.string(from, length)
    return /^[+-]?\d+$/.test(text) ? Number(text) : this.refuse(from, `has "${printable(text)}" for the ${what}`, 'an integer')
  }

  decimal(what: string, from: number, length: number): number {
    const text = this.string(from, length)
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
    return Number.isFinite(value) ? value : this.refuse(from, `has "${printable(text)}" for the ${what}`, 'a decimal number')
  }

  refuse(byte: number, what: string, accepted: string): never {
    throw byteRefusal(this.path, byte, what, accepted)
  }
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?')
}
