import { join } from 'node:path'
import { crc32c } from '../signal/crc32c.js'
import { type EventLogPosition, eventsType } from './event-log-writer.js'
import { parseSegmentFile } from './segment-format.js'
import type { SegmentIndex } from './segment-index.js'
import { scanSegment } from './segment-scan.js'

/** What the event log holds of one journal record: enough to compare a re-run with it. */
export interface LoggedLines {
  readonly bytes: number
  readonly crc: number
}

/**
 * Length and CRC of what is logged, by partition and journal offset, for offsets at or after `from`. `after` says where
 * in the log each partition's part begins at the earliest (null: anywhere), so that only the tail is read.
 */
export function readLoggedLines(
  index: SegmentIndex,
  from: ReadonlyMap<number, { offset: number; after: EventLogPosition | null }>,
): Map<number, Map<number, LoggedLines>> {
  const found = new Map<number, Map<number, LoggedLines>>()
  for (const segment of index.segments) {
    const wanted = [...segment.partitions].some(([partition, [, last]]) => {
      const start = from.get(partition)
      return start !== undefined && last >= start.offset && !isBefore(segment.file, start.after)
    })
    if (!wanted) continue
    for (const raw of scanSegment('events', join(index.dir, segment.file))) {
      const start = from.get(raw.partition)
      if (raw.type !== eventsType || start === undefined || raw.offset < start.offset) continue
      let lines = found.get(raw.partition)
      if (lines === undefined) found.set(raw.partition, (lines = new Map()))
      lines.set(raw.offset, { bytes: raw.body.length, crc: crc32c(raw.body) })
    }
  }
  return found
}

/** Is the whole segment older than the position? */
function isBefore(file: string, after: EventLogPosition | null): boolean {
  const name = parseSegmentFile('events', file)
  if (after === null || name === null) return false
  return name.run < after.run || (name.run === after.run && name.worker === after.worker && name.number < after.number)
}

export function describeLines(lines: string): LoggedLines {
  const bytes = Buffer.from(lines)
  return { bytes: bytes.length, crc: crc32c(bytes) }
}
