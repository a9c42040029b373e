import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalEventLog } from '../journal/local-event-log.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { decodeRecord } from '../journal/record-codec.js'
import { chooseDeletions, deleteSegments, listStored, type RetentionBound, type StoredSegment } from '../journal/retention.js'
import { noPartition, parseRecord, segmentHeaderBytes } from '../journal/segment-format.js'
import { oldestSnapshots } from '../journal/snapshot-store.js'
import { folders } from './partition-host.js'

/** Bounds by data class. Snapshots are always the newest two of each partition. */
export interface Retention {
  readonly journal: RetentionBound
  readonly events: RetentionBound
}

export interface KeptData {
  readonly what: 'journal' | 'events'
  readonly segments: number
  readonly bytes: number
  /** Wall time of the oldest record, microseconds; null: there is none. */
  readonly oldest: number | null
  readonly deletedSegments: number
  readonly deletedBytes: number
}

interface DataKeeperOptions {
  readonly dataDir: string
  readonly retention: Retention
  readonly eventLog: LocalEventLog
  /** For the system log. */
  readonly say: (body: Readonly<Record<string, unknown>>) => void
  /** Milliseconds of wall time. */
  readonly now: () => number
}

/**
 * Deletes what is older or more than is to be kept, a whole segment at a time, and only what nobody needs: what lies before
 * the older of the two snapshots of every partition in it, and for the event log what every consumer has read.
 */
export class DataKeeper {
  readonly #options: DataKeeperOptions
  readonly #deleted = { journal: { segments: 0, bytes: 0 }, events: { segments: 0, bytes: 0 } }
  readonly #begins = new Map<string, number | null>()
  #kept: KeptData[] = []
  /** Why nothing can be deleted, while nothing can. */
  failing: string | null = null

  constructor(options: DataKeeperOptions) {
    this.#options = options
  }

  /** To be called about once a minute. */
  tick(): void {
    try {
      this.#kept = (['journal', 'events'] as const).map(what => this.#keep(what))
      this.failing = null
    } catch (error) {
      this.failing = (error as Error).message
    }
  }

  kept(): readonly KeptData[] {
    return this.#kept
  }

  #keep(what: 'journal' | 'events'): KeptData {
    const { dataDir, retention, say, now, eventLog } = this.#options
    const dir = join(dataDir, folders[what])
    const stored = listStored(what, dir)
    const snapshots = oldestSnapshots(join(dataDir, folders.snapshots))
    const isNeeded = (segment: StoredSegment) =>
      // The engine's own words stand under no partition, and no snapshot stands for them.
      [...(segment.partitions ?? [])].some(
        ([partition, [, last]]) => partition !== noPartition && last >= (snapshots.get(partition) ?? 0),
      ) ||
      (what === 'events' && eventLog.isWanted(segment))
    const deletions = chooseDeletions(stored, retention[what], now(), isNeeded)
    const gone = deletions.map(({ segment }) => segment)
    if (gone.length > 0) {
      deleteSegments(dir, gone)
      const bytes = gone.reduce((sum, segment) => sum + segment.bytes, 0)
      this.#deleted[what].segments += gone.length
      this.#deleted[what].bytes += bytes
      const until = Math.max(...gone.map(({ writtenAt }) => writtenAt)) * 1000
      say({ what, segments: gone.length, bytes, until, reasons: [...new Set(deletions.map(({ reason }) => reason))] })
    }
    const left = stored.filter(segment => !gone.includes(segment))
    for (const { file } of gone) this.#begins.delete(file)
    return {
      what,
      segments: left.length,
      bytes: left.reduce((sum, segment) => sum + segment.bytes, 0),
      oldest: left.length === 0 ? null : this.#beginOf(what, join(dir, left[0]!.file), left[0]!.file),
      deletedSegments: this.#deleted[what].segments,
      deletedBytes: this.#deleted[what].bytes,
    }
  }

  #beginOf(what: 'journal' | 'events', path: string, file: string): number | null {
    let begin = this.#begins.get(file) ?? null
    if (begin === null) this.#begins.set(file, (begin = firstTime(what, path)))
    return begin
  }
}

/** Wall time of a segment's first record, microseconds; null: there is none yet. */
function firstTime(what: 'journal' | 'events', path: string): number | null {
  const bytes = Buffer.alloc(1024 * 1024)
  const handle = openSync(path, 'r')
  try {
    const read = readSync(handle, bytes, 0, bytes.length, segmentHeaderBytes)
    const record = parseRecord(bytes, 0, read, segmentHeaderBytes)
    if (record === 'short' || record === 'bad') return null
    if (what === 'journal') return decodeRecord(record.type, record.body).at
    const [line] = Buffer.from(record.body).toString('utf8').split('\n')
    return (JSON.parse(line ?? '') as Partial<LoggedEvent>).at ?? null
  } finally {
    closeSync(handle)
  }
}
