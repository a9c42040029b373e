/** A stretch of points of one channel: `t` patient time of the first in microseconds; NaN: missing. */
export interface TraceChunk {
  readonly t: number
  readonly stepMicros: number
  readonly values: Float32Array
}

/** Steps that may lie between two chunks before it counts as a gap; rates are rounded to whole microseconds on the way. */
const gapSteps = 1.5
/** Of a step: times near 2^51 are quarters of a microsecond, so a point's time is not met exactly. */
const tolerance = 1e-3

/**
 * The last seconds of one channel by patient time. Chunks may come late or twice; nothing is interpolated between
 * them. A chunk that lies wholly before what is kept means that patient time began anew: the rest is forgotten.
 */
export class TraceBuffer {
  private chunks: TraceChunk[] = []

  constructor(private readonly keepMicros = 30e6) {}

  push(chunk: TraceChunk): void {
    if (chunk.values.length === 0) return
    if (this.chunks.length > 0 && endOf(chunk) < this.newest - this.keepMicros) this.chunks = []
    let at = this.chunks.length
    while (at > 0 && this.chunks[at - 1]!.t > chunk.t) at -= 1
    if (this.chunks[at - 1]?.t === chunk.t) this.chunks[at - 1] = chunk
    else this.chunks.splice(at, 0, chunk)
    const oldest = this.newest - this.keepMicros
    while (this.chunks.length > 1 && endOf(this.chunks[0]!) < oldest) this.chunks.shift()
  }

  clear(): void {
    this.chunks = []
  }

  /** Patient time after the newest point; -Infinity when there is none. */
  get newest(): number {
    const last = this.chunks.at(-1)
    return last === undefined ? Number.NEGATIVE_INFINITY : endOf(last)
  }

  /**
   * Points in [from, to) in order of time. `joined` false: the point does not go on from the one before it, because
   * samples are missing between them or it is the first. A missing sample is left out and breaks the line.
   */
  forEach(from: number, to: number, take: (t: number, value: number, joined: boolean) => void): void {
    let before = Number.NEGATIVE_INFINITY
    for (const { t, stepMicros, values } of this.chunks) {
      if (t >= to) break
      const first = Math.max(0, Math.ceil((from - t) / stepMicros - tolerance))
      const end = Math.min(values.length, Math.ceil((to - t) / stepMicros - tolerance))
      for (let i = first; i < end; i++) {
        const value = values[i]!
        const at = t + i * stepMicros
        // A late chunk may overlap: time goes forward only.
        if (Number.isNaN(value) || at <= before) continue
        take(at, value, at - before <= gapSteps * stepMicros)
        before = at
      }
    }
  }
}

function endOf(chunk: TraceChunk): number {
  return chunk.t + chunk.values.length * chunk.stepMicros
}
