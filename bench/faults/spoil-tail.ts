import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { deserialize } from 'node:v8'
import type { EventLogPosition } from '../../src/journal/event-log-writer.js'
import { parseSegmentFile, recordHeaderBytes, type SegmentKind, segmentHeaderBytes } from '../../src/journal/segment-format.js'
import { scanSegment } from '../../src/journal/segment-scan.js'
import type { Draw } from './draw.js'
import type { Tail } from './plan.js'

const snapshotHeaderBytes = 24

/**
 * Makes the last segment of a worker's log end as a kill in mid-write would have it, or worse; returns what was done.
 * What stood there whole is not touched in the journal: it was acknowledged.
 */
export function spoilTail(dataDir: string, tail: Tail, draw: Draw): string {
  const kind: SegmentKind = tail.endsWith('journal') ? 'journal' : 'events'
  const folder = path.join(dataDir, kind)
  const last = lastSegments(kind, folder)
  if (last.length === 0) return `${tail}: no segment`
  const file = draw.oneOf(last)
  const at = path.join(folder, file)
  if (tail.startsWith('garbage')) {
    const bytes = Buffer.from(Array.from({ length: draw.whole(1, 300) }, () => draw.whole(0, 255)))
    appendFileSync(at, bytes)
    return `${tail}: ${bytes.length} bytes after ${file}`
  }
  const records = [...scanSegment(kind, at)].map(({ position, length }) => ({ position, length }))
  const end = records.at(-1)
  if (end === undefined) return `${tail}: ${file} is empty`
  if (tail === 'cut-events') {
    const from = Math.max(segmentHeaderBytes, firstFree(dataDir, file))
    const cuttable = records.filter(({ position }) => position >= from)
    if (cuttable.length === 0) return `${tail}: snapshots stand on all of ${file}`
    const cut = draw.oneOf(cuttable.slice(-20))
    // In the middle of a record or between two.
    const to = cut.position + (draw.chance(0.5) ? 0 : draw.whole(1, cut.length - 1))
    truncateSync(at, to)
    return `${tail}: ${file} cut from ${end.position + end.length} to ${to} bytes`
  }
  const bytes = readFileSync(at).subarray(end.position, end.position + end.length)
  const part = bytes.subarray(0, draw.chance(0.3) ? draw.whole(1, recordHeaderBytes) : draw.whole(1, bytes.length - 1))
  appendFileSync(at, part)
  return `${tail}: ${part.length} bytes of a record after ${file}`
}

/** Last segment of each worker in the newest run. */
function lastSegments(kind: SegmentKind, folder: string): string[] {
  const names = readdirSync(folder)
    .map(file => ({ file, name: parseSegmentFile(kind, file) }))
    .filter(entry => entry.name !== null)
  const run = Math.max(...names.map(({ name }) => name!.run))
  const last = new Map<number, string>()
  for (const { file, name } of names.sort((a, b) => (a.file < b.file ? -1 : 1))) {
    // The main thread's own log is no partition's.
    if (name!.run === run && name!.worker < 255 && statSync(path.join(folder, file)).size > segmentHeaderBytes) last.set(name!.worker, file)
  }
  return [...last.values()]
}

/** First byte of an event log file that no snapshot stands on. */
function firstFree(dataDir: string, file: string): number {
  const own = parseSegmentFile('events', file)!
  let from = 0
  for (const snapshot of readdirSync(path.join(dataDir, 'snapshots'))) {
    if (!snapshot.endsWith('.vws')) continue
    const body = readFileSync(path.join(dataDir, 'snapshots', snapshot)).subarray(snapshotHeaderBytes)
    const { eventPosition: at } = deserialize(body) as { eventPosition: EventLogPosition }
    if (at.run === own.run && at.worker === own.worker && at.number >= own.number) {
      from = Math.max(from, at.number > own.number ? Number.POSITIVE_INFINITY : at.position)
    }
  }
  return from
}
