import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import { VitalwireError } from '../errors.js'
import type { JournalLevel } from './journal-level.js'
import { encodeSegmentHeader, type SegmentKind, type SegmentName, segmentFile, segmentHeaderBytes } from './segment-format.js'
import { extendRange, type OffsetRange, type Segment, writeIndexFile } from './segment-index.js'
import { syncFolder } from './sync-folder.js'

export const defaultSegmentBytes = 64 * 1024 * 1024

/** Appends to one worker's log and begins a new file when the current one is full. The only writer of its files. */
export class SegmentWriter {
  readonly #kind: SegmentKind
  readonly #dir: string
  readonly #segmentBytes: number
  readonly #level: JournalLevel
  #name: SegmentName
  #fd: number | null = null
  #end = 0
  /** Up to here the open file is surely on the disk. */
  #synced = 0
  /** A sync failed, and a second one could hold without cause: nothing is written until `rewind`. */
  #broken: Error | null = null
  /** A write failed and its remains could not be cut off yet. */
  #dirty = false
  /** The file of this name is ours, left by a first write that failed: it may be written over. */
  #begun = false
  #partitions = new Map<number, OffsetRange>()
  #closed: Segment[] = []

  constructor(kind: SegmentKind, dir: string, first: SegmentName, segmentBytes = defaultSegmentBytes, level: JournalLevel = 'process') {
    this.#kind = kind
    this.#dir = dir
    this.#name = first
    this.#segmentBytes = segmentBytes
    this.#level = level
  }

  /** File and position at which the next write will stand if it does not begin a new file. */
  get position(): { number: number; position: number } {
    return { number: this.#name.number, position: this.#fd === null ? segmentHeaderBytes : this.#end }
  }

  /**
   * Writes whole, sealed records, all or nothing, with one system call; returns where the first of them stands. Throws
   * `disk-write`, and then the log is as it was before.
   */
  write(
    pieces: readonly Uint8Array[],
    note: (extend: (partition: number, offset: number) => void) => void,
  ): { file: string; position: number } {
    let bytes = 0
    for (const piece of pieces) bytes += piece.length
    try {
      if (this.#broken !== null) throw this.#broken
      if (this.#fd !== null && this.#end > segmentHeaderBytes && this.#end + bytes > this.#segmentBytes) this.#rotate()
      const fd = this.#ready()
      this.#writeAll(fd, pieces, bytes)
    } catch (cause) {
      throw new VitalwireError('disk-write', `${join(this.#dir, this.file)}: ${(cause as Error).message}; nothing of it was kept`, {
        cause,
      })
    }
    const position = this.#end
    this.#end += bytes
    note((partition, offset) => extendRange(this.#partitions, partition, offset))
    return { file: this.file, position }
  }

  get file(): string {
    return segmentFile(this.#kind, this.#name)
  }

  /** Everything that was written, the file in use included. */
  segments(): Segment[] {
    if (this.#fd === null) return this.#closed.slice()
    return [...this.#closed, { ...this.#name, file: this.file, bytes: this.#end, partitions: this.#partitions }]
  }

  /** Calls back once what was written until now is on the disk, or why it is not. */
  sync(done: (error: Error | null) => void): void {
    const { number } = this.#name
    const end = this.#end
    // What stood in the files before was synced when they were closed.
    if (this.#fd === null || this.#broken !== null) return void setImmediate(done, this.#broken)
    fdatasync(this.#fd, error => {
      // Closed meanwhile, and for that synced.
      if (this.#name.number !== number) return done(null)
      this.#broken ??= error
      if (this.#broken === null) this.#synced = Math.max(this.#synced, end)
      done(this.#broken)
    })
  }

  syncNow(): void {
    if (this.#broken !== null) throw this.#broken
    if (this.#fd === null || this.#synced === this.#end) return
    try {
      fdatasyncSync(this.#fd)
    } catch (error) {
      this.#broken = error as Error
      throw error
    }
    this.#synced = this.#end
  }

  /**
   * Cuts off what was written since the last sync that held, and goes on in a new file: after a failed sync the system
   * may take pages for written that are not. Returns what was cut off. Throws `disk-write`, and may be tried again.
   */
  rewind(): { file: string; from: number } {
    const cut = { file: this.file, from: this.#synced }
    if (this.#fd === null) return cut
    try {
      ftruncateSync(this.#fd, this.#synced)
      closeSync(this.#fd)
    } catch (cause) {
      throw new VitalwireError('disk-write', `${join(this.#dir, this.file)}: ${(cause as Error).message}`, { cause })
    }
    this.#end = this.#synced
    this.#dirty = false
    this.#broken = null
    this.#next()
    return cut
  }

  close(): void {
    if (this.#fd !== null) this.#rotate()
  }

  /** The open file, made when it is not there and cut to its last whole record when a write before failed. */
  #ready(): number {
    if (this.#fd === null) {
      const path = join(this.#dir, this.file)
      const fd = openSync(path, this.#begun ? 'w' : 'wx')
      this.#begun = true
      try {
        if (writeSync(fd, encodeSegmentHeader(this.#kind, this.#name)) < segmentHeaderBytes) throw new Error('no space left on device')
        if (this.#level === 'power') {
          fdatasyncSync(fd)
          syncFolder(this.#dir)
        }
      } catch (error) {
        closeSync(fd)
        throw error
      }
      this.#fd = fd
      this.#end = segmentHeaderBytes
      this.#synced = segmentHeaderBytes
    } else this.#cutRemains(this.#fd)
    return this.#fd
  }

  /** What a failed write left behind the last whole record would pass for damage once more stood after it. */
  #cutRemains(fd: number): void {
    if (!this.#dirty) return
    ftruncateSync(fd, this.#end)
    this.#dirty = false
  }

  #writeAll(fd: number, pieces: readonly Uint8Array[], bytes: number): void {
    let written = 0
    try {
      written = writevSync(fd, pieces as Uint8Array[], this.#end)
      // A disk that fills up, or a signal, leaves a write short; the rest either goes or says why not.
      if (written < bytes) {
        const whole = Buffer.concat(pieces)
        while (written < bytes) {
          const more = writeSync(fd, whole, written, bytes - written, this.#end + written)
          if (more === 0) throw new Error('no space left on device')
          written += more
        }
      }
    } catch (error) {
      this.#dirty = true
      try {
        this.#cutRemains(fd)
      } catch {}
      throw error
    }
  }

  #rotate(): void {
    this.#cutRemains(this.#fd!)
    if (this.#level === 'power') this.syncNow()
    closeSync(this.#fd!)
    writeIndexFile(join(this.#dir, this.file), this.#end, this.#partitions)
    this.#next()
  }

  #next(): void {
    this.#closed.push({ ...this.#name, file: this.file, bytes: this.#end, partitions: this.#partitions })
    this.#fd = null
    this.#begun = false
    this.#partitions = new Map()
    this.#name = { ...this.#name, number: this.#name.number + 1 }
  }
}
