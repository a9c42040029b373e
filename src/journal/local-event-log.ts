import { readdirSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import type { EventBatch, EventLog, LogContent, LogPosition } from './event-log.js'
import { eventsType, segmentsType } from './event-log-writer.js'
import type { LoggedEvent } from './logged-event.js'
import {
  checkSegmentHeader,
  parseRecord,
  parseSegmentFile,
  recordHeaderBytes,
  type SegmentName,
  segmentFile,
  segmentHeaderBytes,
} from './segment-format.js'
import { makeFolder } from './segment-index.js'
import { parseSegments, type WaveSegment } from './wave-segment.js'

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

/** The event logs of a data folder. `wake` is to be called whenever a worker has written. */
export class LocalEventLog implements EventLog {
  readonly epoch: string
  readonly #dir: string
  readonly #listeners = new Set<() => void>()

  constructor(dir: string, epoch: string) {
    this.#dir = dir
    this.epoch = epoch
    makeFolder(dir)
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  wake(): void {
    for (const listener of this.#listeners) listener()
  }

  async end(): Promise<LogPosition> {
    const position: Record<string, number> = {}
    for (const name of this.#list()) {
      position[logKey(name)] = name.number * segmentSpan + this.#size(name)
    }
    return position
  }

  bytesBehind(from: LogPosition): number {
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
  async read(from: LogPosition, maxEvents: number, content: LogContent = 'events'): Promise<EventBatch> {
    const batch: Batch = { events: [], segments: [], bytes: 0 }
    const position: Record<string, number> = { ...from }
    for (const name of this.#list()) {
      for (;;) {
        if (batch.events.length + batch.segments.length >= maxEvents || batch.bytes >= batchBytes) return { ...batch, position }
        const at = placeIn(name, position)
        if (at === null || at >= this.#size(name)) break
        const end = await this.#readFile(name, at, maxEvents, content, batch)
        if (end === at) break
        position[logKey(name)] = name.number * segmentSpan + end
      }
    }
    return { events: batch.events, segments: batch.segments, position }
  }

  /** Reads one block's whole records from `at` on; returns where they end. */
  async #readFile(name: SegmentName, at: number, maxEvents: number, content: LogContent, batch: Batch): Promise<number> {
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
        if (record.type !== (content === 'events' ? eventsType : segmentsType)) continue
        const lines = buffer.toString('utf8', record.position - at + recordHeaderBytes, used)
        if (content === 'segments') batch.segments.push(...parseSegments(lines))
        else for (const line of lines.split('\n')) if (line !== '') batch.events.push(JSON.parse(line) as LoggedEvent)
      }
      batch.bytes += used
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

function logKey(name: SegmentName): string {
  return `w${name.worker}`
}

/** Byte from which the segment is still to be read; null: it lies before the position. */
function placeIn(name: SegmentName, position: LogPosition): number | null {
  const place = position[logKey(name)] ?? 0
  if (!Number.isSafeInteger(place) || place < 0) {
    throw new VitalwireError('usage-option', `event log position ${JSON.stringify(position)}: accepted is one given by this engine`)
  }
  const number = Math.floor(place / segmentSpan)
  if (name.number < number) return null
  return name.number === number ? Math.max(place % segmentSpan, segmentHeaderBytes) : segmentHeaderBytes
}

async function readHeader(handle: FileHandle, path: string): Promise<boolean> {
  const head = Buffer.alloc(segmentHeaderBytes)
  const { bytesRead } = await handle.read(head, 0, segmentHeaderBytes, 0)
  if (bytesRead < segmentHeaderBytes) return false
  checkSegmentHeader('events', head, path)
  return true
}
