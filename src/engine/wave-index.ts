import type { PlacedChunk } from '../intake/device-watch.js'
import type { WaveSegment } from '../journal/wave-segment.js'

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

/** Gathers where chunks stand in the journal into rows for the store. */
export class WaveIndex {
  #open = new Map<string, OpenRow>()
  #done: WaveSegment[] = []

  /** `at`: wall time, microseconds. */
  add(
    source: { patient: string; device: string; stream: string },
    chunk: PlacedChunk,
    place: { file: string; position: number; length: number },
    at: number,
  ): void {
    if (chunk.n === 0) return
    const key = `${source.device}/${source.stream}`
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
