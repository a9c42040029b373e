import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import type { JournalEntry, JournalReference } from '../journal/journal.js'
import type { JournalRecord, MessageRecord } from '../journal/record.js'
import { decodeRecord } from '../journal/record-codec.js'
import { parseRecord, parseSegmentFile, type RawRecord, type SegmentKind, type SegmentName } from '../journal/segment-format.js'
import { scanSegment } from '../journal/segment-scan.js'

/** A place where reading a segment ended before its end. */
export interface ReadProblem {
  readonly file: string
  /** Byte in the file. */
  readonly position: number
  /** `unfinished`: the last record of the newest segment is not whole (it is being written, or a crash cut it); `damaged`: anything else. */
  readonly state: 'unfinished' | 'damaged'
}

interface RawEntry extends RawRecord {
  readonly file: string
}

/**
 * The journal and event log of a data folder, read without changing anything and without a lock: an engine may be
 * writing to them. What stands in them when a file is opened is read.
 */
export class JournalFolder {
  readonly path: string
  readonly #problems = new Map<string, ReadProblem>()

  /** Throws `disk-format` when the folder is no data folder. */
  constructor(path: string) {
    this.path = path
    if (!existsSync(join(path, 'journal')) || !existsSync(join(path, 'events')))
      throw new VitalwireError(
        'disk-format',
        `${path}: holds no journal; accepted is the data folder of an engine (serve --data), which has the folders journal and events`,
      )
  }

  /** Of everything that was read so far. */
  get problems(): readonly ReadProblem[] {
    return [...this.#problems.values()]
  }

  /** Segment files in the order in which they were written. */
  segments(kind: SegmentKind): { readonly file: string; readonly name: SegmentName }[] {
    return readdirSync(join(this.path, kind))
      .sort()
      .flatMap(file => {
        const name = parseSegmentFile(kind, file)
        return name === null ? [] : [{ file, name }]
      })
  }

  /** Journal records, each partition's in order; of all partitions, or of those named. */
  *records(partitions: ReadonlySet<number> | null = null): Generator<JournalEntry> {
    for (const raw of this.raw('journal', partitions)) {
      // The body is lent by the scan; records outlive it.
      const record = decodeRecord(raw.type, Uint8Array.prototype.slice.call(raw.body))
      const reference = { file: raw.file, position: raw.position, length: raw.length }
      yield { partition: raw.partition, offset: raw.offset, record, reference }
    }
  }

  /**
   * What a device sent, in the order in which it came: a device that went from one partition to another stands in several files.
   * The places are found first and then read one after the other, so that a long recording is never in memory whole.
   */
  *messagesOf(device: string): Generator<MessageRecord> {
    const places: { readonly at: number; readonly reference: JournalReference }[] = []
    for (const { record, reference } of this.records())
      if (record.type === 'message' && record.device === device) places.push({ at: record.at, reference })
    places.sort((a, b) => a.at - b.at)
    const open = new Map<string, number>()
    try {
      for (const { reference } of places) {
        const { file } = reference
        if (!open.has(file)) open.set(file, openSync(join(this.path, 'journal', file), 'r'))
        const record = readRecord(open.get(file)!, reference)
        if (record.type === 'message') yield record
      }
    } finally {
      for (const fd of open.values()) closeSync(fd)
    }
  }

  /** Records as they stand in the files; a body is valid until the next is asked for. */
  *raw(kind: SegmentKind, partitions: ReadonlySet<number> | null = null): Generator<RawEntry> {
    const segments = this.segments(kind)
    for (const { file, name } of segments) {
      const records = scanSegment(kind, join(this.path, kind, file))
      let step = records.next()
      for (; step.done !== true; step = records.next()) {
        if (partitions === null || partitions.has(step.value.partition)) yield { ...step.value, file }
      }
      const { state, position } = step.value
      if (state === 'whole') continue
      const newer = segments.some(
        other => other.name.run === name.run && other.name.worker === name.worker && other.name.number > name.number,
      )
      this.#problems.set(file, { file, position, state: state === 'short' && !newer ? 'unfinished' : 'damaged' })
    }
  }
}

function readRecord(fd: number, { file, position, length }: JournalReference): JournalRecord {
  const bytes = Buffer.alloc(length)
  readSync(fd, bytes, 0, length, position)
  const raw = parseRecord(bytes, 0, length, position)
  if (raw === 'short' || raw === 'bad')
    throw new VitalwireError('disk-format', `${file}: the record at byte ${position} is not what it was; accepted: to try again`)
  return decodeRecord(raw.type, raw.body)
}
