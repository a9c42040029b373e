/** Seqs [fromSeq, toSeq) were seen and hold samples [fromIndex, toIndex); `lostBefore` samples before it count as lost. */
export interface SeenRange {
  fromSeq: number
  toSeq: number
  fromIndex: number
  toIndex: number
  lostBefore: number
}

export interface SavedSeen {
  readonly ranges: readonly SeenRange[]
  readonly firstCrcs: readonly (number | null)[]
  readonly recent: RecentCrcs | null
}

/** A ring by seq modulo its length; seq 0 marks a free place, as the first seqs are kept apart. */
interface RecentCrcs {
  readonly seqs: Uint32Array
  readonly crcs: Uint32Array
}

const mostRanges = 1024
const firstKept = 64
const recentKept = 256

/**
 * Which chunks of a stream and boot were seen: as ranges, so a stream without losses costs one, and with the CRC of the
 * first 64 seqs (a device that starts again begins there) and of the 256 newest (retransmissions). Beyond 1,024 ranges the
 * oldest hole is given up and counts as seen.
 */
export class SeenChunks {
  private ranges: SeenRange[] = []
  private firstCrcs: (number | null)[] = []
  private recent: RecentCrcs | null = null

  get oldest(): SeenRange | undefined {
    return this.ranges[0]
  }

  /** The next chunk in order; `lost` samples before it are counted as lost and may still come late. */
  append(seq: number, index: number, n: number, crc: number, lost: number): void {
    const last = this.ranges.at(-1)
    if (last !== undefined && last.toSeq === seq) {
      last.toSeq = seq + 1
      last.toIndex = index + n
    } else {
      this.ranges.push({ fromSeq: seq, toSeq: seq + 1, fromIndex: index, toIndex: index + n, lostBefore: lost })
      this.bound()
    }
    this.remember(seq, crc)
  }

  /** `unknown`: seen, but too long ago for its CRC to be kept. */
  look(seq: number, crc: number): 'unseen' | 'same' | 'other' | 'unknown' {
    const next = this.after(seq)
    const range = this.ranges[next - 1]
    if (range === undefined || seq >= range.toSeq) return 'unseen'
    const known = this.recall(seq)
    if (known === null) return 'unknown'
    return known === crc ? 'same' : 'other'
  }

  /**
   * Takes an unseen chunk that lies before the newest range into its hole. Returns how many samples it takes out of
   * `lost`, or null when it does not fit between its neighbours.
   */
  fill(seq: number, index: number, n: number, crc: number): { readonly found: number } | null {
    const at = this.after(seq)
    const before = this.ranges[at - 1]
    const next = this.ranges[at]
    if (next === undefined) return null
    const floor = before?.toIndex ?? 0
    if (index < floor || index + n > next.fromIndex) return null
    const found = Math.min(n, next.lostBefore)
    const rest = next.lostBefore - found
    const left = Math.min(rest, index - floor)
    next.lostBefore = Math.min(rest - left, next.fromIndex - index - n)
    const joinsBefore = before !== undefined && before.toSeq === seq
    const joinsNext = next.fromSeq === seq + 1
    if (joinsBefore && joinsNext) {
      before.toSeq = next.toSeq
      before.toIndex = next.toIndex
      this.ranges.splice(at, 1)
    } else if (joinsBefore) {
      before.toSeq = seq + 1
      before.toIndex = index + n
    } else if (joinsNext) {
      next.fromSeq = seq
      next.fromIndex = index
      next.lostBefore = left
    } else {
      this.ranges.splice(at, 0, { fromSeq: seq, toSeq: seq + 1, fromIndex: index, toIndex: index + n, lostBefore: left })
      this.bound()
    }
    this.remember(seq, crc)
    return { found }
  }

  forgetCrcs(): void {
    this.firstCrcs = []
    this.recent = null
  }

  save(): SavedSeen {
    return { ranges: this.ranges.map(range => ({ ...range })), firstCrcs: [...this.firstCrcs], recent: copyOf(this.recent) }
  }

  load(state: SavedSeen): void {
    this.ranges = state.ranges.map(range => ({ ...range }))
    this.firstCrcs = [...state.firstCrcs]
    this.recent = copyOf(state.recent)
  }

  /** Position of the first range that begins behind `seq`. */
  private after(seq: number): number {
    const { ranges } = this
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (ranges[middle]!.fromSeq > seq) high = middle
      else low = middle + 1
    }
    return low
  }

  private remember(seq: number, crc: number): void {
    if (seq < firstKept) {
      while (this.firstCrcs.length < seq) this.firstCrcs.push(null)
      this.firstCrcs[seq] = crc
      return
    }
    this.recent ??= { seqs: new Uint32Array(recentKept), crcs: new Uint32Array(recentKept) }
    const place = seq % recentKept
    if (seq < this.recent.seqs[place]!) return
    this.recent.seqs[place] = seq
    this.recent.crcs[place] = crc
  }

  private recall(seq: number): number | null {
    if (seq < firstKept) return this.firstCrcs[seq] ?? null
    const place = seq % recentKept
    return this.recent?.seqs[place] === seq ? this.recent.crcs[place]! : null
  }

  private bound(): void {
    if (this.ranges.length <= mostRanges) return
    const [first, second] = this.ranges as [SeenRange, SeenRange]
    second.fromSeq = first.fromSeq
    second.fromIndex = first.fromIndex
    second.lostBefore = first.lostBefore
    this.ranges.shift()
  }
}

function copyOf(recent: RecentCrcs | null): RecentCrcs | null {
  return recent === null ? null : { seqs: recent.seqs.slice(), crcs: recent.crcs.slice() }
}
