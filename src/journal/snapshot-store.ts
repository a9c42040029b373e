import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { VitalwireError } from '../errors.js'
import { crc32c } from '../signal/crc32c.js'
import type { EventLogPosition } from './event-log-writer.js'
import { makeFolder } from './segment-index.js'
import { syncFolder } from './sync-folder.js'

const magic = 'VWSN'
const version = 1
const headerBytes = 24
const kept = 2

/** State of a partition after all records before `offset`. */
export interface Snapshot {
  readonly partition: number
  /** The journal offset to go on from. */
  readonly offset: number
  /** Where the worker's event log stood: events of later records are at or after it. */
  readonly eventPosition: EventLogPosition
  /** Plain data: JSON values and typed arrays. */
  readonly state: unknown
}

/**
 * Snapshots of the partitions, one file each, the newest two kept. Header: magic, version u16, partition u16, offset
 * f64, CRC32C of what follows u32, 0 u32; then `v8.serialize` of event position and state. A file is written beside and
 * renamed, so it is whole or not there.
 */
export class SnapshotStore {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
    makeFolder(dir)
  }

  /** Throws `disk-write`; the snapshots before stay. */
  save(snapshot: Snapshot): void {
    const body = serialize({ eventPosition: snapshot.eventPosition, state: snapshot.state })
    const head = Buffer.alloc(headerBytes)
    head.write(magic, 0, 'latin1')
    head.writeUInt16LE(version, 4)
    head.writeUInt16LE(snapshot.partition, 6)
    head.writeDoubleLE(snapshot.offset, 8)
    head.writeUInt32LE(crc32c(body), 16)
    const path = join(this.#dir, fileName(snapshot.partition, snapshot.offset))
    try {
      writeWhole(`${path}.tmp`, [head, body])
      renameSync(`${path}.tmp`, path)
      syncFolder(this.#dir)
      for (const old of this.#files(snapshot.partition).slice(kept)) unlinkSync(join(this.#dir, old))
    } catch (cause) {
      try {
        unlinkSync(`${path}.tmp`)
      } catch {}
      throw new VitalwireError('disk-write', `${path}: ${(cause as Error).message}`, { cause })
    }
  }

  /**
   * The newest snapshot that is whole, or null. Damaged ones are passed over and named to `report`; one of another
   * version is `disk-format`. `atMost`: a snapshot that is ahead of the journal (whose tail was lost) is of no use.
   */
  load(partition: number, atMost: number, report: (problem: string) => void): Snapshot | null {
    for (const file of this.#files(partition)) {
      const path = join(this.#dir, file)
      const bytes = readFileSync(path)
      if (bytes.length < headerBytes || bytes.toString('latin1', 0, 4) !== magic) {
        report(`${path}: no snapshot`)
        continue
      }
      if (bytes.readUInt16LE(4) !== version) {
        throw new VitalwireError(
          'disk-format',
          `${path}: has format version ${bytes.readUInt16LE(4)}; this vitalwire reads version ${version}`,
        )
      }
      const body = bytes.subarray(headerBytes)
      const offset = bytes.readDoubleLE(8)
      if (crc32c(body) !== bytes.readUInt32LE(16)) report(`${path}: damaged`)
      else if (offset > atMost) report(`${path}: stands for offset ${offset}, the journal ends at ${atMost}`)
      else return { partition, offset, ...(deserialize(body) as Pick<Snapshot, 'eventPosition' | 'state'>) }
    }
    return null
  }

  /** What is wrong with a partition's snapshots, a line each. */
  check(partition: number): string[] {
    return this.#files(partition).flatMap(file => {
      const path = join(this.#dir, file)
      const bytes = readFileSync(path)
      if (bytes.length < headerBytes || bytes.toString('latin1', 0, 4) !== magic) return [`${path}: no snapshot`]
      return crc32c(bytes.subarray(headerBytes)) === bytes.readUInt32LE(16) ? [] : [`${path}: damaged`]
    })
  }

  /** Newest first. */
  #files(partition: number): string[] {
    const prefix = `p${String(partition).padStart(3, '0')}-`
    return readdirSync(this.#dir)
      .filter(file => file.startsWith(prefix) && file.endsWith('.vws'))
      .sort()
      .reverse()
  }
}

/** By partition the offset that its oldest snapshot stands for; one without a snapshot is not there. */
export function oldestSnapshots(dir: string): Map<number, number> {
  const oldest = new Map<number, number>()
  for (const file of readdirSync(dir)) {
    const match = /^p(\d{3})-(\d{14})\.vws$/.exec(file)
    if (match === null) continue
    const partition = Number(match[1])
    oldest.set(partition, Math.min(oldest.get(partition) ?? Number.POSITIVE_INFINITY, Number(match[2])))
  }
  return oldest
}

function fileName(partition: number, offset: number): string {
  return `p${String(partition).padStart(3, '0')}-${String(offset).padStart(14, '0')}.vws`
}

function writeWhole(path: string, pieces: readonly Uint8Array[]): void {
  const fd = openSync(path, 'w')
  try {
    for (const piece of pieces) {
      for (let written = 0; written < piece.length; ) {
        const more = writeSync(fd, piece, written)
        if (more === 0) throw new Error('no space left on device')
        written += more
      }
    }
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
