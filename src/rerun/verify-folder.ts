import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findRecord } from '../journal/find-record.js'
import { readKeptFrom } from '../journal/kept-from.js'
import type { SegmentKind } from '../journal/segment-format.js'
import { uncountedType } from '../journal/segment-index.js'
import { scanSegment } from '../journal/segment-scan.js'
import { SnapshotStore } from '../journal/snapshot-store.js'
import { JournalFolder } from './journal-folder.js'

interface Stretch {
  readonly file: string
  /** Byte in the file, and bytes that cannot be read. */
  readonly position: number
  readonly bytes: number
}

/** Records that the journal should have and has not, or has in another order. */
interface Hole {
  readonly partition: number
  /** Offset that came, where `expected` should have. */
  readonly offset: number
  readonly expected: number
}

export interface KindVerdict {
  readonly segments: number
  readonly records: number
  readonly bytes: number
  readonly damaged: readonly Stretch[]
  /** A last record that is being written, or that a crash cut: the next start cuts it off. */
  readonly unfinished: readonly Stretch[]
}

export interface FolderVerdict {
  readonly dir: string
  readonly ok: boolean
  readonly journal: KindVerdict & { readonly holes: readonly Hole[] }
  readonly events: KindVerdict
  readonly snapshots: { readonly files: number; readonly problems: readonly string[] }
}

/**
 * Reads every record of a data folder: length, checksum, order. Changes nothing; an engine may be running. Throws
 * `disk-format` when it is no data folder, or of a version that is not read here.
 */
export function verifyFolder(dir: string): FolderVerdict {
  const folder = new JournalFolder(dir)
  const holes: Hole[] = []
  const next = new Map(readKeptFrom(join(dir, 'journal')).offsets)
  const journal = verifyKind(folder, 'journal', (partition, offset) => {
    const expected = next.get(partition) ?? 0
    if (offset !== expected) holes.push({ partition, offset, expected })
    next.set(partition, Math.max(expected, offset + 1))
  })
  const events = verifyKind(folder, 'events', () => {})
  const snapshots = verifySnapshots(join(dir, 'snapshots'))
  const ok = [journal.damaged, events.damaged, holes, snapshots.problems].every(({ length }) => length === 0)
  return { dir, ok, journal: { ...journal, holes }, events, snapshots }
}

function verifyKind(folder: JournalFolder, kind: SegmentKind, onRecord: (partition: number, offset: number) => void): KindVerdict {
  const segments = folder.segments(kind)
  const damaged: Stretch[] = []
  const unfinished: Stretch[] = []
  let records = 0
  let bytes = 0
  for (const { file, name } of segments) {
    const path = join(folder.path, kind, file)
    const newest = !segments.some(
      other => other.name.run === name.run && other.name.worker === name.worker && other.name.number > name.number,
    )
    bytes += statSync(path).size
    for (let from = 0; ; ) {
      const scan = scanSegment(kind, path, from)
      let step = scan.next()
      for (; step.done !== true; step = scan.next()) {
        records += 1
        if (step.value.type !== uncountedType) onRecord(step.value.partition, step.value.offset)
      }
      const { state, position, fileBytes } = step.value
      if (state === 'whole') break
      const behind = position === 0 ? null : findRecord(path, position + 1)
      const stretch = { file, position, bytes: (behind ?? fileBytes) - position }
      if (behind === null && newest) unfinished.push(stretch)
      else damaged.push(stretch)
      if (behind === null) break
      from = behind
    }
  }
  return { segments: segments.length, records, bytes, damaged, unfinished }
}

function verifySnapshots(dir: string): FolderVerdict['snapshots'] {
  if (!existsSync(dir)) return { files: 0, problems: [] }
  const files = readdirSync(dir).filter(file => file.endsWith('.vws'))
  const store = new SnapshotStore(dir)
  const problems: string[] = []
  for (const partition of new Set(files.map(file => Number(file.slice(1, 4))))) {
    for (const problem of store.check(partition)) problems.push(problem)
  }
  return { files: files.length, problems }
}
