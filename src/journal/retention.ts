import { readdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readKeptFrom, writeKeptFrom } from './kept-from.js'
import { parseSegmentFile, type SegmentKind } from './segment-format.js'
import { readIndexFile, type Segment } from './segment-index.js'

/** How long and how much is kept; null: without bound. */
export interface RetentionBound {
  readonly days: number | null
  readonly bytes: number | null
}

/** A segment file as it lies there; `partitions` null: it is in use, or nobody has said yet what it holds. */
export interface StoredSegment extends Omit<Segment, 'partitions'> {
  readonly partitions: Segment['partitions'] | null
  /** Last write, milliseconds of wall time. */
  readonly writtenAt: number
}

export interface Deletion {
  readonly segment: StoredSegment
  readonly reason: 'age' | 'bytes'
}

/** Oldest first. */
export function listStored(kind: SegmentKind, dir: string): StoredSegment[] {
  const stored: StoredSegment[] = []
  for (const file of readdirSync(dir)) {
    const name = parseSegmentFile(kind, file)
    const stat = name === null ? undefined : statSync(join(dir, file), { throwIfNoEntry: false })
    if (name === null || stat === undefined) continue
    stored.push({
      ...name,
      file,
      bytes: stat.size,
      writtenAt: stat.mtimeMs,
      partitions: readIndexFile(join(dir, file), bytes => bytes === stat.size),
    })
  }
  return stored.sort((a, b) => a.writtenAt - b.writtenAt || a.number - b.number)
}

/**
 * Which segments are to go: those that are older than the bound, and the oldest ones while all are larger than it. Of each
 * worker's log only a beginning goes; one that somebody needs keeps all that follow it in its log.
 */
export function chooseDeletions(
  stored: readonly StoredSegment[],
  bound: RetentionBound,
  now: number,
  isNeeded: (segment: StoredSegment) => boolean,
): Deletion[] {
  const deletions: Deletion[] = []
  const closed = new Set<number>()
  let bytes = stored.reduce((sum, segment) => sum + segment.bytes, 0)
  for (const segment of stored) {
    const old = bound.days !== null && now - segment.writtenAt > bound.days * 86_400_000
    const much = bound.bytes !== null && bytes > bound.bytes
    if (!old && !much) break
    if (closed.has(segment.worker)) continue
    if (segment.partitions === null || isNeeded(segment)) {
      closed.add(segment.worker)
      continue
    }
    bytes -= segment.bytes
    deletions.push({ segment, reason: old ? 'age' : 'bytes' })
  }
  return deletions
}

/** Says what goes, then deletes it: killed in between, the next call deletes the rest. Throws `disk-write`. */
export function deleteSegments(dir: string, segments: readonly StoredSegment[]): void {
  const before = readKeptFrom(dir)
  const offsets = new Map(before.offsets)
  const logs = new Map(before.logs)
  let until = before.until ?? 0
  for (const { partitions, worker, number, bytes, writtenAt } of segments) {
    for (const [partition, [, last]] of partitions ?? []) offsets.set(partition, Math.max(offsets.get(partition) ?? 0, last + 1))
    if (number > (logs.get(worker)?.number ?? 0)) logs.set(worker, { number, bytes })
    until = Math.max(until, writtenAt * 1000)
  }
  const highest = Math.max(before.highest, ...segments.map(({ number }) => number))
  writeKeptFrom(dir, { offsets, logs, highest, until })
  for (const { file } of segments) {
    unlinkSync(join(dir, file))
    unlinkSync(join(dir, `${file}.idx`))
  }
}
