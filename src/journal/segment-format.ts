import { VitalwireError } from '../errors.js'
import { crc32c } from '../signal/crc32c.js'

/**
 * Segment files of journal and event log, little endian. Header: magic `VWJL` or `VWEL`, version u16, 0 u16, run u32,
 * worker u32. Then records:
 *
 * | offset | bytes | field |
 * |---|---|---|
 * | 0 | 4 | bytes of the body |
 * | 4 | 4 | CRC32C of everything from byte 8 on |
 * | 8 | 2 | partition |
 * | 10 | 1 | type of the body |
 * | 11 | 1 | 0 |
 * | 12 | 8 | offset in the partition (f64, whole) |
 * | 20 | | body |
 *
 * Files are named `r{run}-w{worker}-{number}`: a run is one start of the engine, so sorting by name gives, for every
 * partition, the order in which its records were written, whichever worker owned it at the time.
 */
const segmentKinds = {
  journal: { magic: 'VWJL', version: 1, suffix: '.vwj' },
  events: { magic: 'VWEL', version: 1, suffix: '.vwe' },
} as const
export type SegmentKind = keyof typeof segmentKinds

/** Partition under which events stand that no partition made. */
export const noPartition = 65_535
export const segmentHeaderBytes = 16
export const recordHeaderBytes = 20
/** A longer body is taken as damage: messages have at most 64 KiB, a handed over device state some megabytes. */
const maxBodyBytes = 64 * 1024 * 1024

/** Type of a record that only fills a place where damage was found; it says nothing. */
export const fillerType = 0

export interface SegmentName {
  readonly run: number
  readonly worker: number
  readonly number: number
}

export function segmentFile(kind: SegmentKind, name: SegmentName): string {
  const { run, worker, number } = name
  return `r${pad(run, 8)}-w${pad(worker, 3)}-${pad(number, 8)}${segmentKinds[kind].suffix}`
}

/** null: the file is no segment of this kind. */
export function parseSegmentFile(kind: SegmentKind, file: string): SegmentName | null {
  const match = /^r(\d{8})-w(\d{3})-(\d{8})(\.vw[je])$/.exec(file)
  if (match === null || match[4] !== segmentKinds[kind].suffix) return null
  return { run: Number(match[1]), worker: Number(match[2]), number: Number(match[3]) }
}

export function encodeSegmentHeader(kind: SegmentKind, name: SegmentName): Uint8Array {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  bytes.write(segmentKinds[kind].magic, 0, 'latin1')
  bytes.writeUInt16LE(segmentKinds[kind].version, 4)
  bytes.writeUInt32LE(name.run, 8)
  bytes.writeUInt32LE(name.worker, 12)
  return bytes
}

/** Throws `disk-format` unless the header is one that this version reads. */
export function checkSegmentHeader(kind: SegmentKind, bytes: Uint8Array, path: string): void {
  const { magic, version } = segmentKinds[kind]
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (head.toString('latin1', 0, 4) !== magic) {
    throw new VitalwireError('disk-format', `${path}: begins with no ${magic}; accepted are segment files written by vitalwire`)
  }
  const found = head.readUInt16LE(4)
  if (found !== version) {
    throw new VitalwireError('disk-format', `${path}: has format version ${found}; this vitalwire reads version ${version}`)
  }
}

/** Writes a record header at `at`; the body follows it already or will. Offset and CRC come with `sealRecord`. */
export function writeRecordHeader(bytes: Uint8Array, at: number, partition: number, type: number, bodyBytes: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, recordHeaderBytes)
  view.setUint32(0, bodyBytes, true)
  view.setUint16(8, partition, true)
  view.setUint8(10, type)
  view.setUint8(11, 0)
}

/** Puts the offset in and closes the record at `at` with its CRC; returns where the next record would begin. */
export function sealRecord(bytes: Uint8Array, at: number, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, recordHeaderBytes)
  const end = at + recordHeaderBytes + view.getUint32(0, true)
  view.setFloat64(12, offset, true)
  view.setUint32(4, crc32c(bytes, at + 8, end), true)
  return end
}

export interface RawRecord {
  readonly partition: number
  readonly type: number
  readonly offset: number
  /** Lent: valid until the next record is asked for. */
  readonly body: Uint8Array
  /** Byte position in the file and length with the header. */
  readonly position: number
  readonly length: number
}

/**
 * The record at `at` of `bytes[0, end)`: the record, `short` when it goes on after `end`, or `bad` when it is damaged.
 * `base` is the file position of bytes[0].
 */
export function parseRecord(bytes: Uint8Array, at: number, end: number, base: number): RawRecord | 'short' | 'bad' {
  if (at + recordHeaderBytes > end) return 'short'
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, recordHeaderBytes)
  const bodyBytes = view.getUint32(0, true)
  if (bodyBytes > maxBodyBytes || view.getUint8(11) !== 0) return 'bad'
  const length = recordHeaderBytes + bodyBytes
  if (at + length > end) return 'short'
  if (crc32c(bytes, at + 8, at + length) !== view.getUint32(4, true)) return 'bad'
  return {
    partition: view.getUint16(8, true),
    type: view.getUint8(10),
    offset: view.getFloat64(12, true),
    body: bytes.subarray(at + recordHeaderBytes, at + length),
    position: base + at,
    length,
  }
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
