import { VitalwireError } from '../errors.js'
import type { FilePool } from './file-pool.js'

/**
 * Where the frames of a FLAC file are, so that a window can be decoded without what is before it. Source: RFC 9639. Decoding
 * itself is the business of a decoder: here only frame headers and checksums are read.
 */
export interface FlacFrames {
  readonly channels: number
  readonly bits: number
  /** Samples of a channel. */
  readonly length: number
  /** `fLaC` and the description of the stream, which a decoder wants first. */
  readonly head: Uint8Array
  /** First byte of each frame, and behind them the end of the last. */
  readonly offsets: Float64Array
  /** First sample of each frame, and behind them the length. */
  readonly starts: Float64Array
}

/** What the file says of itself before its first frame. */
export interface FlacHead {
  readonly channels: number
  readonly bits: number
  /** 0: not known. */
  readonly length: number
  readonly head: Uint8Array
  /** First byte after the metadata. */
  readonly start: number
}

/** `fLaC`, and the stream description: 4 and 34 bytes. */
const headBytes = 42
const runBytes = 1024 * 1024
/** A frame header of 4 bytes, a coded number of up to 7, sizes of up to 4, and its checksum. */
const mostHeaderBytes = 16
const blockSizes = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768]

/** Throws `recording-format` with the byte position. */
export async function readFlacHead(path: string, pool: FilePool): Promise<FlacHead> {
  const head = await pool.read(path, 0, headBytes)
  const bytes = Buffer.from(head)
  if (bytes.length < headBytes || bytes.toString('latin1', 0, 4) !== 'fLaC') throw refusal(path, 0, 'is no FLAC file', 'fLaC and metadata')
  if ((bytes[4]! & 0x7f) !== 0 || bytes.readUIntBE(5, 3) !== 34)
    throw refusal(path, 4, 'does not begin with a stream description', 'metadata of type 0 and 34 bytes')
  let last = (bytes[4]! & 0x80) !== 0
  let start = headBytes
  while (!last) {
    const block = Buffer.from(await pool.read(path, start, 4))
    if (block.length < 4) throw refusal(path, start, 'ends inside its metadata', 'blocks that are there whole')
    last = (block[0]! & 0x80) !== 0
    start += 4 + block.readUIntBE(1, 3)
  }
  // 20 bits of sample rate, 3 of channels less one, 5 of sample size less one, 36 of length.
  const word = bytes.readUInt32BE(18)
  head[4] = 0x80
  return {
    channels: ((word >>> 9) & 7) + 1,
    bits: ((word >>> 4) & 31) + 1,
    length: (word & 15) * 2 ** 32 + bytes.readUInt32BE(22),
    head,
    start,
  }
}

/** Walks through the file once, checking every frame's checksum. Throws `recording-format` with the byte position. */
export async function indexFlacFrames(path: string, pool: FilePool): Promise<FlacFrames> {
  const { start, ...stream } = await readFlacHead(path, pool)
  const offsets: number[] = []
  const starts: number[] = []
  let samples = 0
  let frameAt = start
  let sum = 0
  let at = start
  let bytes = await pool.read(path, start, runBytes)
  let base = start
  while (bytes.length > 0) {
    for (let i = at - base; i < bytes.length; i++, at++) {
      // The checksum over a frame with its own checksum is 0: there a next frame may begin, if a header stands there.
      if (at === frameAt || sum === 0) {
        if (i + mostHeaderBytes > bytes.length && bytes.length === runBytes) break
        const header = readFrameHeader(bytes, i)
        if (header !== null) {
          offsets.push(at)
          starts.push(samples)
          samples += header.blockSize
          frameAt = at
          sum = 0
        } else if (at === frameAt) throw refusal(path, at, 'has no frame', 'a FLAC frame with a proper checksum')
      }
      sum = ((sum << 8) & 0xffff) ^ (checks16[(sum >> 8) ^ bytes[i]!] as number)
    }
    base = at
    bytes = await pool.read(path, base, runBytes)
  }
  if (sum !== 0) throw refusal(path, offsets.at(-1) ?? start, 'has a frame whose checksum is wrong', 'a file that is there whole')
  if (stream.length !== 0 && stream.length !== samples)
    throw refusal(path, start, `says ${stream.length} samples and has ${samples}`, 'equal counts')
  offsets.push(at)
  starts.push(samples)
  return { ...stream, length: samples, offsets: Float64Array.from(offsets), starts: Float64Array.from(starts) }
}

/** Null where no frame header with a proper checksum stands. */
function readFrameHeader(bytes: Uint8Array, from: number): { readonly blockSize: number } | null {
  if (bytes[from] !== 0xff || (bytes[from + 1]! & 0xfe) !== 0xf8) return null
  const sizeCode = bytes[from + 2]! >> 4
  const rateCode = bytes[from + 2]! & 15
  if (sizeCode === 0 || rateCode === 15 || (bytes[from + 3]! & 1) !== 0) return null
  // The frame's number, coded as in UTF-8: leading ones tell how many bytes.
  const lead = bytes[from + 4]!
  const more = lead < 0x80 ? 0 : Math.clz32(~(lead << 24)) - 1
  if (more > 6 || (lead >= 0x80 && lead < 0xc0)) return null
  let at = from + 5 + more
  let blockSize = blockSizes[sizeCode]!
  if (sizeCode === 6) blockSize = bytes[at++]! + 1
  else if (sizeCode === 7) {
    blockSize = ((bytes[at]! << 8) | bytes[at + 1]!) + 1
    at += 2
  }
  if (rateCode === 12) at += 1
  else if (rateCode > 12) at += 2
  let sum = 0
  for (let i = from; i < at; i++) sum = checks8[sum ^ bytes[i]!] as number
  return sum === bytes[at] ? { blockSize } : null
}

/** Tables of the two checksums: x^8 + x^2 + x + 1 of a header, x^16 + x^15 + x^2 + 1 of a frame. */
const checks8 = checkTable(8, 0x07)
const checks16 = checkTable(16, 0x8005)

function checkTable(bits: number, polynomial: number): Uint16Array {
  const mask = 2 ** bits - 1
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (bits - 8)
    for (let k = 0; k < 8; k++) value = (value & (1 << (bits - 1))) !== 0 ? ((value << 1) ^ polynomial) & mask : value << 1
    return value
  })
}

function refusal(path: string, byte: number, what: string, accepted: string): VitalwireError {
  return new VitalwireError('recording-format', `${path}: byte ${byte}: ${what}; accepted: ${accepted}`)
}
