import type { PlacedChunk } from '../intake/device-watch.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import { IndexRanges } from './index-ranges.js'

const longestMicros = 10_000_000
const mostChunks = 64
/** A stream without news for this long has its row closed, microseconds of wall time. */
const idleMicros = 3_000_000
/** A jump of patient time between chunks that follow each other means a new anchor. */
const jumpMicros = 1000

interface OpenRow {
  row: Omit<WaveSegment, 'to' | 'chunks'>
  to: number
  chunks: [number, number, number, number][]
  nextIndex: number
  touchedAt: number
}

/** Which chunks of a stream have been entered; part of a snapshot. */
export interface EnteredState {
  readonly boot: number
  readonly ranges: readonly (readonly [number, number])[]
}

/**
 * Gathers where chunks stand in the journal into rows for the store. A chunk that comes again (a device that resends) is
 * entered once: a second row that begins with it would take the place of the first in the store, and lead to less.
 */
export class WaveIndex {
  #open = new Map<string, OpenRow>()
  #entered = new Map<string, { boot: number; ranges: IndexRanges }>()
  #done: WaveSegment[] = []

  /** `at`: wall time, microseconds. False: the chunk is there already, or holds nothing. */
  add(
    source: { patient: string; device: string; stream: string },
    chunk: PlacedChunk,
    place: { file: string; position: number; length: number },
    at: number,
  ): boolean {
    if (chunk.n === 0) return false
    const key = `${source.device}/${source.stream}`
    if (!this.#enter(key, chunk)) return false
    let open = this.#open.get(key)
    if (open !== undefined && !fits(open, source.patient, chunk, place.file)) {
      this.#close(key, open)
      open = undefined
    }
    if (open === undefined) {
      const row = { ...source, boot: chunk.boot, from: chunk.from, file: place.file }
      open = { row, to: chunk.to, chunks: [], nextIndex: chunk.index, touchedAt: at }
      this.#open.set(key, open)
    }
    open.chunks.push([chunk.index, chunk.n, place.position, place.length])
    open.to = chunk.to
    open.nextIndex = chunk.index + chunk.n
    open.touchedAt = at
    return true
  }

  /** Takes the chunk that was added last out again: it was refused, and the device may send a good one in its place. */
  undo(source: { device: string; stream: string }, chunk: PlacedChunk): void {
    const key = `${source.device}/${source.stream}`
    const entered = this.#entered.get(key)
    if (entered?.boot === chunk.boot) entered.ranges.remove(chunk.index, chunk.index + chunk.n)
    const open = this.#open.get(key)
    if (open?.chunks.at(-1)?.[0] !== chunk.index || open.row.boot !== chunk.boot) return
    open.chunks.pop()
    // The row ends where its last good chunk does; what comes next is no continuation.
    open.to = chunk.from
    open.nextIndex = chunk.index
    if (open.chunks.length === 0) this.#open.delete(key)
  }

  /** For a snapshot of the device's partition. */
  saveDevice(device: string): [string, EnteredState][] {
    const prefix = `${device}/`
    const own = [...this.#entered].filter(([key]) => key.startsWith(prefix))
    return own.map(([key, { boot, ranges }]) => [key.slice(prefix.length), { boot, ranges: ranges.save() }])
  }

  loadDevice(device: string, streams: readonly (readonly [string, EnteredState])[]): void {
    for (const [stream, { boot, ranges }] of streams) this.#entered.set(`${device}/${stream}`, { boot, ranges: new IndexRanges(ranges) })
  }

  forgetDevice(device: string): void {
    for (const key of [...this.#entered.keys()]) if (key.startsWith(`${device}/`)) this.#entered.delete(key)
  }

  /** Closes the rows of a patient, so that an alert's evidence can be read together with it. */
  closePatient(patient: string): void {
    for (const [key, open] of this.#open) if (open.row.patient === patient) this.#close(key, open)
  }

  closeIdle(now: number): void {
    for (const [key, open] of this.#open) if (now - open.touchedAt > idleMicros) this.#close(key, open)
  }

  closeAll(): void {
    for (const [key, open] of this.#open) this.#close(key, open)
  }

  /** Rows that were closed since the last call. */
  take(): WaveSegment[] {
    const done = this.#done
    if (done.length > 0) this.#done = []
    return done
  }

  /** A chunk of an older boot is entered without a check: those before it are not remembered. */
  #enter(key: string, chunk: PlacedChunk): boolean {
    let entered = this.#entered.get(key)
    if (entered === undefined || entered.boot < chunk.boot) {
      entered = { boot: chunk.boot, ranges: new IndexRanges() }
      this.#entered.set(key, entered)
    }
    return entered.boot !== chunk.boot || entered.ranges.add(chunk.index, chunk.index + chunk.n)
  }

  #close(key: string, open: OpenRow): void {
    this.#open.delete(key)
    this.#done.push({ ...open.row, to: open.to, chunks: open.chunks })
  }
}

function fits(open: OpenRow, patient: string, chunk: PlacedChunk, file: string): boolean {
  const { row } = open
  if (row.patient !== patient || row.boot !== chunk.boot || row.file !== file) return false
  if (open.chunks.length >= mostChunks || chunk.index < open.nextIndex || chunk.to - row.from > longestMicros) return false
  return chunk.index !== open.nextIndex || Math.abs(chunk.from - open.to) <= jumpMicros
}
