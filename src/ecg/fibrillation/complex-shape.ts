import { workingHz } from './working-signal.js'

export interface ComplexFigures {
  /** Steep complexes in a second. */
  readonly rate: number
  /** Mean correlation of the complexes with the steepest one; 0 when there are fewer than two. */
  readonly likeness: number
  /** Deviation of the intervals between them over their mean; 1 when there are fewer than three complexes. */
  readonly irregularity: number
  /** Median of the slope's envelope over its mean at the complexes: near 0 where the line rests between them. */
  readonly restLevel: number
}

const half = Math.round(0.12 * workingHz)
const refractory = Math.round(0.2 * workingHz)
const most = 64

/** Looks for complexes as a beat detector would, to tell how much the window looks like beats: steep, alike, with rest between. */
export class ComplexShape {
  private readonly places = new Int32Array(most)
  private readonly sorted: Float64Array
  private readonly envelope: Float64Array

  constructor(length: number) {
    this.envelope = new Float64Array(length)
    this.sorted = new Float64Array(length >> 2)
  }

  /** `slope` is the derivative of `x`. */
  measure(x: Float64Array, slope: Float64Array): ComplexFigures {
    const { envelope, places } = this
    const top = smoothSize(slope, envelope)
    const count = this.findPeaks(0.4 * top)
    let sum = 0
    for (let k = 0; k < count; k++) sum += envelope[places[k] as number] as number
    const rest = this.medianLevel()
    return {
      rate: (count * workingHz) / x.length,
      likeness: this.likeness(slope, count),
      irregularity: this.irregularity(count),
      restLevel: sum > 0 ? (rest * count) / sum : 1,
    }
  }

  /** Peaks of the envelope above `limit`, the higher one of two that are closer than 200 ms. */
  private findPeaks(limit: number): number {
    const { envelope, places } = this
    let count = 0
    for (let i = half; i < envelope.length - half; i++) {
      const value = envelope[i] as number
      if (value < limit || value < (envelope[i - 1] as number) || value <= (envelope[i + 1] as number)) continue
      const last = count > 0 ? (places[count - 1] as number) : Number.NEGATIVE_INFINITY
      if (i - last >= refractory) {
        if (count < most) places[count++] = i
      } else if (value > (envelope[last] as number)) places[count - 1] = i
    }
    return count
  }

  private medianLevel(): number {
    const { envelope, sorted } = this
    for (let i = 0; i < sorted.length; i++) sorted[i] = envelope[4 * i] as number
    sorted.sort()
    return sorted[sorted.length >> 1] as number
  }

  private irregularity(count: number): number {
    if (count < 3) return 1
    const { places } = this
    const mean = ((places[count - 1] as number) - (places[0] as number)) / (count - 1)
    let sum = 0
    for (let k = 1; k < count; k++) {
      const d = (places[k] as number) - (places[k - 1] as number) - mean
      sum += d * d
    }
    return Math.sqrt(sum / (count - 1)) / mean
  }

  private likeness(slope: Float64Array, count: number): number {
    if (count < 2) return 0
    const { places, envelope } = this
    let steepest = places[0] as number
    for (let k = 1; k < count; k++)
      if ((envelope[places[k] as number] as number) > (envelope[steepest] as number)) steepest = places[k] as number
    let sum = 0
    for (let k = 0; k < count; k++) if (places[k] !== steepest) sum += bestMatch(slope, steepest, places[k] as number)
    return sum / (count - 1)
  }
}

/** Mean size of `slope` over 70 ms around each sample; returns the greatest. */
function smoothSize(slope: Float64Array, into: Float64Array): number {
  const n = slope.length
  const reach = 3
  let sum = 0
  for (let i = 0; i < reach; i++) sum += Math.abs(slope[i] as number)
  let top = 0
  for (let i = 0; i < n; i++) {
    if (i + reach < n) sum += Math.abs(slope[i + reach] as number)
    if (i - reach - 1 >= 0) sum -= Math.abs(slope[i - reach - 1] as number)
    into[i] = sum
    if (sum > top) top = sum
  }
  return top
}

/** Highest correlation of the stretches around `a` and `b` over shifts of up to 30 ms. */
function bestMatch(slope: Float64Array, a: number, b: number): number {
  let best = 0
  for (let shift = -3; shift <= 3; shift++) {
    const c = b + shift
    if (a - half < 0 || c - half < 0 || a + half >= slope.length || c + half >= slope.length) continue
    let product = 0
    let first = 0
    let second = 0
    for (let k = -half; k <= half; k++) {
      const p = slope[a + k] as number
      const q = slope[c + k] as number
      product += p * q
      first += p * p
      second += q * q
    }
    const match = first > 0 && second > 0 ? product / Math.sqrt(first * second) : 0
    if (match > best) best = match
  }
  return best
}
