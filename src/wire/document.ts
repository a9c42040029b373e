import { decodeCbor, encodeCbor } from './cbor.js'

/** Births, packs, events and states: at most this long. */
const maxDocumentBytes = 262_144
export type Encoding = 'json' | 'cbor'

/**
 * JSON or CBOR: the first byte tells them apart, as no CBOR map or array begins with `{`, `[` or white space. Undefined
 * when it is neither or too long.
 */
export function decodeDocument(bytes: Uint8Array): unknown {
  if (bytes.length === 0 || bytes.length > maxDocumentBytes) return undefined
  const first = bytes[0]!
  try {
    if (first >= 0x80 && first < 0xc0) return decodeCbor(bytes)
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch {
    return undefined
  }
}

/** Members that are undefined are left out. */
export function encodeDocument(value: unknown, encoding: Encoding = 'json'): Uint8Array {
  return encoding === 'cbor' ? encodeCbor(value) : new TextEncoder().encode(JSON.stringify(value))
}
