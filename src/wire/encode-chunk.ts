import { crc32cAround } from '../signal/crc32c.js'
import { roundHalfAway } from '../signal/rate.js'
import { type ChunkHeader, codecs, headerBytes, maxPayloadBytes, maxSamples, paceMarksFlag, sampleFlagBits } from './chunk.js'
import { paceMarksBytes, writePaceMarks } from './pace-marks.js'
import { varintLength, writeVarint, zigzag } from './varint.js'

/** Code of a missing sample (W8): codec 0 and 2 have fixed ones, codec 1 the lowest number of `bits`, codec 3 NaN. */
export function missingCode(codec: number, bits: number): number {
  if (codec === codecs.int16) return -32768
  if (codec === codecs.int24) return -8388608
  if (codec === codecs.float32) return Number.NaN
  return -(2 ** (bits - 1))
}

/**
 * Physical to digital (B4 reversed), rounded half away from zero and held inside +-(2^(bits-1) - 1), so that no value
 * becomes the missing code; NaN stays NaN. With codec 3 nothing is rounded or held.
 */
export function toDigital(physical: number, gain: number, baseline: number, bits: number, codec: number): number {
  const digital = physical * gain + baseline
  if (codec === codecs.float32 || Number.isNaN(digital)) return digital
  const limit = 2 ** (bits - 1) - 1
  const rounded = roundHalfAway(digital)
  return rounded > limit ? limit : Math.max(rounded, -limit)
}

/**
 * Encodes one chunk. `channels` are digital values, one array a channel, all of length `header.n`; NaN means missing.
 * `bits` is one number a channel (only codec 1 reads it). Throws RangeError on a header or value that the protocol has no
 * place for: an encoder's mistake, not the world's.
 */
export function encodeChunk(header: ChunkHeader, channels: readonly ArrayLike<number>[], bits: readonly number[]): Uint8Array {
  const { codec, n } = header
  const total = n * channels.length
  checkEncodable(header, channels)
  const codes = channels.map((values, channel) => withMissing(values, missingCode(codec, bits[channel] ?? 32)))
  const marks = header.paceMarks ?? []
  const samples = codec === codecs.delta ? deltaBytes(codes) : total * (codec === codecs.int16 ? 2 : codec === codecs.int24 ? 3 : 4)
  const size = samples + (marks.length === 0 ? 0 : paceMarksBytes(marks))
  if (size > maxPayloadBytes) throw new RangeError(`payload of ${size} bytes; at most ${maxPayloadBytes} are accepted`)
  const bytes = new Uint8Array(headerBytes + size)
  const view = new DataView(bytes.buffer)
  bytes[0] = 0x56
  bytes[1] = 0x57
  bytes[2] = 1
  bytes[3] = codec
  view.setUint16(4, marks.length === 0 ? header.flags : header.flags | paceMarksFlag, true)
  view.setUint16(6, channels.length, true)
  view.setUint32(8, header.boot, true)
  view.setUint32(12, header.seq, true)
  setU64(view, 16, header.index)
  setU64(view, 24, header.t0)
  view.setUint16(32, n, true)
  let at = headerBytes
  for (const values of codes) {
    let previous = 0
    for (let k = 0; k < n; k++) {
      const value = values[k]!
      if (codec === codecs.delta) {
        at = writeVarint(bytes, at, zigzag((value - previous) | 0))
        previous = value
      } else if (codec === codecs.int16) {
        view.setInt16(at, value, true)
        at += 2
      } else if (codec === codecs.int24) {
        bytes[at] = value
        bytes[at + 1] = value >> 8
        bytes[at + 2] = value >> 16
        at += 3
      } else {
        view.setFloat32(at, value, true)
        at += 4
      }
    }
  }
  if (marks.length > 0) writePaceMarks(view, at, marks, header.index)
  view.setUint32(36, crc32cAround(bytes, 36), true)
  return bytes
}

function withMissing(values: ArrayLike<number>, missing: number): Float64Array {
  const codes = new Float64Array(values.length)
  for (let k = 0; k < codes.length; k++) codes[k] = Number.isNaN(values[k]) ? missing : values[k]!
  return codes
}

function deltaBytes(channels: readonly Float64Array[]): number {
  let size = 0
  for (const values of channels) {
    let previous = 0
    for (const value of values) {
      size += varintLength(zigzag((value - previous) | 0))
      previous = value
    }
  }
  return size
}

function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 4294967296, true)
  view.setUint32(at + 4, Math.floor(value / 4294967296), true)
}

const widths = [32768, 2147483648, 8388608]

function checkEncodable(header: ChunkHeader, channels: readonly ArrayLike<number>[]): void {
  const whole: [string, number, number][] = [
    ['flags', header.flags, sampleFlagBits],
    ['boot', header.boot, 0xffffffff],
    ['seq', header.seq, 0xffffffff],
    ['index', header.index, Number.MAX_SAFE_INTEGER - header.n],
    ['t0', header.t0, Number.MAX_SAFE_INTEGER],
    ['n', header.n, 65535],
  ]
  for (const [name, value, most] of whole) {
    if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${name} is ${value}; accepted is 0 to ${most}`)
  }
  let before = header.index - 1
  for (const mark of header.paceMarks ?? []) {
    if (!Number.isInteger(mark) || mark <= before || mark >= header.index + header.n) {
      throw new RangeError(`pace mark ${mark}; accepted are the chunk's samples, ascending`)
    }
    before = mark
  }
  if (header.n * channels.length > maxSamples) throw new RangeError(`${header.n} x ${channels.length} samples; at most ${maxSamples}`)
  for (const values of channels) {
    if (values.length !== header.n) throw new RangeError(`a channel has ${values.length} values, the header says ${header.n}`)
    const width = widths[header.codec]
    if (width === undefined) continue
    for (let k = 0; k < values.length; k++) {
      const value = values[k]!
      if (!Number.isNaN(value) && (!Number.isInteger(value) || value < -width || value >= width)) {
        throw new RangeError(`value ${value} does not fit codec ${header.codec}`)
      }
    }
  }
}
