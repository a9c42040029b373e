import { existsSync, readdirSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import type { EventBatch, EventLogReader } from './event-log.js'
import { eventsType } from './event-log-writer.js'
import { findRecord } from './find-record.js'
import { readKeptFrom } from './kept-from.js'
import type { LoggedEvent } from './logged-event.js'
import {
  checkSegmentHeader,
  fillerType,
  parseRecord,
  parseSegmentFile,
  recordHeaderBytes,
  type SegmentName,
  segmentFile,
  segmentHeaderBytes,
} from './segment-format.js'
import { makeFolder } from './segment-index.js'
import type { WaveSegment } from './wave-segment.js'

/** By worker log a number that only goes up. */
type Position = Record<string, number>

/** A position's number is segment number times this, plus the byte in the segment. Segment numbers grow over all runs. */
const segmentSpan = 2 ** 32
const readBytes = 256 * 1024
/** A batch ends here even when it holds few of the wanted records, so that others get their turn. */
const batchBytes = 8 * 1024 * 1024

interface Batch {
  events: LoggedEvent[]
  segments: WaveSegment[]
  bytes: number
}

interface Following {
  readonly wake: () => void
  readonly isPast: (segment: SegmentName & { readonly bytes: number }) => boolean
}

/** The event logs of a data folder. `wake` is to be called whenever a worker has written. */
export class LocalEventLog {
  readonly #dir: string
  readonly #readers = new Map<EventLogReader, Following>()

  constructor(dir: string) {
    this.#dir = dir
    makeFolder(dir)
  }

  /** `position` null: from the beginning. Throws `usage-option` when it is not one of this log. */
  reader(position: string | null, options: { maxEvents?: number } = {}): EventLogReader {
    const maxEvents = options.maxEvents ?? 1000
    const given = parsePosition(position ?? '')
    const deleted = this.#deleted()
    const missing = position !== null && Object.keys(deleted).some(key => (given[key] ?? 0) < deleted[key]!)
    let at = furthest(given, deleted)
    let closed = false
    let news = true
    let wake: (() => void) | null = null
    let behind = 0
    const next = async (): Promise<EventBatch | null> => {
      while (!closed) {
        news = false
        const batch = await this.#read(at, maxEvents)
        if (closed) break
        at = batch.position
        if (batch.events.length + batch.segments.length > 0) {
          return { events: batch.events, segments: batch.segments, position: formatPosition(at) }
        }
        if (news) continue
        await new Promise<void>(resolve => {
          wake = resolve
        })
        wake = null
      }
      return null
    }
    const close = () => {
      closed = true
      this.#readers.delete(reader)
      wake?.()
    }
    const reader: EventLogReader = {
      next,
      missingUntil: missing ? readKeptFrom(this.#dir).until : null,
      get position() {
        return formatPosition(at)
      },
      bytesBehind: () => {
        // A measure must not end who asks: while the folder cannot be read, what was known last.
        try {
          behind = this.#bytesBehind(at)
        } catch {}
        return behind
      },
      close,
    }
    this.#readers.set(reader, {
      wake: () => {
        news = true
        wake?.()
      },
      isPast: segment => {
        const from = placeIn(segment, at)
        return from === null || from >= segment.bytes
      },
    })
    return reader
  }

  wake(): void {
    for (const { wake } of this.#readers.values()) wake()
  }

  /** Is there a reader that has not read the segment to its end? */
  isWanted(segment: SegmentName & { readonly bytes: number }): boolean {
    return [...this.#readers.values()].some(({ isPast }) => !isPast(segment))
  }

  /** The position after everything that was deleted. */
  #deleted(): Position {
    return Object.fromEntries(
      [...readKeptFrom(this.#dir).logs].map(([worker, { number, bytes }]) => [`w${worker}`, number * segmentSpan + bytes]),
    )
  }

  close(): void {
    for (const reader of [...this.#readers.keys()]) reader.close()
  }

  /** Position after everything that is written now. */
  end(): string {
    const position = this.#deleted()
    for (const name of this.#list()) position[logKey(name)] = name.number * segmentSpan + this.#size(name)
    return formatPosition(position)
  }

  #bytesBehind(from: Position): number {
    let bytes = 0
    for (const name of this.#list()) {
      const at = placeIn(name, from)
      if (at !== null) bytes += Math.max(0, this.#size(name) - at)
    }
    return bytes
  }

  /**
   * Reads run after run, an older one to its end first, so that each partition's events keep their order whichever worker
   * had it; within a run log after log.
   */
  async #read(from: Position, maxEvents: number): Promise<Batch & { position: Position }> {
    const batch: Batch = { events: [], segments: [], bytes: 0 }
    const position: Position = { ...from }
    for (const name of this.#list()) {
      for (;;) {
        if (batch.events.length + batch.segments.length >= maxEvents || batch.bytes >= batchBytes) return { ...batch, position }
        const at = placeIn(name, position)
        if (at === null || at >= this.#size(name)) break
        const end = await this.#readFile(name, at, maxEvents, batch)
        if (end === at) break
        position[logKey(name)] = name.number * segmentSpan + end
      }
    }
    return { ...batch, position }
  }

  /** Reads one block's whole records from `at` on; returns where they end. */
  async #readFile(name: SegmentName, at: number, maxEvents: number, batch: Batch): Promise<number> {
    const path = join(this.#dir, segmentFile('events', name))
    const handle = await open(path, 'r')
    try {
      if (at === segmentHeaderBytes && !(await readHeader(handle, path))) return at
      let buffer = Buffer.allocUnsafe(Math.min(readBytes, this.#size(name) - at))
      let { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
      if (bytesRead >= recordHeaderBytes && recordHeaderBytes + buffer.readUInt32LE(0) > buffer.length) {
        const needed = recordHeaderBytes + buffer.readUInt32LE(0)
        if (at + needed > this.#size(name)) return at
        buffer = Buffer.allocUnsafe(needed)
        bytesRead = (await handle.read(buffer, 0, needed, at)).bytesRead
      }
      let used = 0
      while (batch.events.length + batch.segments.length < maxEvents) {
        const record = parseRecord(buffer, used, bytesRead, at)
        // What is not whole is being written, or will be cut off at the next start.
        if (record === 'short' || record === 'bad') break
        used += record.length
        for (const line of buffer.toString('utf8', record.position - at + recordHeaderBytes, used).split('\n')) {
          if (line === '') continue
          if (record.type === fillerType) continue
          if (record.type === eventsType) batch.events.push(JSON.parse(line) as LoggedEvent)
          else batch.segments.push(JSON.parse(line) as WaveSegment)
        }
      }
      batch.bytes += used
      // A file that is closed does not grow: what cannot be read is damage, and what stands behind it is given.
      if (used === 0 && existsSync(`${path}.idx`)) return findRecord(path, at + 1) ?? this.#size(name)
      return at + used
    } finally {
      await handle.close()
    }
  }

  /** All segments, by run, then worker, then number. */
  #list(): SegmentName[] {
    return readdirSync(this.#dir)
      .sort()
      .map(file => parseSegmentFile('events', file))
      .filter(name => name !== null)
  }

  #size(name: SegmentName): number {
    return statSync(join(this.#dir, segmentFile('events', name)), { throwIfNoEntry: false })?.size ?? 0
  }
}

function furthest(a: Position, b: Position): Position {
  const position = { ...a }
  for (const [key, place] of Object.entries(b)) position[key] = Math.max(position[key] ?? 0, place)
  return position
}

function logKey(name: SegmentName): string {
  return `w${name.worker}`
}

/** Byte from which the segment is still to be read; null: it lies before the position. */
function placeIn(name: SegmentName, position: Position): number | null {
  const place = position[logKey(name)] ?? 0
  const number = Math.floor(place / segmentSpan)
  if (name.number < number) return null
  return name.number === number ? Math.max(place % segmentSpan, segmentHeaderBytes) : segmentHeaderBytes
}

/** `w0:4294967312,w1:...`; empty: the beginning. */
function formatPosition(position: Position): string {
  return Object.keys(position)
    .sort()
    .map(key => `${key}:${position[key]}`)
    .join(',')
}

function parsePosition(text: string): Position {
  const position: Position = {}
  if (text === '') return position
  for (const part of text.split(',')) {
    const match = /^(w\d{1,3}):(\d{1,16})$/.exec(part)
    if (match === null || !Number.isSafeInteger(Number(match[2]))) {
      throw new VitalwireError('usage-option', `event log position ${JSON.stringify(text)}: accepted is one given by this engine`)
    }
    position[match[1]!] = Number(match[2])
  }
  return position
}

async function readHeader(handle: FileHandle, path: string): Promise<boolean> {
  const head = Buffer.alloc(segmentHeaderBytes)
  const { bytesRead } = await handle.read(head, 0, segmentHeaderBytes, 0)
  if (bytesRead < segmentHeaderBytes) return false
  checkSegmentHeader('events', head, path)
  return true
}
