import type { JournalRecord } from './record.js'

/** Where a record stands: segment file in the journal folder, byte position and length with its header. */
export interface JournalReference {
  readonly file: string
  readonly position: number
  readonly length: number
}

export interface JournalEntry {
  readonly partition: number
  /** Counter of the partition: 0, 1, 2, ... without holes. */
  readonly offset: number
  readonly record: JournalRecord
  readonly reference: JournalReference
}

/**
 * The record of everything that can change what a partition does. What `append` returned for is kept at
 * level `process`; at level `power` once a `sync` after it has held (see journal-level.ts). One owner appends to a
 * partition at a time. The local implementation is `LocalJournal`; another may keep partitions in a replicated log.
 */
export interface Journal {
  /** Appends one record and returns its offset. Throws VitalwireError `disk-write`, and then nothing is kept. */
  append(partition: number, record: JournalRecord): number
  /** Appends in order, all or nothing. */
  appendBatch(entries: readonly { partition: number; record: JournalRecord }[]): number[]
  /** Records of one partition from an offset on, in order. */
  read(partition: number, fromOffset: number): Iterable<JournalEntry>
  /** Records of several partitions from an offset each, in order within each partition, in one pass over the files. */
  readMany(from: ReadonlyMap<number, number>): Iterable<JournalEntry>
  /** Offset that the next record of the partition will get. */
  nextOffset(partition: number): number
  close(): void
}
