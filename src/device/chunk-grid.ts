/** One chunk's place: samples [index, index + n) of the stream. */
export interface ChunkPlace {
  readonly seq: number
  readonly index: number
  readonly n: number
  readonly flags: number
}

/** Samples with equal flags; `firstSeq` is the sequence number of its first chunk. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly flags: number
  readonly firstSeq: number
}

/**
 * Where a stream's chunks lie, as a function of the sequence number alone. Chunks have `chunkSamples` samples, counted
 * anew where flags change, so that a flag speaks for the same samples whatever the chunk length.
 */
export class ChunkGrid {
  readonly #chunkSamples: number
  readonly #stretches: readonly Stretch[]
  /** Number of chunks; Infinity for an endless stream. A stream without samples has one, empty, to say that it is over. */
  readonly count: number

  /** `flags`: disjoint stretches in order, in samples of the stream; `samples` may be Infinity. */
  constructor(samples: number, chunkSamples: number, flags: readonly { from: number; to: number; flags: number }[]) {
    this.#chunkSamples = chunkSamples
    const stretches: Stretch[] = []
    let at = 0
    let firstSeq = 0
    const add = (to: number, value: number) => {
      if (to <= at) return
      stretches.push({ from: at, to, flags: value, firstSeq })
      firstSeq += Math.ceil((to - at) / chunkSamples)
      at = to
    }
    for (const stretch of flags) {
      add(Math.min(stretch.from, samples), 0)
      add(Math.min(stretch.to, samples), stretch.flags)
    }
    add(samples, 0)
    if (stretches.length === 0) {
      stretches.push({ from: 0, to: 0, flags: 0, firstSeq: 0 })
      firstSeq = 1
    }
    this.#stretches = stretches
    this.count = firstSeq
  }

  /** Place of chunk `seq`, 0 <= seq < count. */
  place(seq: number): ChunkPlace {
    const stretch = this.#stretchOf(seq)
    const index = stretch.from + (seq - stretch.firstSeq) * this.#chunkSamples
    return { seq, index, n: Math.min(this.#chunkSamples, stretch.to - index), flags: stretch.flags }
  }

  #stretchOf(seq: number): Stretch {
    let low = 0
    let high = this.#stretches.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#stretches[middle]!.firstSeq <= seq) low = middle
      else high = middle - 1
    }
    return this.#stretches[low]!
  }
}
