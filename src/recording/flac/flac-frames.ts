import { byteRefusal } from '../byte-refusal.js'
import type { FilePool } from '../file-pool.js'
import { checkTable, mostHeaderBytes, readFrameHeader } from './flac-header.js'

/**
 * Where the frames of a FLAC file are, so that a window can be decoded without what is before it. Source: RFC 9639. Here
 * only frame headers and checksums are read; `flac-decoder.ts` decodes.
 */
export interface FlacFrames {
  readonly channels: number
  readonly bits: number
  /** Samples of a channel. */
  readonly length: number
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
  /** First byte after the metadata. */
  readonly start: number
}

/** `fLaC`, and the stream description: 4 and 34 bytes. */
const headBytes = 42
const runBytes = 1024 * 1024
/** Throws `recording-format` with the byte position. */
export async function readFlacHead(path: string, pool: FilePool): Promise<FlacHead> {
  const head = await pool.read(path, 0, headBytes)
  const bytes = Buffer.from(head)
  if (bytes.length < headBytes || bytes.toString('latin1', 0, 4) !== 'fLaC')
    throw byteRefusal(path, 0, 'is no FLAC file', 'fLaC and metadata')
  if ((bytes[4]! & 0x7f) !== 0 || bytes.readUIntBE(5, 3) !== 34)
    throw byteRefusal(path, 4, 'does not begin with a stream description', 'metadata of type 0 and 34 bytes')
  let last = (bytes[4]! & 0x80) !== 0
  let start = headBytes
  while (!last) {
    const block = Buffer.from(await pool.read(path, start, 4))
    if (block.length < 4) throw byteRefusal(path, start, 'ends inside its metadata', 'blocks that are there whole')
    last = (block[0]! & 0x80) !== 0
    start += 4 + block.readUIntBE(1, 3)
  }
  // 20 bits of sample rate, 3 of channels less one, 5 of sample size less one, 36 of length.
  const word = bytes.readUInt32BE(18)
  return {
    channels: ((word >>> 9) & 7) + 1,
    bits: ((word >>> 4) & 31) + 1,
    length: (word & 15) * 2 ** 32 + bytes.readUInt32BE(22),
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
        } else if (at === frameAt) throw byteRefusal(path, at, 'has no frame', 'a FLAC frame with a proper checksum')
      }
      sum = ((sum << 8) & 0xffff) ^ (checks16[(sum >> 8) ^ bytes[i]!] as number)
    }
    base = at
    bytes = await pool.read(path, base, runBytes)
  }
  if (sum !== 0) throw byteRefusal(path, offsets.at(-1) ?? start, 'has a frame whose checksum is wrong', 'a file that is there whole')
  if (stream.length !== 0 && stream.length !== samples)
    throw byteRefusal(path, start, `says ${stream.length} samples and has ${samples}`, 'equal counts')
  offsets.push(at)
  starts.push(samples)
  return { ...stream, length: samples, offsets: Float64Array.from(offsets), starts: Float64Array.from(starts) }
}

/** x^16 + x^15 + x^2 + 1, over a whole frame. */
const checks16 = checkTable(16, 0x8005)
