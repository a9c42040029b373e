import { medianOf } from '../dsp/streaming-statistics.js'

const depth = 64

export interface BreathRateResult {
  rate: number | null
  quality: number
  reason: string
}

/**
 * Respiratory rate from breath intervals: 60 over the mean of those within a fifth of their median, over the last
 * 32 s (or the last two within 60 s: slow breathing). Quality falls with their scatter: 1 less half of the mean distance from the median over the median.
 */
export class BreathRate {
  readonly state = { ends: new Float64Array(depth), seconds: new Float64Array(depth), count: 0, lastBreath: Number.NaN }
  readonly #fs: number
  readonly #picked = new Float64Array(depth)
  readonly #scratch = new Float64Array(depth)
  readonly #result: BreathRateResult = { rate: null, quality: 0, reason: '' }

  constructor(fs: number) {
    this.#fs = fs
  }

  /** `seconds` NaN when the breath has no interval. */
  add(index: number, seconds: number): void {
    const s = this.state
    s.lastBreath = index
    if (Number.isNaN(seconds)) return
    s.ends[s.count % depth] = index
    s.seconds[s.count % depth] = seconds
    s.count += 1
  }

  clear(): void {
    this.state.count = 0
    this.state.lastBreath = Number.NaN
  }

  /** The result object is used again. */
  measure(now: number): BreathRateResult {
    const s = this.state
    const result = this.#result
    result.rate = null
    result.quality = 0
    const available = Math.min(s.count, depth)
    let picked = 0
    for (let back = 1; back <= available; back += 1) {
      const at = (s.count - back) % depth
      const age = (now - s.ends[at]!) / this.#fs
      if (age > 60 || (age > 32 && picked >= 2)) break
      this.#picked[picked] = s.seconds[at]!
      picked += 1
    }
    if (picked < 2) {
      result.reason = 'too-few-breaths'
      return result
    }
    const middle = medianOf(this.#picked, picked, this.#scratch)
    if ((now - s.lastBreath) / this.#fs > Math.max(12, 2.5 * middle)) {
      result.reason = 'no-breath'
      return result
    }
    let scatter = 0
    let near = 0
    let sum = 0
    for (let i = 0; i < picked; i += 1) {
      const distance = Math.abs(this.#picked[i]! - middle)
      scatter += distance
      if (distance > 0.2 * middle) continue
      near += 1
      sum += this.#picked[i]!
    }
    const quality = 1 - (0.5 * scatter) / (picked * middle)
    // The median of an even count may have no interval near it.
    const rate = near > 0 ? (60 * near) / sum : 60 / middle
    if (rate < 3 || rate > 80) {
      result.reason = 'out-of-range'
      return result
    }
    result.quality = Math.max(quality, 0)
    result.rate = rate
    result.reason = ''
    return result
  }
}
