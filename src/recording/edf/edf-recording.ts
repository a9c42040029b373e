import { basename } from 'node:path'
import { VitalwireError } from '../../errors.js'
import { hertz, type Rate } from '../../signal/rate.js'
import type { StreamKind } from '../../signal/stream.js'
import { byteRefusal } from '../byte-refusal.js'
import { FilePool, fileSize } from '../file-pool.js'
import { multiplyRate } from '../rate-text.js'
import { missingSample, type Recording, type SignalInfo } from '../recording.js'
import { kindChooser, toUcum, unitOf } from '../signal-kind.js'
import { toPhysical, windowLength } from '../signal-window.js'
import { type EdfAnnotation, parseAnnotationLists } from './edf-annotations.js'
import { type EdfHeader, type EdfSignal, edfHeaderBytes, parseEdfHeader, recordBytes } from './edf-header.js'
import { missingLabel } from './edf-missing.js'

/** Data records are read in runs of about this many bytes. */
const runBytes = 1024 * 1024
/** Ten years: gaps are walked through sample by sample. */
const mostSeconds = 315_360_000

/** An EDF, EDF+ or BDF file; its annotations come beside the signals. */
export interface EdfRecording extends Recording {
  readonly header: EdfHeader
  readonly annotations: readonly EdfAnnotation[]
  /** What is wrong with the file, though its signals can be read. */
  readonly warnings: readonly string[]
}

/**
 * Opens an EDF, EDF+C, EDF+D, BDF or BDF+ file. Data records of EDF+D keep their place in time: what lies between them is
 * missing. Annotations of continuous files that cannot be read are told as a warning: the signals do not need them. Bytes beyond the records that the header counts are left alone. Throws `recording-missing`, `recording-short`,
 * or `recording-format` with the byte position.
 */
export async function openEdfRecording(path: string): Promise<EdfRecording> {
  const size = await fileSize(path, 'an EDF or BDF file')
  const pool = new FilePool()
  try {
    const head = await pool.read(path, 0, 256)
    if (head.length < 256) throw byteRefusal(path, head.length, 'ends inside its header', '256 bytes and more')
    const header = parseEdfHeader(await pool.read(path, 0, edfHeaderBytes(head, path)), path)
    const bytes = recordBytes(header)
    const whole = Math.floor((size - header.headerBytes) / bytes)
    if (header.records > whole)
      throw new VitalwireError(
        'recording-short',
        `${path}: byte ${size}: ends in data record ${whole} of ${header.records}; accepted: ${header.headerBytes + header.records * bytes} bytes`,
      )
    const records = header.records < 0 ? whole : header.records
    if (records * header.recordSeconds > mostSeconds)
      throw byteRefusal(path, 244, `has ${records} data records of ${header.recordSeconds} s`, 'a recording of at most ten years')
    return new EdfFile(path, header, records, await readNotes(path, header, records, pool), pool)
  } catch (error) {
    await pool.close()
    throw error
  }
}

/** Where the data records of one length in samples lie: the first sample of each. */
interface Placement {
  readonly fs: Rate
  /** null: each follows on the one before. */
  readonly starts: Float64Array | null
  readonly length: number
}

class EdfFile implements EdfRecording {
  readonly name: string
  readonly durationSeconds: number
  readonly startTime: Date | null
  readonly signals: readonly SignalInfo[]
  readonly numerics = null
  readonly annotations: readonly EdfAnnotation[]
  readonly warnings: readonly string[]
  readonly #stored: readonly EdfSignal[]
  readonly #placements = new Map<number, Placement>()
  /** Signals of which an annotation says that the lowest code is a missing sample. */
  readonly #marked: ReadonlySet<string>

  constructor(
    readonly path: string,
    readonly header: EdfHeader,
    readonly records: number,
    notes: EdfNotes,
    readonly pool: FilePool,
  ) {
    const { firstOnset, onsets } = notes
    this.annotations = notes.annotations.map(note => ({ ...note, onset: Math.round((note.onset - firstOnset) * 1e7) / 1e7 }))
    this.warnings = notes.warnings
    this.#marked = new Set(notes.annotations.flatMap(({ text }) => missingLabel(text) ?? []))
    this.name = basename(path).replace(/\.(edf|bdf|rec)$/i, '')
    this.#stored = header.signals.filter(signal => !signal.annotations)
    for (const { perRecord } of this.#stored)
      if (!this.#placements.has(perRecord)) this.#placements.set(perRecord, this.#place(perRecord, onsets))
    this.startTime = header.startTime === null ? null : new Date(header.startTime.getTime() + Math.round(firstOnset * 1000))
    const last = onsets === null ? (records - 1) * header.recordSeconds : (onsets[records - 1] ?? 0)
    this.durationSeconds = records === 0 ? 0 : last + header.recordSeconds
    const chooseKind = kindChooser(this.#stored.map(({ label }) => label))
    this.signals = this.#stored.map((signal, index) => {
      const kind = chooseKind(nameOf(signal, index), toUcum(signal.unit), signal.unit !== '')
      return describe(signal, index, kind, header.format, this.#placements.get(signal.perRecord)!)
    })
  }

  async readDigital(signalIndexes: readonly number[], from: number, length: number): Promise<Int32Array[]> {
    const count = windowLength(this.signals, signalIndexes, from, length)
    const out = signalIndexes.map(() => new Int32Array(count).fill(missingSample))
    const chosen = signalIndexes.map(index => this.#stored[index]!)
    const perRecord = chosen[0]!.perRecord
    const { starts } = this.#placements.get(perRecord)!
    const startOf = (record: number): number => (starts === null ? record * perRecord : starts[record]!)
    const size = recordBytes(this.header)
    const width = this.header.format === 'BDF' ? 3 : 2
    const run = Math.max(1, Math.floor(runBytes / size))
    let record = this.#recordBefore(from, perRecord, starts)
    while (record < this.records && startOf(record) < from + count) {
      const end = Math.min(this.records, record + run)
      const bytes = await this.pool.read(this.path, this.header.headerBytes + record * size, (end - record) * size)
      if (bytes.length < (end - record) * size)
        throw new VitalwireError('recording-short', `${this.path} has become shorter; accepted: the file as it was when it was opened`)
      for (let base = 0; record < end; record++, base += size) {
        const start = startOf(record)
        if (start >= from + count) break
        const low = Math.max(0, from - start)
        const high = Math.min(perRecord, from + count - start)
        for (const [k, signal] of chosen.entries()) {
          const target = out[k]!
          for (let i = low, at = base + signal.offset + low * width; i < high; i++, at += width)
            target[start + i - from] =
              width === 2
                ? ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16
                : ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) << 8) >> 8
          if (!this.#marked.has(signal.label)) continue
          const lowest = -(2 ** (8 * width - 1))
          for (let i = start + low - from; i < start + high - from; i++) if (target[i] === lowest) target[i] = missingSample
        }
      }
    }
    return out
  }

  async readPhysical(signalIndexes: readonly number[], from: number, length: number): Promise<Float64Array[]> {
    const digital = await this.readDigital(signalIndexes, from, length)
    return digital.map((samples, k) => toPhysical(samples, this.signals[signalIndexes[k]!]))
  }

  async close(): Promise<void> {
    await this.pool.close()
  }

  #place(perRecord: number, onsets: Float64Array | null): Placement {
    const { header, records, path } = this
    const fs = header.recordRate === null ? null : multiplyRate(header.recordRate, perRecord)
    if (fs === null) throw byteRefusal(path, 244, 'has a rate that is not representable', 'at most 15 digits')
    if (onsets === null) return { fs, starts: null, length: records * perRecord }
    const starts = new Float64Array(records)
    const rate = hertz(fs)
    let end = 0
    for (let record = 0; record < records; record++) {
      // Onsets are decimals: one that lies between two samples may round to one sample before the end of the record before.
      starts[record] = Math.max(end, Math.round(onsets[record]! * rate))
      end = starts[record]! + perRecord
    }
    return { fs, starts, length: end }
  }

  /** The last data record that begins at or before a sample. */
  #recordBefore(sample: number, perRecord: number, starts: Float64Array | null): number {
    if (starts === null) return Math.floor(sample / perRecord)
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= sample) low = middle
      else high = middle
    }
    return low
  }
}

function nameOf({ label }: EdfSignal, index: number): string {
  return label === '' ? `signal ${index}` : label
}

function describe(signal: EdfSignal, index: number, kind: StreamKind, format: EdfHeader['format'], { fs, length }: Placement): SignalInfo {
  const { digitalMin, digitalMax, physicalMin, physicalMax } = signal
  const gain = (digitalMax - digitalMin) / (physicalMax - physicalMin)
  // The lowest code of a width is a stored value here, but marks a missing one elsewhere: such a signal needs one step more.
  const narrow = format === 'EDF' ? 16 : 24
  const wide = format === 'EDF' ? 24 : 32
  return {
    index,
    name: nameOf(signal, index),
    kind,
    unit: unitOf(signal.unit, kind),
    fs,
    encoding: 'digital',
    gain,
    baseline: digitalMin - physicalMin * gain,
    bits: digitalMin === -(2 ** (narrow - 1)) ? wide : narrow,
    length,
    startMicros: 0,
    stream: null,
    wavelength: null,
  }
}

interface EdfNotes {
  /** Seconds from the start time of the header to the first data record. */
  readonly firstOnset: number
  /** Of each data record, in seconds from the first; null: they follow on each other. */
  readonly onsets: Float64Array | null
  readonly annotations: readonly EdfAnnotation[]
  readonly warnings: readonly string[]
}

/** All annotations, and of EDF+D the onset of each data record. */
async function readNotes(path: string, header: EdfHeader, records: number, pool: FilePool): Promise<EdfNotes> {
  const width = header.format === 'BDF' ? 3 : 2
  const lists = header.signals.filter(signal => signal.annotations)
  const annotations: EdfAnnotation[] = []
  if (lists.length === 0) {
    if (header.discontinuous)
      throw byteRefusal(path, 192, 'says EDF+D without an annotation signal', 'one that gives the time of each data record')
    return { firstOnset: 0, onsets: null, annotations, warnings: [] }
  }
  const size = recordBytes(header)
  const onsets = new Float64Array(records)
  const run = Math.max(1, Math.floor(runBytes / size))
  for (let first = 0; first < records; first += run) {
    const count = Math.min(run, records - first)
    const position = header.headerBytes + first * size
    const bytes = await pool.read(path, position, count * size)
    for (let k = 0; k < count; k++) {
      for (const [which, list] of lists.entries()) {
        const from = k * size + list.offset
        const problem = (byte: number, what: string, accepted: string) => byteRefusal(path, position + from + byte, what, accepted)
        const notes = parseAnnotationLists(bytes.subarray(from, from + list.perRecord * width), problem)
        if (notes instanceof VitalwireError) {
          if (header.discontinuous) throw notes
          const warnings = [`${notes.message}; its annotations are left out${looksLikeText(bytes) ? `; ${textTransfer}` : ''}`]
          return { firstOnset: 0, onsets: null, annotations: [], warnings }
        }
        annotations.push(...notes.annotations)
        if (which > 0) continue
        const record = first + k
        if (notes.recordOnset === null && header.discontinuous)
          throw problem(0, `does not say the time of data record ${record}`, '+seconds 0x14 0x14 0x00')
        onsets[record] = notes.recordOnset ?? 0
        if (header.discontinuous && Math.abs(onsets[record]! - onsets[0]!) > mostSeconds)
          throw problem(0, `has data record ${record} more than ${mostSeconds} s from the first`, 'a recording of at most ten years')
        const overlap = record === 0 ? 0 : onsets[record - 1]! + header.recordSeconds - onsets[record]!
        // A tenth of a millisecond: what decimals of a time may have lost.
        if (header.discontinuous && overlap > 1e-4)
          throw problem(0, `has data record ${record} begin before the end of the one before`, 'records in the order of time')
      }
    }
  }
  const firstOnset = onsets[0] ?? 0
  return { firstOnset, onsets: header.discontinuous ? onsets.map(onset => onset - firstOnset) : null, annotations, warnings: [] }
}

const textTransfer =
  'every line feed has a carriage return before it, as after a transfer as text: the samples are those that stand there, and probably not those recorded'

/** Of samples about one in 256 bytes is a line feed, whatever stands before it. */
function looksLikeText(bytes: Uint8Array): boolean {
  let feeds = 0
  for (let at = bytes.indexOf(10, 1); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at - 1] !== 13) return false
    feeds++
  }
  return feeds > 8
}
