import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import { type KeptFrom, readKeptFrom } from './kept-from.js'
import { parseSegmentFile, type SegmentKind, type SegmentName } from './segment-format.js'
import { checkFileHeader, claimedLength, recordStandsAt, scanSegment } from './segment-scan.js'

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
  /** What was there before and was deleted. */
  readonly keptFrom: KeptFrom
}

/** Record types that are counted by partition: all but the wave segments of the event log. */
export const uncountedType = 4

/**
 * Lists a folder's segments in order, each with the offsets that it holds: from the `.idx` file beside it, else by
 * reading it. The last segment of each worker's log may end in a torn record, which is cut off and reported. Damage
 * anywhere else is `disk-format`. Nobody may be writing to what is indexed: with `only`, just that worker's files are
 * read and the others are taken as far as they have been indexed.
 */
export function indexSegments(kind: SegmentKind, dir: string, only?: { run: number; worker: number }): SegmentIndex {
  makeFolder(dir)
  const names = readdirSync(dir)
    .map(file => ({ file, name: parseSegmentFile(kind, file) }))
    .filter((entry): entry is { file: string; name: SegmentName } => entry.name !== null)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
  const segments: Segment[] = []
  const torn: TornTail[] = []
  for (const { file, name } of names) {
    const foreign = only !== undefined && name.run === only.run && name.worker !== only.worker
    if (foreign) continue
    const path = join(dir, file)
    const bytes = statSync(path, { throwIfNoEntry: false })?.size
    // Deleted since the folder was listed: nobody needs it.
    if (bytes === undefined) continue
    // The index says what the records are, not whether this version can read them.
    checkFileHeader(kind, path)
    const known = readIndexFile(path, bytes)
    if (known !== null) {
      segments.push({ ...name, file, bytes, partitions: known })
      continue
    }
    const isLast = !names.some(other => other.name.run === name.run && other.name.worker === name.worker && other.name.number > name.number)
    const segment = readSegment(kind, dir, file, name, isLast, torn)
    if (segment === null) continue
    writeIndexFile(path, segment.bytes, segment.partitions)
    segments.push(segment)
  }
  return { dir, segments, torn, keptFrom: readKeptFrom(dir) }
}

/** Reads a segment through; null when nothing of it was left. */
function readSegment(kind: SegmentKind, dir: string, file: string, name: SegmentName, isLast: boolean, torn: TornTail[]): Segment | null {
  const path = join(dir, file)
  const partitions = new Map<number, OffsetRange>()
  const records = scanSegment(kind, path)
  let step = records.next()
  for (; step.done !== true; step = records.next()) {
    if (step.value.type !== uncountedType) extendRange(partitions, step.value.partition, step.value.offset)
  }
  const end = step.value
  if (end.state !== 'whole') {
    const followed = end.state === 'bad' && recordStandsAt(path, end.position + claimedLength(path, end.position))
    if (!isLast || followed) {
      throw new VitalwireError(
        'disk-format',
        `${path}: damaged at byte ${end.position} of ${end.fileBytes}; accepted is damage of the last record only (restore the file from a copy)`,
      )
    }
    torn.push({ file, position: end.position, bytes: end.fileBytes - end.position })
    if (end.position === 0) {
      unlinkSync(path)
      return null
    }
    keepTail(path, end.position)
    truncateSync(path, end.position)
  }
  return { ...name, file, bytes: end.position, partitions }
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
  return Math.max(0, ...segments.map(({ number }) => number), ...[...keptFrom.logs.values()].map(({ number }) => number)) + 1
}

/** Saves reading the segment at the next start; not being able to write it costs only that. */
export function writeIndexFile(path: string, bytes: number, partitions: ReadonlyMap<number, OffsetRange>): void {
  try {
    writeFileSync(`${path}.idx.tmp`, JSON.stringify({ version: 1, bytes, partitions: [...partitions] }))
    renameSync(`${path}.idx.tmp`, `${path}.idx`)
  } catch {}
}

export function readIndexFile(path: string, bytes: number): Map<number, OffsetRange> | null {
  try {
    const saved = JSON.parse(readFileSync(`${path}.idx`, 'utf8')) as { version: number; bytes: number; partitions: [number, OffsetRange][] }
    return saved.version === 1 && saved.bytes === bytes ? new Map(saved.partitions) : null
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
