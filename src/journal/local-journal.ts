import { join } from 'node:path'
import { findRecord } from './find-record.js'
import type { Journal, JournalEntry, JournalReference } from './journal.js'
import type { JournalLevel } from './journal-level.js'
import type { JournalRecord } from './record.js'
import { decodeRecord, encodeRecord } from './record-codec.js'
import { type RawRecord, sealRecord } from './segment-format.js'
import { nextNumber, nextOffsets, type Segment, type SegmentIndex } from './segment-index.js'
import { type Damage, fillDamage } from './segment-repair.js'
import { scanSegment } from './segment-scan.js'
import { SegmentWriter } from './segment-writer.js'

/** Not sealed records one after the other, all of which go to `partition`s of this journal. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly partitions: readonly number[]
}

export interface WrittenRecord extends JournalReference {
  readonly partition: number
  readonly offset: number
}

/** The journal in segment files: one physical log a worker, records tagged by partition. */
export class LocalJournal implements Journal {
  readonly #before: readonly Segment[]
  /** Stretches that could not be read and were filled, as far as `readMany` has come upon them. */
  readonly damaged: Damage[] = []
  readonly #dir: string
  readonly #writer: SegmentWriter
  readonly #next: Map<number, number>

  /** `index`: what the folder held before; `own` names this worker's log of this run. */
  constructor(index: SegmentIndex, own: { run: number; worker: number }, segmentBytes?: number, level?: JournalLevel) {
    this.#dir = index.dir
    this.#before = index.segments
    this.#next = nextOffsets(index)
    this.#writer = new SegmentWriter('journal', index.dir, { ...own, number: nextNumber(index) }, segmentBytes, level)
  }

  append(partition: number, record: JournalRecord): number {
    return this.appendBatch([{ partition, record }])[0]!
  }

  appendBatch(entries: readonly { partition: number; record: JournalRecord }[]): number[] {
    const pieces = entries.map(({ partition, record }) => ({ bytes: encodeRecord(partition, record), partitions: [partition] }))
    return this.appendPieces(pieces).map(written => written.offset)
  }

  /** Seals records where they lie and writes them with one system call: how slabs are journaled without a copy. */
  appendPieces(pieces: readonly Piece[]): WrittenRecord[] {
    if (pieces.length === 0) return []
    const next = new Map<number, number>()
    const placed: { partition: number; offset: number; at: number; length: number }[] = []
    let total = 0
    for (const piece of pieces) {
      let at = 0
      for (const partition of piece.partitions) {
        const offset = next.get(partition) ?? this.nextOffset(partition)
        next.set(partition, offset + 1)
        const end = sealRecord(piece.bytes, at, offset)
        placed.push({ partition, offset, at: total + at, length: end - at })
        at = end
      }
      total += piece.bytes.length
    }
    const start = this.#writer.write(
      pieces.map(piece => piece.bytes),
      extend => {
        for (const { partition, offset } of placed) extend(partition, offset)
      },
    )
    for (const [partition, offset] of next) this.#next.set(partition, offset)
    return placed.map(({ partition, offset, at, length }) => ({
      partition,
      offset,
      file: start.file,
      position: start.position + at,
      length,
    }))
  }

  /** Calls back once everything appended until now is on the disk, or why it is not. */
  sync(done: (error: Error | null) => void): void {
    this.#writer.sync(done)
  }

  syncNow(): void {
    this.#writer.syncNow()
  }

  /**
   * Takes back what was appended since the last sync that held, after one that failed; `batches` is all of that, in order,
   * and maybe some of before. Returns whether each was taken back. Throws `disk-write`.
   */
  rewind(batches: readonly (readonly WrittenRecord[])[]): boolean[] {
    const cut = this.#writer.rewind()
    const taken = batches.map(([first]) => first !== undefined && first.file === cut.file && first.position >= cut.from)
    for (const [k, batch] of [...batches.entries()].reverse()) {
      if (taken[k]) for (const { partition, offset } of batch.toReversed()) this.#next.set(partition, offset)
    }
    return taken
  }

  read(partition: number, fromOffset: number): Iterable<JournalEntry> {
    return this.readMany(new Map([[partition, fromOffset]]))
  }

  *readMany(from: ReadonlyMap<number, number>): Generator<JournalEntry> {
    for (const segment of [...this.#before, ...this.#writer.segments()]) {
      const wanted = [...segment.partitions].some(([partition, [, last]]) => last >= (from.get(partition) ?? Number.POSITIVE_INFINITY))
      if (!wanted) continue
      for (const raw of this.#scan(join(this.#dir, segment.file))) {
        if (raw.offset < (from.get(raw.partition) ?? Number.POSITIVE_INFINITY)) continue
        // The body is lent by the scan; records outlive it.
        const record = decodeRecord(raw.type, Uint8Array.prototype.slice.call(raw.body))
        const reference = { file: segment.file, position: raw.position, length: raw.length }
        yield { partition: raw.partition, offset: raw.offset, record, reference }
      }
    }
  }

  /** Reads on behind damage in a file that was whole when it was indexed; what is found is in `damaged`. */
  *#scan(path: string): Generator<RawRecord> {
    for (let from = 0; ; ) {
      const { state, position, fileBytes } = yield* scanSegment('journal', path, from)
      if (state === 'whole') return
      const next = findRecord(path, position + 1)
      this.damaged.push(fillDamage(path, position, (next ?? fileBytes) - position))
      if (next === null) return
      from = next
    }
  }

  nextOffset(partition: number): number {
    return this.#next.get(partition) ?? 0
  }

  close(): void {
    this.#writer.close()
  }
}
