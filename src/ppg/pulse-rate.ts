import { medianOf } from '../dsp/streaming-statistics.js'

/** What the last seconds of pulses say. `rate` in /min or null with `reason`; `height` in the unit of the signal, NaN without. */
export interface PulseRateResult {
  rate: number | null
  /** Bounds of the 90 % interval; of no meaning without a rate. */
  low: number
  high: number
  reason: string
  quality: number
  height: number
}

/** Two-sided 90 % of a normal distribution, and what a mean of intervals is uncertain by even when they are all alike, /min. */
const normal90 = 1.645
const leastHalfWidth = 0.4

const depth = 64

/**
 * Pulse rate from inter-beat intervals: 60 over the mean of the intervals that ended in the last 8 s (and at least the
 * last three, as long as they fit into 15 s), leaving out those farther than 0.4 from their median (missed and doubled
 * pulses; an irregular rhythm stays in). No rate below three intervals or 2 s of them, when they cover less than 0.35 of
 * the time since they began, or when the last good pulse is older than 5 s and two intervals.
 */
export class PulseRate {
  readonly state = {
    ends: new Float64Array(depth),
    seconds: new Float64Array(depth),
    qualities: new Float64Array(depth),
    heights: new Float64Array(depth),
    count: 0,
  }
  readonly #fs: number
  readonly #picked = new Float64Array(depth)
  readonly #pickedQuality = new Float64Array(depth)
  readonly #scratch = new Float64Array(depth)
  readonly #result: PulseRateResult = { rate: null, low: 0, high: 0, reason: '', quality: 0, height: Number.NaN }

  constructor(fs: number) {
    this.#fs = fs
  }

  /** An accepted pulse; `seconds` NaN when it has no interval. */
  add(index: number, seconds: number, quality: number, height: number): void {
    const s = this.state
    const at = s.count % depth
    s.ends[at] = index
    s.seconds[at] = seconds
    s.qualities[at] = quality
    s.heights[at] = height
    s.count += 1
  }

  clear(): void {
    this.state.count = 0
  }

  /** At sample `now` of the stream. The result object is used again. */
  measure(now: number): PulseRateResult {
    const s = this.state
    const result = this.#result
    const fs = this.#fs
    result.rate = null
    result.quality = 0
    result.height = Number.NaN
    const available = Math.min(s.count, depth)
    let picked = 0
    let heights = 0
    let spanStart = now
    for (let back = 1; back <= available; back += 1) {
      const at = (s.count - back) % depth
      const age = (now - s.ends[at]!) / fs
      if (age > 15 || (age > 8 && picked >= 3)) break
      if (age <= 8) {
        this.#scratch[heights] = s.heights[at]!
        heights += 1
      }
      const seconds = s.seconds[at]!
      if (Number.isNaN(seconds)) continue
      this.#picked[picked] = seconds
      this.#pickedQuality[picked] = s.qualities[at]!
      picked += 1
      spanStart = s.ends[at]! - seconds * fs
    }
    if (heights > 0) {
      // The scratch array is both source and target: insertion only reads ahead of where it writes.
      result.height = medianOf(this.#scratch, heights, this.#scratch)
    }
    if (picked < 3) {
      result.reason = available === 0 ? 'no-pulse' : 'too-few-pulses'
      return result
    }
    const middle = medianOf(this.#picked, picked, this.#scratch)
    const lastEnd = this.#lastEnd(available)
    if ((now - lastEnd) / fs > Math.max(5, 2 * middle)) {
      result.reason = 'no-pulse'
      return result
    }
    let sum = 0
    let squares = 0
    let kept = 0
    let quality = 0
    for (let i = 0; i < picked; i += 1) {
      const seconds = this.#picked[i]!
      if (seconds < 0.6 * middle || seconds > 1.4 * middle) continue
      sum += seconds
      squares += seconds * seconds
      quality += this.#pickedQuality[i]!
      kept += 1
    }
    const span = (now - spanStart) / fs
    if (kept < 3 || sum < 2 || sum < 0.35 * span) {
      result.reason = 'too-few-pulses'
      return result
    }
    const mean = sum / kept
    const variance = squares / kept - mean * mean
    const relative = variance > 0 ? Math.sqrt(variance / kept) / mean : 0
    result.rate = 60 / mean
    const half = leastHalfWidth + normal90 * relative * result.rate
    result.low = result.rate - half
    result.high = result.rate + half
    result.quality = (quality / kept) * Math.min(1, (sum + middle) / span)
    result.reason = ''
    return result
  }

  #lastEnd(available: number): number {
    const s = this.state
    for (let back = 1; back <= available; back += 1) {
      const at = (s.count - back) % depth
      if (!Number.isNaN(s.seconds[at]!)) return s.ends[at]!
    }
    return Number.NEGATIVE_INFINITY
  }
}
