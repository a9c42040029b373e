/** R peak: largest deviation from the level around it, this close to where it is expected. */
const reachSeconds = 0.07
/** The level is the mean this far around. */
const levelSeconds = 0.15
/** The height of a complex is taken this far around its R peak. */
const heightSeconds = 0.05
/** Half width of the mean whose extremum is the R peak: about that of an R wave, so a notch or noise on its top moves it little. */
const meanSeconds = 0.0111
/** Half width of the triangle that smooths the samples for the choice of the wave and for its height: none below 180 Hz, one sample at 360 Hz, three at 1000. */
const smoothSeconds = 0.0028
/** A positive wave of this share of the negative one is the R wave still, by the samples before that mean. */
const positiveShare = 0.75
/** `index` is the sample before the peak rather than the nearest, down to this share of a sample: so annotators set marks. */
const cutShare = 0.2

export interface RPeak {
  index: number
  /** Place of the peak after `index`, in samples: -0.2 to 0.8. */
  fraction: number
  /** From the lowest to the highest point of the complex, in units of the stream. */
  height: number
}

/** Places R peaks in the samples themselves, with no filter but a centred mean of 22 ms: nothing shifts them. */
export class QrsRPeak {
  private readonly reach: number
  private readonly level: number
  private readonly heightReach: number
  /** Half width of the mean in samples, its whole samples on either side, and the weight of the two at its ends. */
  private readonly half: number
  private readonly whole: number
  private readonly end: number
  private readonly smooth: number
  /** Samples looked at on either side of where the peak is expected. */
  private readonly room: number
  private readonly around: Float64Array
  private readonly complex: Float64Array
  private readonly found: RPeak = { index: 0, fraction: 0, height: 0 }

  /** @param mask `ring[i & mask]` holds sample i */
  constructor(
    fsHz: number,
    private readonly mask: number,
  ) {
    this.reach = Math.round(reachSeconds * fsHz)
    this.level = Math.round(levelSeconds * fsHz)
    this.heightReach = Math.round(heightSeconds * fsHz)
    this.half = Math.max(0.5, meanSeconds * fsHz)
    this.whole = Math.floor(this.half - 0.5)
    this.end = this.half - 0.5 - this.whole
    this.smooth = Math.round(smoothSeconds * fsHz)
    this.room = Math.max(this.level, this.reach + Math.max(this.whole + 2, this.smooth))
    this.around = new Float64Array(2 * this.room + 1)
    this.complex = new Float64Array(2 * (this.heightReach + this.smooth + 1) + 1)
  }

  /** The R peak near `centre`. The result is lent until the next call. */
  near(ring: Float64Array, centre: number): RPeak {
    const { around, reach, room } = this
    const from = centre - room
    this.copy(ring, from, around)
    const middle = room
    let level = 0
    for (let k = middle - this.level; k < middle + this.level; k++) level += around[k] as number
    level /= 2 * this.level
    let high = middle
    let low = middle
    let highest = Number.NEGATIVE_INFINITY
    let lowest = Number.POSITIVE_INFINITY
    let top = highest
    let bottom = lowest
    for (let k = middle - reach; k <= middle + reach; k++) {
      const sample = this.at(around, k)
      if (sample > top) top = sample
      if (sample < bottom) bottom = sample
      const x = this.mean(around, k)
      if (x > highest) {
        highest = x
        high = k
      }
      if (x < lowest) {
        lowest = x
        low = k
      }
    }
    const best = top - level >= positiveShare * (level - bottom) ? high : low
    const { offset } = vertex(this.mean(around, best - 1), this.mean(around, best), this.mean(around, best + 1))
    return this.set(ring, from + best + offset)
  }

  /** The R peak at a place that is known otherwise, fractions included. */
  exactly(ring: Float64Array, place: number): RPeak {
    return this.set(ring, place)
  }

  private set(ring: Float64Array, place: number): RPeak {
    const { found, complex, heightReach } = this
    const index = Math.max(0, Math.floor(place + cutShare))
    const middle = heightReach + this.smooth + 1
    this.copy(ring, index - middle, complex)
    let low = middle
    let high = middle
    let lowest = this.at(complex, middle)
    let highest = lowest
    for (let k = middle - heightReach; k <= middle + heightReach; k++) {
      const x = this.at(complex, k)
      if (x < lowest) {
        low = k
        lowest = x
      }
      if (x > highest) {
        high = k
        highest = x
      }
    }
    found.index = index
    found.fraction = place < 0 ? 0 : place - index
    found.height = this.extreme(complex, high) - this.extreme(complex, low)
    return found
  }

  /** The samples from `from` on, one after the other. */
  private copy(ring: Float64Array, from: number, into: Float64Array): void {
    const { mask } = this
    for (let k = 0; k < into.length; k++) into[k] = ring[(from + k) & mask] as number
  }

  private at(samples: Float64Array, k: number): number {
    const { smooth } = this
    let sum = (smooth + 1) * (samples[k] as number)
    for (let j = 1; j <= smooth; j++) sum += (smooth + 1 - j) * ((samples[k - j] as number) + (samples[k + j] as number))
    return sum / ((smooth + 1) * (smooth + 1))
  }

  /** Mean of the samples around `k`, a fraction of the last on either side. */
  private mean(samples: Float64Array, k: number): number {
    const { whole, end, half } = this
    let sum = end * ((samples[k - whole - 1] as number) + (samples[k + whole + 1] as number))
    for (let j = k - whole; j <= k + whole; j++) sum += samples[j] as number
    return sum / (2 * half)
  }

  /** Value at the vertex around `k`. */
  private extreme(samples: Float64Array, k: number): number {
    return vertex(this.at(samples, k - 1), this.at(samples, k), this.at(samples, k + 1)).value
  }
}

/** Vertex of the parabola through three neighbours, seen from the middle one; the middle one itself where it is no extremum. */
function vertex(before: number, value: number, after: number): { offset: number; value: number } {
  const bend = before - 2 * value + after
  if ((value - before) * (value - after) < 0 || bend === 0) return { offset: 0, value }
  const offset = (0.5 * (before - after)) / bend
  return { offset, value: value - 0.25 * (before - after) * offset }
}
