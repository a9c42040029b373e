import { qrsSpan, windowPoints } from './beat-window.js'

/** Leads that are compared, one window each. */
export const slotCount = 2
/** How far (points) a beat is moved to fit a group best: the R peak of a split complex jumps from one of its peaks to the other. */
const mostShift = 6
const shiftCount = 2 * mostShift + 1
const length = qrsSpan.to - qrsSpan.from

/** Correlates the QRS span of a beat with that of a mean beat, over their leads together, at the shift that fits best. */
export class ShapeComparer {
  private readonly centred = new Float64Array(slotCount * windowPoints)
  private readonly powers = new Float64Array(slotCount * shiftCount)
  /** With room for three shifts that are not asked for. */
  private readonly products = new Float64Array(shiftCount + 3)
  private readonly result = { correlation: 0, shift: 0 }

  /** Reads the beat that `compare` is about: power of each slot's QRS span at each shift, less that of its mean. */
  read(windows: Float64Array, base: number, slots: number): void {
    const { powers } = this
    for (let slot = 0; slot < slotCount; slot++) {
      if ((slots & (1 << slot)) === 0) continue
      for (let shift = -mostShift; shift <= mostShift; shift++) {
        const from = base + slot * windowPoints + qrsSpan.from + shift
        let power = 0
        let sum = 0
        for (let k = from; k < from + length; k++) {
          const x = windows[k] as number
          power += x * x
          sum += x
        }
        powers[slot * shiftCount + mostShift + shift] = power - (sum * sum) / length
      }
    }
  }

  /**
   * `windows` from `base` on holds a window a slot, `means` from `meanBase` on likewise; bit s of `shared`: both have slot s.
   * Each slot's own correlation goes into `each` (NaN: not shared); -1 when nothing is shared. `read` was called for the windows.
   */
  compare(
    windows: Float64Array,
    base: number,
    means: Float64Array,
    meanBase: number,
    shared: number,
    each: Float64Array,
  ): Readonly<{ correlation: number; shift: number }> {
    const { result } = this
    result.correlation = -1
    result.shift = 0
    each.fill(Number.NaN)
    if (shared === 0) return result
    const meanPower = this.centre(means, meanBase, shared)
    this.readProducts(windows, base, shared)
    for (let shift = -mostShift; shift <= mostShift; shift++) {
      const correlation = this.jointAt(shared, shift, meanPower)
      if (correlation > result.correlation) {
        result.correlation = correlation
        result.shift = shift
      }
    }
    for (let slot = 0; slot < slotCount; slot++) {
      if ((shared & (1 << slot)) === 0) continue
      each[slot] = this.correlateAt(windows, base + slot * windowPoints + qrsSpan.from + result.shift, slot * windowPoints)
    }
    return result
  }

  /** Means of the span taken off, into `centred`; the power that is left. */
  private centre(means: Float64Array, meanBase: number, shared: number): number {
    const { centred } = this
    let power = 0
    for (let slot = 0; slot < slotCount; slot++) {
      if ((shared & (1 << slot)) === 0) continue
      const from = meanBase + slot * windowPoints + qrsSpan.from
      let sum = 0
      for (let k = 0; k < length; k++) sum += means[from + k] as number
      const mean = sum / length
      for (let k = 0; k < length; k++) {
        const x = (means[from + k] as number) - mean
        centred[slot * windowPoints + k] = x
        power += x * x
      }
    }
    return power
  }

  private jointAt(shared: number, shift: number, meanPower: number): number {
    let power = 0
    for (let slot = 0; slot < slotCount; slot++) {
      if ((shared & (1 << slot)) !== 0) power += this.powers[slot * shiftCount + mostShift + shift] as number
    }
    const size = power * meanPower
    return size > 0 ? (this.products[mostShift + shift] as number) / Math.sqrt(size) : 0
  }

  /** Products with `centred` at each shift, over the slots; four shifts at once are sums that do not wait for each other. */
  private readProducts(windows: Float64Array, base: number, slots: number): void {
    const { products, centred } = this
    products.fill(0)
    for (let slot = 0; slot < slotCount; slot++) {
      if ((slots & (1 << slot)) === 0) continue
      const to = slot * windowPoints
      for (let s = 0; s < shiftCount; s += 4) {
        const from = base + slot * windowPoints + qrsSpan.from - mostShift + s
        let first = products[s] as number
        let second = products[s + 1] as number
        let third = products[s + 2] as number
        let fourth = products[s + 3] as number
        for (let k = 0; k < length; k++) {
          const y = centred[to + k] as number
          first += (windows[from + k] as number) * y
          second += (windows[from + k + 1] as number) * y
          third += (windows[from + k + 2] as number) * y
          fourth += (windows[from + k + 3] as number) * y
        }
        products[s] = first
        products[s + 1] = second
        products[s + 2] = third
        products[s + 3] = fourth
      }
    }
  }

  private correlateAt(windows: Float64Array, from: number, to: number): number {
    let product = 0
    let sum = 0
    let power = 0
    let own = 0
    for (let k = 0; k < length; k++) {
      const x = windows[from + k] as number
      const y = this.centred[to + k] as number
      product += x * y
      sum += x
      power += x * x
      own += y * y
    }
    const size = (power - (sum * sum) / length) * own
    return size > 0 ? product / Math.sqrt(size) : 0
  }
}
