/**
 * Zig-zag varints of codec 1: a signed 32-bit number n becomes (n << 1) ^ (n >> 31), then 7 bits a byte, least
 * significant first, bit 7 set while more follow; at most 5 bytes, of which the last holds 4 bits.
 */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

export function unzigzag(code: number): number {
  return (code >>> 1) ^ -(code & 1)
}

export function varintLength(code: number): number {
  return code < 0x80 ? 1 : code < 0x4000 ? 2 : code < 0x200000 ? 3 : code < 0x10000000 ? 4 : 5
}

/** Writes `code` (unsigned 32 bits) at `at`; returns the offset behind it. */
export function writeVarint(bytes: Uint8Array, at: number, code: number): number {
  let rest = code
  let to = at
  while (rest > 127) {
    bytes[to++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[to++] = rest
  return to
}

/**
 * How many whole varints stand in `bytes[from, to)`; -1 when one is longer than 5 bytes, has more than 32 bits, or is
 * cut off by the end.
 */
export function countVarints(bytes: Uint8Array, from: number, to: number): number {
  let count = 0
  let length = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    length++
    if (byte < 128) {
      if (length === 5 && byte > 15) return -1
      count++
      length = 0
    } else if (length === 5) return -1
  }
  return length === 0 ? count : -1
}
