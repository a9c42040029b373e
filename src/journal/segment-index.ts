import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import { findRecord } from './find-record.js'
import { type KeptFrom, readKeptFrom, writeKeptFrom } from './kept-from.js'
import { parseSegmentFile, type SegmentKind, type SegmentName } from './segment-format.js'
import { type Damage, fillDamage, putAside } from './segment-repair.js'
import { checkFileHeader, scanSegment } from './segment-scan.js'

/** First and last offset of a partition in a segment. */
export type OffsetRange = [first: number, last: number]

export interface Segment extends SegmentName {
  readonly file: string
  readonly bytes: number
  readonly partitions: ReadonlyMap<number, OffsetRange>
}

/** A tail that a crash or a full disk left unfinished; it was never acknowledged. The bytes are kept beside. */
export interface TornTail {
  readonly file: string
  readonly position: number
  readonly bytes: number
}

export interface SegmentIndex {
  readonly dir: string
  readonly segments: readonly Segment[]
  readonly torn: readonly TornTail[]
  /** Stretches that could not be read and were acknowledged. */
  readonly damaged: readonly Damage[]
  /** What was there before and was deleted. */
  readonly keptFrom: KeptFrom
}

interface Found {
  readonly torn: TornTail[]
  readonly damaged: Damage[]
}

/** Record types that are counted by partition: all but the wave segments of the event log. */
export const uncountedType = 4

/**
 * Lists a folder's segments in order, each with the offsets that it holds: from the `.idx` file beside it, else by
 * reading it. The last segment of each worker's log may end in a torn record, which is cut off and reported; damage
 * anywhere else is filled, kept aside and reported. Nobody may be writing to what is indexed: with `only`, just that worker's files are
 * read and the others are taken as far as they have been indexed.
 */
export function indexSegments(kind: SegmentKind, dir: string, only?: { run: number; worker: number }): SegmentIndex {
  makeFolder(dir)
  const names = readdirSync(dir)
    .map(file => ({ file, name: parseSegmentFile(kind, file) }))
    .filter((entry): entry is { file: string; name: SegmentName } => entry.name !== null)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
  const segments: Segment[] = []
  const found: Found = { torn: [], damaged: [] }
  for (const { file, name } of names) {
    const foreign = only !== undefined && name.run === only.run && name.worker !== only.worker
    if (foreign) continue
    const path = join(dir, file)
    const bytes = statSync(path, { throwIfNoEntry: false })?.size
    // Deleted since the folder was listed: nobody needs it.
    if (bytes === undefined) continue
    // The index says what the records are, not whether this version can read them.
    checkFileHeader(kind, path)
    const known = readIndexFile(path, counted => counted === bytes)
    if (known !== null) {
      segments.push({ ...name, file, bytes, partitions: known })
      continue
    }
    const isLast = !names.some(other => other.name.run === name.run && other.name.worker === name.worker && other.name.number > name.number)
    const segment = readSegment(kind, dir, file, name, isLast, found)
    if (segment === null) continue
    writeIndexFile(path, segment.bytes, segment.partitions)
    segments.push(segment)
  }
  return { dir, segments, ...found, keptFrom: readKeptFrom(dir) }
}

/**
 * Reads a segment through and mends it: an unfinished record at the end of a worker's newest file is cut off (it was never
 * acknowledged), any other damage gets a filler, so that what stands before and behind it is read. null when nothing of the
 * file was left.
 */
function readSegment(kind: SegmentKind, dir: string, file: string, name: SegmentName, isLast: boolean, found: Found): Segment | null {
  const path = join(dir, file)
  const fileSize = statSync(path).size
  // Closed and counted once, and shorter now: its end is no crash's.
  const counted = readIndexFile(path, size => size > fileSize)
  const partitions = new Map<number, OffsetRange>(counted)
  let from = 0
  for (;;) {
    const records = scanSegment(kind, path, from)
    let step = records.next()
    for (; step.done !== true; step = records.next()) {
      if (step.value.type !== uncountedType) extendRange(partitions, step.value.partition, step.value.offset)
    }
    const { state, position, fileBytes } = step.value
    if (state === 'whole') {
      if (counted !== null) found.damaged.push({ file, position, bytes: 0, aside: '' })
      return { ...name, file, bytes: position, partitions }
    }
    const next = position === 0 ? null : findRecord(path, position + 1)
    if (next !== null) {
      found.damaged.push(fillDamage(path, position, next - position))
      from = position
      continue
    }
    const bytes = fileBytes - position
    if (isLast && counted === null) {
      found.torn.push({ file, position, bytes })
      if (position === 0) {
        unlinkSync(path)
        return null
      }
      keepTail(path, position)
    } else if (position === 0) {
      found.damaged.push(putAside(path, bytes))
      keepOffsets(dir, name, partitions)
      return null
    } else found.damaged.push(fillDamage(path, position, bytes))
    if (isLast && counted === null) truncateSync(path, position)
    return { ...name, file, bytes: isLast && counted === null ? position : statSync(path).size, partitions }
  }
}

/** The offsets of a file that is gone are not given again: what was made of its records is in the event log. */
function keepOffsets(dir: string, { number }: SegmentName, partitions: ReadonlyMap<number, OffsetRange>): void {
  const before = readKeptFrom(dir)
  const offsets = new Map(before.offsets)
  for (const [partition, [, last]] of partitions) offsets.set(partition, Math.max(offsets.get(partition) ?? 0, last + 1))
  writeKeptFrom(dir, { ...before, offsets, highest: Math.max(before.highest, number) })
}

/** A copy of what is cut off, for whoever wants to look; not being able to write it stops nothing. */
function keepTail(path: string, position: number): void {
  try {
    writeFileSync(`${path}.torn-${position}`, readFileSync(path).subarray(position))
  } catch {}
}

export function extendRange(partitions: Map<number, OffsetRange>, partition: number, offset: number): void {
  const range = partitions.get(partition)
  if (range === undefined) partitions.set(partition, [offset, offset])
  else range[1] = Math.max(range[1], offset)
}

/** The offset after the last one, by partition, over all segments that are or were there. */
export function nextOffsets({ segments, keptFrom }: SegmentIndex): Map<number, number> {
  const next = new Map(keptFrom.offsets)
  for (const segment of segments) {
    for (const [partition, [, last]] of segment.partitions) next.set(partition, Math.max(next.get(partition) ?? 0, last + 1))
  }
  return next
}

/** Number for the next segment of any worker: they only go up, over all runs. */
export function nextNumber({ segments, keptFrom }: SegmentIndex): number {
  return Math.max(keptFrom.highest, ...segments.map(({ number }) => number)) + 1
}

/** Saves reading the segment at the next start; not being able to write it costs only that. */
export function writeIndexFile(path: string, bytes: number, partitions: ReadonlyMap<number, OffsetRange>): void {
  try {
    writeFileSync(`${path}.idx.tmp`, JSON.stringify({ version: 1, bytes, partitions: [...partitions] }))
    renameSync(`${path}.idx.tmp`, `${path}.idx`)
  } catch {}
}

export function readIndexFile(path: string, fits: (bytes: number) => boolean): Map<number, OffsetRange> | null {
  try {
    const saved = JSON.parse(readFileSync(`${path}.idx`, 'utf8')) as { version: number; bytes: number; partitions: [number, OffsetRange][] }
    return saved.version === 1 && fits(saved.bytes) ? new Map(saved.partitions) : null
  } catch {
    return null
  }
}

export function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true })
  } catch (cause) {
    throw new VitalwireError('disk-write', `${dir}: cannot be made; accepted is a folder that this user may write to`, { cause })
  }
}
