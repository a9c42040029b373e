import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { parseRecord, recordHeaderBytes } from './segment-format.js'

/** Largest type byte that any version has written. */
const mostType = 4

/**
 * Position of the first whole record at or after `from`, or null: where reading can go on behind damage. Every byte is tried;
 * what does not look like a header costs no checksum.
 */
export function findRecord(path: string, from: number): number | null {
  const fd = openSync(path, 'r')
  try {
    const size = fstatSync(fd).size
    const bytes = Buffer.alloc(Math.max(0, size - from))
    const read = readSync(fd, bytes, 0, bytes.length, from)
    for (let at = 0; at + recordHeaderBytes <= read; at++) {
      if (!looksLikeHeader(bytes, at, read)) continue
      const record = parseRecord(bytes, at, read, from)
      if (record !== 'short' && record !== 'bad') return from + at
    }
    return null
  } finally {
    closeSync(fd)
  }
}

function looksLikeHeader(bytes: Buffer, at: number, end: number): boolean {
  if (bytes[at + 11] !== 0 || bytes[at + 10]! > mostType) return false
  if (at + recordHeaderBytes + bytes.readUInt32LE(at) > end) return false
  const offset = bytes.readDoubleLE(at + 12)
  return Number.isSafeInteger(offset) && offset >= 0
}
