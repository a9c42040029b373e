/** R peak: largest deviation from the level around it, this close to where it is expected. */
const reachSeconds = 0.07
/** The level is the mean this far around. */
const levelSeconds = 0.15
/** The height of a complex is taken this far around its R peak. */
const heightSeconds = 0.05
/** Half width of the triangle that smooths the samples: none below 180 Hz, one sample at 360 Hz, three at 1000. */
const smoothSeconds = 0.0028
/** A positive wave of this share of the negative one is the R wave still. */
const positiveShare = 0.75
/** `index` is the sample before the peak rather than the nearest, down to this share of a sample: so annotators set marks. */
const cutShare = 0.3

export interface RPeak {
  index: number
  /** Place of the peak after `index`, in samples: -0.3 to 0.7. */
  fraction: number
  /** From the lowest to the highest point of the complex, in units of the stream. */
  height: number
}

/** Places R peaks in the samples themselves, with no filter but a triangle of a few milliseconds: nothing shifts or skews them. */
export class QrsRPeak {
  private readonly reach: number
  private readonly level: number
  private readonly heightReach: number
  private readonly smooth: number
  private readonly found: RPeak = { index: 0, fraction: 0, height: 0 }

  /** @param mask `ring[i & mask]` holds sample i */
  constructor(
    fsHz: number,
    private readonly mask: number,
  ) {
    this.reach = Math.round(reachSeconds * fsHz)
    this.level = Math.round(levelSeconds * fsHz)
    this.heightReach = Math.round(heightSeconds * fsHz)
    this.smooth = Math.round(smoothSeconds * fsHz)
  }

  /** The R peak near `centre`. The result is lent until the next call. */
  near(ring: Float64Array, centre: number): RPeak {
    let level = 0
    for (let k = centre - this.level; k < centre + this.level; k++) level += ring[k & this.mask] as number
    level /= 2 * this.level
    let high = centre
    let low = centre
    let highest = Number.NEGATIVE_INFINITY
    let lowest = Number.POSITIVE_INFINITY
    for (let k = centre - this.reach; k <= centre + this.reach; k++) {
      const x = this.at(ring, k)
      if (x > highest) {
        highest = x
        high = k
      }
      if (x < lowest) {
        lowest = x
        low = k
      }
    }
    const best = highest - level >= positiveShare * (level - lowest) ? high : low
    return this.set(ring, best + this.vertex(ring, best).offset)
  }

  /** The R peak at a place that is known otherwise, fractions included. */
  exactly(ring: Float64Array, place: number): RPeak {
    return this.set(ring, place)
  }

  private set(ring: Float64Array, place: number): RPeak {
    const { found } = this
    const index = Math.max(0, Math.floor(place + cutShare))
    let low = index
    let high = index
    let lowest = this.at(ring, index)
    let highest = lowest
    for (let k = index - this.heightReach; k <= index + this.heightReach; k++) {
      const x = this.at(ring, k)
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
    found.height = this.vertex(ring, high).value - this.vertex(ring, low).value
    return found
  }

  private at(ring: Float64Array, k: number): number {
    const { smooth, mask } = this
    let sum = (smooth + 1) * (ring[k & mask] as number)
    for (let j = 1; j <= smooth; j++) sum += (smooth + 1 - j) * ((ring[(k - j) & mask] as number) + (ring[(k + j) & mask] as number))
    return sum / ((smooth + 1) * (smooth + 1))
  }

  /** Vertex of the parabola through the points around `k`; the point itself where it is no extremum. */
  private vertex(ring: Float64Array, k: number): { offset: number; value: number } {
    const before = this.at(ring, k - 1)
    const value = this.at(ring, k)
    const after = this.at(ring, k + 1)
    const bend = before - 2 * value + after
    if ((value - before) * (value - after) < 0 || bend === 0) return { offset: 0, value }
    const offset = (0.5 * (before - after)) / bend
    return { offset, value: value - 0.25 * (before - after) * offset }
  }
}
