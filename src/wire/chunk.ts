import { crc32cAround } from '../signal/crc32c.js'
import { paceMarksFit, paceMarksStart, readPaceMarks } from './pace-marks.js'
import type { ChunkReason } from './reasons.js'
import { countVarints, unzigzag } from './varint.js'

export const codecs = { int16: 0, delta: 1, int24: 2, float32: 3 } as const
export type Codec = 0 | 1 | 2 | 3

export const headerBytes = 40
export const maxPayloadBytes = 65_536
export const maxSamples = 32_768
/** Bits of `flags` that speak of the samples. */
export const sampleFlagBits = 0x3f
/** Behind the samples stand the places of pacing pulses: see `pace-marks.ts`. Not part of `ChunkHeader.flags`. */
export const paceMarksFlag = 0x80
const knownFlags = sampleFlagBits | paceMarksFlag
const lastFlag = 8

/** What a birth says of a stream, as far as its chunks need it; gain, baseline and bits one number a channel. */
export interface ChunkFormat {
  readonly codec: Codec
  readonly gain: readonly number[]
  readonly baseline: readonly number[]
  readonly bits: readonly number[]
}

/** The fixed header of a waveform chunk. `index` counts samples since boot, `t0` is device clock in microseconds. */
export interface ChunkHeader {
  readonly codec: Codec
  readonly flags: number
  readonly boot: number
  readonly seq: number
  readonly index: number
  readonly t0: number
  /** Samples per channel. */
  readonly n: number
  /** Samples, counted as `index` is, at which a pacing pulse began, ascending; absent when the device marks none. */
  readonly paceMarks?: readonly number[]
}

/** A decoded chunk. `channels` are physical values, NaN where the device had none; lent when buffers were passed. */
export interface Chunk extends ChunkHeader {
  readonly crc: number
  /** Values without a measurement, over all channels (W8). */
  readonly invalid: number
  readonly channels: readonly Float64Array[]
}

export type Decoded<T, R> = { readonly ok: T } | { readonly reason: R }

/** Output arrays to be used again and again; they grow to what the largest chunk so far needed. */
export class ChunkBuffers {
  private arrays: Float64Array[] = []

  /** `count` arrays of `n` values each. They are the same memory at the next call. */
  take(count: number, n: number): Float64Array[] {
    const lent = new Array<Float64Array>(count)
    for (let channel = 0; channel < count; channel++) {
      let array = this.arrays[channel]
      if (array === undefined || array.length < n) this.arrays[channel] = array = new Float64Array(n)
      lent[channel] = array.length === n ? array : array.subarray(0, n)
    }
    return lent
  }
}

function u16(b: Uint8Array, at: number): number {
  return b[at]! | (b[at + 1]! << 8)
}

function u32(b: Uint8Array, at: number): number {
  return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0
}

/** As a double: exact up to 2^53, larger above. */
function u64(b: Uint8Array, at: number): number {
  return u32(b, at + 4) * 4294967296 + u32(b, at)
}

/** First part of W1, which needs no birth: null, or why this is no chunk. Afterwards `bootOf` may be read. */
export function checkHeader(b: Uint8Array): ChunkReason | null {
  if (b[0] !== 0x56 || b[1] !== 0x57) return 'magic'
  if (b.length < headerBytes) return 'short'
  if (b[2] !== 1) return 'version'
  if ((u16(b, 4) & ~knownFlags) !== 0) return 'flags'
  if (b[34] !== 0 || b[35] !== 0) return 'reserved'
  return null
}

/** Boot of a chunk whose header was checked. */
export function bootOf(b: Uint8Array): number {
  return u32(b, 8)
}

/** Whether the checksum of a chunk whose header was checked holds. */
export function isIntact(b: Uint8Array): boolean {
  return crc32cAround(b, 36) === u32(b, 36)
}

/** The rest of W1, in its order, against the stream as born. Nothing is allocated. */
function checkBody(b: Uint8Array, format: ChunkFormat): ChunkReason | null {
  const count = u16(b, 6)
  if (count !== format.gain.length) return 'channels'
  const codec = b[3]!
  if (codec !== format.codec && !(codec < 2 && format.codec < 2)) return 'codec'
  const n = u16(b, 32)
  if (n === 0 && (u16(b, 4) & lastFlag) === 0) return 'empty'
  const total = n * count
  if (total > maxSamples) return 'too-many-samples'
  const payload = b.length - headerBytes
  if (payload > maxPayloadBytes) return 'too-long'
  const end = (u16(b, 4) & paceMarksFlag) === 0 ? b.length : paceMarksStart(b, headerBytes)
  if (end === null) return 'size'
  if (codec === codecs.delta) {
    if (countVarints(b, headerBytes, end) !== total) return 'size'
  } else if (end - headerBytes !== total * (codec === codecs.int16 ? 2 : codec === codecs.int24 ? 3 : 4)) return 'size'
  if (!paceMarksFit(b, end, n)) return 'pace-marks'
  if (u64(b, 16) + n > Number.MAX_SAFE_INTEGER || u64(b, 24) > Number.MAX_SAFE_INTEGER) return 'range'
  if (!isIntact(b)) return 'crc'
  return null
}

/**
 * Decodes one binary chunk: rule W1 in its order, then physical = (digital - baseline) / gain (B4), missing codes as NaN
 * (W8). `format` is the stream as born, or the reason why there is none. The bytes may sit at any offset of a pool.
 */
export function decodeChunk(
  b: Uint8Array,
  format: ChunkFormat | 'unknown-boot' | 'unknown-stream',
  buffers: ChunkBuffers = new ChunkBuffers(),
): Decoded<Chunk, ChunkReason> {
  const headless = checkHeader(b)
  if (headless !== null) return { reason: headless }
  if (typeof format === 'string') return { reason: format }
  const reason = checkBody(b, format)
  if (reason !== null) return { reason }
  const codec = b[3]! as Codec
  const n = u16(b, 32)
  const count = format.gain.length
  const channels = buffers.take(count, n)
  const read = readers[codec]
  let at = headerBytes
  let invalid = 0
  for (let channel = 0; channel < count; channel++) {
    const out = channels[channel]!
    at = read(b, at, out, format.gain[channel]!, format.baseline[channel]!, format.bits[channel]!)
    for (let k = 0; k < n; k++) if (Number.isNaN(out[k]!)) invalid++
  }
  return {
    ok: {
      codec,
      flags: u16(b, 4) & sampleFlagBits,
      boot: u32(b, 8),
      seq: u32(b, 12),
      index: u64(b, 16),
      t0: u64(b, 24),
      n,
      ...(at < b.length && { paceMarks: readPaceMarks(b, at, u64(b, 16)) }),
      crc: u32(b, 36),
      invalid,
      channels,
    },
  }
}

/** Reads one channel at `at` into `out`, missing values as NaN; returns the offset behind it. One loop a codec. */
type Reader = (b: Uint8Array, at: number, out: Float64Array, gain: number, baseline: number, bits: number) => number

function readInt16(b: Uint8Array, from: number, out: Float64Array, gain: number, baseline: number): number {
  let at = from
  for (let k = 0; k < out.length; k++, at += 2) {
    const value = ((b[at]! | (b[at + 1]! << 8)) << 16) >> 16
    out[k] = value === -32768 ? Number.NaN : (value - baseline) / gain
  }
  return at
}

function readDelta(b: Uint8Array, from: number, out: Float64Array, gain: number, baseline: number, bits: number): number {
  const missing = -1 << (bits - 1)
  let at = from
  let value = 0
  for (let k = 0; k < out.length; k++) {
    let code = b[at++]!
    if (code > 127) {
      code &= 127
      let byte = 128
      for (let shift = 7; byte > 127; shift += 7) {
        byte = b[at++]!
        code |= (byte & 127) << shift
      }
    }
    value = (value + unzigzag(code)) | 0
    out[k] = value === missing ? Number.NaN : (value - baseline) / gain
  }
  return at
}

function readInt24(b: Uint8Array, from: number, out: Float64Array, gain: number, baseline: number): number {
  let at = from
  for (let k = 0; k < out.length; k++, at += 3) {
    const value = ((b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16)) << 8) >> 8
    out[k] = value === -8388608 ? Number.NaN : (value - baseline) / gain
  }
  return at
}

function readFloat32(b: Uint8Array, from: number, out: Float64Array, gain: number, baseline: number): number {
  const view = new DataView(b.buffer, b.byteOffset + from, out.length * 4)
  for (let k = 0; k < out.length; k++) {
    const value = (view.getFloat32(k * 4, true) - baseline) / gain
    // An infinity is no measurement either.
    out[k] = Number.isFinite(value) ? value : Number.NaN
  }
  return from + out.length * 4
}

const readers: Readonly<Record<Codec, Reader>> = { 0: readInt16, 1: readDelta, 2: readInt24, 3: readFloat32 }
