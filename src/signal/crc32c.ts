/**
 * CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, initial and final value FFFFFFFF; "123456789" gives E3069283
 * (RFC 3720, appendix B.4 has further vectors). Eight bytes a step (slicing-by-8, Kounavis and Berry 2008).
 */
const tables = buildTables()

function buildTables(): Uint32Array {
  const table = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    table[byte] = crc
  }
  for (let slice = 1; slice < 8; slice++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = table[(slice - 1) * 256 + byte]!
      table[slice * 256 + byte] = (before >>> 8) ^ table[before & 255]!
    }
  }
  return table
}

/** CRC-32C of `bytes[from, to)`, unsigned. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  return ~update(-1, bytes, from, to) >>> 0
}

/** CRC-32C of what `seed` is the CRC of, followed by `bytes`. */
export function crc32cOn(seed: number, bytes: Uint8Array): number {
  return ~update(~seed, bytes, 0, bytes.length) >>> 0
}

/** CRC-32C of all of `bytes` with the four bytes at `hole` taken as zero: a message that carries its own CRC there. */
export function crc32cAround(bytes: Uint8Array, hole: number): number {
  const t = tables
  let crc = update(-1, bytes, 0, hole)
  for (let k = 0; k < 4; k++) crc = (crc >>> 8) ^ t[crc & 255]!
  return ~update(crc, bytes, hole + 4, bytes.length) >>> 0
}

function update(seed: number, bytes: Uint8Array, from: number, to: number): number {
  const t = tables
  let crc = seed
  let at = from
  for (const last = to - 7; at < last; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      t[1792 + (low & 255)]! ^
      t[1536 + ((low >>> 8) & 255)]! ^
      t[1280 + ((low >>> 16) & 255)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[at + 4]!]! ^
      t[512 + bytes[at + 5]!]! ^
      t[256 + bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]!) & 255]!
  return crc
}
