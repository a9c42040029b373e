import { missingSample } from './recording.js'

/**
 * The storage formats of WFDB signal files, as signal(5) describes them. Samples of all signals of a file stand one
 * after the other, frame by frame; a format packs `blockSamples` of them into `blockBytes`.
 */
export interface WfdbFormat {
  readonly code: number
  readonly bits: number
  readonly blockSamples: number
  readonly blockBytes: number
  /** Bytes that the first k samples of a block occupy, k = 0 .. blockSamples - 1, as far as their bits reach. */
  readonly partialBytes: readonly number[]
  /** Code for a missing sample; null: the format has none (8 stores differences). */
  readonly invalid: number | null
  /** Reads `count` samples; `bytes` starts at a block and holds all bytes that they need. Missing ones become `missingSample`. */
  decode(bytes: Uint8Array, count: number, out: Int32Array): void
}

function simple(code: number, bits: number, invalid: number | null, read: (bytes: Uint8Array, at: number) => number): WfdbFormat {
  const size = Math.ceil(bits / 8)
  const decode = (bytes: Uint8Array, count: number, out: Int32Array): void => {
    for (let i = 0, at = 0; i < count; i++, at += size) {
      const value = read(bytes, at)
      out[i] = value === invalid ? missingSample : value
    }
  }
  return { code, bits, blockSamples: 1, blockBytes: size, partialBytes: [0], invalid, decode }
}

type Block = (bytes: Uint8Array, at: number, place: number) => number

/** Packed formats: `read` gets the sample at `place` of the block at `at`, unsigned; the sign is put back here. */
function packed(
  code: number,
  bits: number,
  blockSamples: number,
  blockBytes: number,
  partialBytes: readonly number[],
  read: Block,
): WfdbFormat {
  const invalid = -(2 ** (bits - 1))
  const shift = 32 - bits
  const decode = (bytes: Uint8Array, count: number, out: Int32Array): void => {
    for (let i = 0, at = 0, place = 0; i < count; i++) {
      const value = (read(bytes, at, place) << shift) >> shift
      out[i] = value === invalid ? missingSample : value
      if (++place === blockSamples) {
        place = 0
        at += blockBytes
      }
    }
  }
  return { code, bits, blockSamples, blockBytes, partialBytes, invalid, decode }
}

/** The two formats of nearly all records, in loops of their own: about three times as fast as through `read`. */
function decode16(bytes: Uint8Array, count: number, out: Int32Array): void {
  for (let i = 0, at = 0; i < count; i++, at += 2) {
    const value = (((bytes[at] as number) | ((bytes[at + 1] as number) << 8)) << 16) >> 16
    out[i] = value === -32768 ? missingSample : value
  }
}

function decode212(bytes: Uint8Array, count: number, out: Int32Array): void {
  for (let i = 0, at = 0; i < count; i += 2, at += 3) {
    const middle = bytes[at + 1] as number
    const first = (((bytes[at] as number) | (middle << 8)) << 20) >> 20
    out[i] = first === -2048 ? missingSample : first
    if (i + 1 === count) return
    const second = (((bytes[at + 2] as number) | ((middle & 0xf0) << 4)) << 20) >> 20
    out[i + 1] = second === -2048 ? missingSample : second
  }
}

// Bytes past the end read as 0: a last block may be cut off after the bits that count.
const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0

const formats: readonly WfdbFormat[] = [
  // First differences, signed bytes; the reader sums them up.
  simple(8, 8, null, (b, i) => (byte(b, i) << 24) >> 24),
  { ...simple(16, 16, -32768, byte), decode: decode16 },
  simple(24, 24, -8388608, (b, i) => ((byte(b, i) | (byte(b, i + 1) << 8) | (byte(b, i + 2) << 16)) << 8) >> 8),
  simple(32, 32, missingSample, (b, i) => byte(b, i) | (byte(b, i + 1) << 8) | (byte(b, i + 2) << 16) | (byte(b, i + 3) << 24)),
  // As 16, high byte first.
  simple(61, 16, -32768, (b, i) => ((byte(b, i + 1) | (byte(b, i) << 8)) << 16) >> 16),
  // Offset binary.
  simple(80, 8, -128, (b, i) => byte(b, i) - 128),
  simple(160, 16, -32768, (b, i) => (byte(b, i) | (byte(b, i + 1) << 8)) - 32768),
  // Two samples of 12 bits in three bytes; the middle byte holds the upper four bits of both, the first sample's low.
  { ...packed(212, 12, 2, 3, [0, 2], byte), decode: decode212 },
  // Three samples of 10 bits in two 16-bit words: bits 1..10 of each word, and the third from the upper five of both.
  packed(310, 10, 3, 4, [0, 2, 4], (b, i, place) => {
    if (place === 0) return (byte(b, i) >> 1) | ((byte(b, i + 1) & 0x07) << 7)
    if (place === 1) return (byte(b, i + 2) >> 1) | ((byte(b, i + 3) & 0x07) << 7)
    return (byte(b, i + 1) >> 3) | ((byte(b, i + 3) >> 3) << 5)
  }),
  // Three samples of 10 bits from the low end of a 32-bit word, whose two highest bits are unused.
  packed(311, 10, 3, 4, [0, 2, 3], (b, i, place) => {
    if (place === 0) return byte(b, i) | ((byte(b, i + 1) & 0x03) << 8)
    if (place === 1) return (byte(b, i + 1) >> 2) | ((byte(b, i + 2) & 0x0f) << 6)
    return (byte(b, i + 2) >> 4) | ((byte(b, i + 3) & 0x3f) << 4)
  }),
]

const byCode: ReadonlyMap<number, WfdbFormat> = new Map(formats.map(format => [format.code, format]))

/** Codes that can be read, for messages. */
export const wfdbFormatCodes: readonly number[] = formats.map(format => format.code)

export function findWfdbFormat(code: number): WfdbFormat | undefined {
  return byCode.get(code)
}

/** Bytes that `samples` samples of a file occupy, the last block as far as its bits reach. */
export function bytesForSamples(format: WfdbFormat, samples: number): number {
  const rest = samples % format.blockSamples
  return ((samples - rest) / format.blockSamples) * format.blockBytes + (format.partialBytes[rest] ?? 0)
}

/** Whole samples that fit into `bytes`. */
export function samplesInBytes(format: WfdbFormat, bytes: number): number {
  const blocks = Math.floor(bytes / format.blockBytes)
  const rest = bytes - blocks * format.blockBytes
  let extra = 0
  while (extra + 1 < format.blockSamples && (format.partialBytes[extra + 1] ?? 0) <= rest) extra++
  return blocks * format.blockSamples + extra
}
