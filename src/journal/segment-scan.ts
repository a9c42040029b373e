import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  checkSegmentHeader,
  fillerType,
  parseRecord,
  type RawRecord,
  recordHeaderBytes,
  type SegmentKind,
  segmentHeaderBytes,
} from './segment-format.js'

const blockBytes = 1024 * 1024

/** Where reading ended and why: at the file's end, at a record that is cut off there, or at a damaged one. */
export interface ScanEnd {
  readonly position: number
  readonly state: 'whole' | 'short' | 'bad'
  readonly fileBytes: number
}

/**
 * Reads the records of a segment file from `from` on (0: from the first). The generator's return value says how it
 * ended. Records appended while it reads may or may not be seen.
 */
export function* scanSegment(kind: SegmentKind, path: string, from = 0): Generator<RawRecord, ScanEnd> {
  const fd = openSync(path, 'r')
  try {
    const fileBytes = fstatSync(fd).size
    const head = Buffer.alloc(segmentHeaderBytes)
    if (readSync(fd, head, 0, segmentHeaderBytes, 0) < segmentHeaderBytes) return { position: 0, state: 'short', fileBytes }
    checkSegmentHeader(kind, head, path)
    let buffer = Buffer.alloc(blockBytes)
    let base = Math.max(from, segmentHeaderBytes)
    let filled = 0
    let at = 0
    for (;;) {
      const record = parseRecord(buffer, at, filled, base)
      if (record === 'bad') return { position: base + at, state: 'bad', fileBytes }
      if (record !== 'short') {
        at += record.length
        if (record.type !== fillerType) yield record
        continue
      }
      const rest = filled - at
      const needed = rest >= recordHeaderBytes ? recordHeaderBytes + buffer.readUInt32LE(at) : blockBytes
      const next = needed > buffer.length ? Buffer.alloc(needed) : buffer
      buffer.copy(next, 0, at, filled)
      buffer = next
      base += at
      at = 0
      const read = readSync(fd, buffer, rest, buffer.length - rest, base + rest)
      filled = rest + read
      if (read === 0) return { position: base, state: rest === 0 ? 'whole' : 'short', fileBytes }
    }
  } finally {
    closeSync(fd)
  }
}

/** Throws `disk-format` when the file has a header of another kind or version; one that is cut short is for the scan to judge. */
export function checkFileHeader(kind: SegmentKind, path: string): void {
  const fd = openSync(path, 'r')
  try {
    const head = Buffer.alloc(segmentHeaderBytes)
    if (readSync(fd, head, 0, segmentHeaderBytes, 0) === segmentHeaderBytes) checkSegmentHeader(kind, head, path)
  } finally {
    closeSync(fd)
  }
}
