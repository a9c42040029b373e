/** Header of a FLAC frame. Source: RFC 9639, section 9.1. */
export interface FlacFrameHeader {
  /** Samples of a channel. */
  readonly blockSize: number
  /** 0 to 7: that many channels more than one, each for itself; 8 left and side, 9 side and right, 10 middle and side. */
  readonly assignment: number
  /** Of a sample; 0: as the stream description says. */
  readonly bits: number
  /** Bytes of the header, with its checksum. */
  readonly length: number
}

/** A frame header of 4 bytes, a coded number of up to 7, sizes of up to 4, and its checksum. */
export const mostHeaderBytes = 16

const blockSizes = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768]
/** By code; -1: reserved. */
const sampleBits = [0, 8, 12, -1, 16, 20, 24, 32]

/** Null where no frame header with a proper checksum stands. */
export function readFrameHeader(bytes: Uint8Array, from: number): FlacFrameHeader | null {
  if (bytes[from] !== 0xff || (bytes[from + 1]! & 0xfe) !== 0xf8) return null
  const sizeCode = bytes[from + 2]! >> 4
  const rateCode = bytes[from + 2]! & 15
  const assignment = bytes[from + 3]! >> 4
  const bits = sampleBits[(bytes[from + 3]! >> 1) & 7]!
  if (sizeCode === 0 || rateCode === 15 || assignment > 10 || bits < 0 || (bytes[from + 3]! & 1) !== 0) return null
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
  return sum === bytes[at] ? { blockSize, assignment, bits, length: at + 1 - from } : null
}

/** Table of a checksum of 8 or 16 bits, the highest bit first. */
export function checkTable(bits: 8 | 16, polynomial: number): Uint16Array {
  const mask = 2 ** bits - 1
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (bits - 8)
    for (let k = 0; k < 8; k++) value = (value & (1 << (bits - 1))) !== 0 ? ((value << 1) ^ polynomial) & mask : value << 1
    return value
  })
}

/** x^8 + x^2 + x + 1, over a frame header. */
const checks8 = checkTable(8, 0x07)
