import type { JournalLevel } from './journal-level.js'
import { noPartition, recordHeaderBytes, sealRecord, writeRecordHeader } from './segment-format.js'
import { nextNumber, type SegmentIndex, uncountedType } from './segment-index.js'
import { SegmentWriter } from './segment-writer.js'
import type { WaveSegment } from './wave-segment.js'

/** Types of event log records: JSON lines of `LoggedEvent`s that one journal record caused, and of `WaveSegment`s. */
export const eventsType = 3
const segmentsType = uncountedType

/** Number of the log that the engine's main thread writes, beside those of the workers. */
export const mainLog = 255

/** Where a worker's event log stood at some moment: everything written later is at or after it. */
export interface EventLogPosition {
  readonly run: number
  readonly worker: number
  readonly number: number
  readonly position: number
}

/**
 * One worker's event log. All events of one journal record are one record, so after a crash either all of them are there
 * or none. What is added is written by `flush`, with one system call; while that fails it is kept and tried again.
 */
export class EventLogWriter {
  readonly #writer: SegmentWriter
  readonly #own: { run: number; worker: number }
  #waiting: { bytes: Buffer; partition: number; offset: number; counted: boolean }[] = []
  #waitingBytes = 0

  constructor(index: SegmentIndex, own: { run: number; worker: number }, segmentBytes?: number, level?: JournalLevel) {
    this.#own = own
    this.#writer = new SegmentWriter('events', index.dir, { ...own, number: nextNumber(index) }, segmentBytes, level)
  }

  /** Events of one journal record as JSON lines, each ended by a line feed. */
  addEvents(partition: number, offset: number, lines: string): void {
    this.#add(eventsType, partition, offset, lines)
  }

  addSegments(segments: readonly WaveSegment[]): void {
    if (segments.length > 0) this.#add(segmentsType, noPartition, 0, segments.map(segment => JSON.stringify(segment) + '\n').join(''))
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Writes what is waiting; true if there was any. Throws `disk-write`, and keeps it. */
  flush(): boolean {
    if (this.#waiting.length === 0) return false
    this.#writer.write(
      this.#waiting.map(entry => entry.bytes),
      extend => {
        for (const { partition, offset, counted } of this.#waiting) if (counted) extend(partition, offset)
      },
    )
    this.#waiting = []
    this.#waitingBytes = 0
    return true
  }

  /** Has what was flushed on the disk. */
  syncNow(): void {
    this.#writer.syncNow()
  }

  /** Call after `flush`: what comes from now on stands at or after this. */
  position(): EventLogPosition {
    return { ...this.#own, ...this.#writer.position }
  }

  close(): void {
    this.#writer.close()
  }

  #add(type: number, partition: number, offset: number, lines: string): void {
    const length = Buffer.byteLength(lines)
    const bytes = Buffer.allocUnsafe(recordHeaderBytes + length)
    writeRecordHeader(bytes, 0, partition, type, length)
    bytes.write(lines, recordHeaderBytes)
    sealRecord(bytes, 0, offset)
    this.#waiting.push({ bytes, partition, offset, counted: type === eventsType })
    this.#waitingBytes += bytes.length
  }
}
