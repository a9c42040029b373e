import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { solveToeplitz } from './qrs-toeplitz.js'

/** Shapes are kept and compared at about this rate: the wide band holds little above half of it. */
const shapeHz = 120
/** Window of a shape before and after its centre. */
const reachSeconds = 0.15
/** QRS complexes are left out of the noise this far around their centre. */
const excisedSeconds = 0.12
/** The energy of a shape is taken this far around its centre. */
const coreSeconds = 0.06
/** Samples kept, a power of two: 8.5 s at 120 Hz. */
const ringSize = 1024
/** Share of a new beat in its shape. */
const newestShare = 0.1
/** A shape takes part when it made up at least this share of the recent beats and was seen this often. */
const leastUse = 0.01
const leastSeen = 3
/** A beat with a larger share of it unexplained by every shape begins a new one. */
const newShapeResidual = 0.35
const shiftSeconds = 0.025
const useFading = 0.98
/** Share of a new beat in the share of beats explained by known shapes. */
const explainedShare = 0.02
/** White noise added to the covariance, as a share of its power: no filter may rest on a deep null. */
const regularisation = 0.01
/** Median of the square of a normal variable of unit variance. */
const normalMedian = 0.455
/** Noise heard fades with this time constant. */
const memorySeconds = 8

/**
 * Matched filter for QRS complexes in coloured noise: weights R^-1 s for a shape s (mean of accepted beats, in units of the
 * stream, in the 8 to 35 Hz band) and R the autocovariance of what lies between the beats (Turin, IRE Trans Inf Theory 6,
 * 1960; for the QRS complex Xue, Hu and Tompkins, IEEE Trans Biomed Eng 39, 1992, who whiten with a neural net). Electrode
 * motion lies low and muscle noise is broad: the filter moves to where the complex stands out, by itself.
 */
export class QrsMatchedFilter {
  /** Samples of the stream from one point of the shapes to the next. */
  readonly step: number
  readonly points: number
  readonly reach: number
  readonly rate: number
  private readonly excised: number
  private readonly core: number
  private readonly shift: number
  private readonly shapes: number
  private readonly covariance: Float64Array
  private readonly scratch: Float64Array
  private readonly state

  constructor(fsHz: number, shapes: number) {
    this.step = Math.max(1, Math.round(fsHz / shapeHz))
    this.rate = fsHz / this.step
    this.reach = Math.round(reachSeconds * this.rate)
    this.points = 2 * this.reach + 1
    this.excised = Math.round(excisedSeconds * this.rate)
    this.shift = Math.max(1, Math.round(shiftSeconds * this.rate))
    this.core = Math.round(coreSeconds * this.rate)
    this.shapes = shapes
    this.scratch = new Float64Array(Math.ceil(2 * this.rate))
    this.covariance = new Float64Array(this.points)
    this.state = {
      ring: new Float64Array(ringSize),
      /** 1 where `ring` holds noise, 0 where it holds a complex or nothing. */
      between: new Float64Array(ringSize),
      /** Newest point. */
      newest: -1,
      /** Share of the recent beats that had a known shape. */
      explained: 0,
      shape: new Float64Array(shapes * this.points),
      seen: new Float64Array(shapes),
      use: new Float64Array(shapes),
      /** Mean distance from a shape's centre to the R peak, in samples of the stream. */
      rOffset: new Float64Array(shapes),
      products: new Float64Array(this.points),
      pairs: new Float64Array(this.points),
      weights: new Float64Array(shapes * this.points),
      separation: new Float64Array(shapes),
    }
  }

  add(point: number, value: number): void {
    const { ring, between } = this.state
    ring[point & (ringSize - 1)] = value
    between[point & (ringSize - 1)] = 1
    this.state.newest = point
  }

  /** A complex lies here: it is no noise. */
  excise(centre: number): void {
    const { between, newest } = this.state
    const to = Math.min(newest, centre + this.excised)
    for (let k = centre - this.excised; k <= to; k++) between[k & (ringSize - 1)] = 0
  }

  /** Takes an accepted beat near `centre` into the shape that it resembles, or begins one with it. Returns its centre as its shape sees it. */
  learn(centre: number, rIndex: number): number {
    const { state, points, reach } = this
    const { ring } = state
    let found = -1
    let place = centre
    let least = newShapeResidual
    for (let shift = -this.shift; shift <= this.shift; shift++) {
      for (let i = 0; i < this.shapes; i++) {
        if ((state.seen[i] as number) === 0) continue
        let residual = 0
        let power = 0
        let own = 0
        for (let j = 0, k = centre + shift - reach; j < points; j++, k++) {
          const x = ring[k & (ringSize - 1)] as number
          const y = state.shape[i * points + j] as number
          residual += (x - y) * (x - y)
          power += x * x
          own += y * y
        }
        const share = residual / Math.max(power, own)
        if (share < least) {
          least = share
          found = i
          place = centre + shift
        }
      }
    }
    const told = found >= 0 && (state.seen[found] as number) >= leastSeen ? 1 : 0
    state.explained += explainedShare * (told - state.explained)
    let shape = found
    if (found < 0) {
      shape = 0
      for (let i = 1; i < this.shapes; i++) if ((state.use[i] as number) < (state.use[shape] as number)) shape = i
      state.seen[shape] = 0
      state.use[shape] = 0
      place = centre
    }
    const seen = (state.seen[shape] as number) + 1
    state.seen[shape] = seen
    const share = Math.max(newestShare, 1 / seen)
    const base = shape * points
    for (let j = 0; j < points; j++) {
      const x = ring[(place - reach + j) & (ringSize - 1)] as number
      state.shape[base + j] = (1 - share) * (state.shape[base + j] as number) + share * x
    }
    state.rOffset[shape] = (1 - share) * (state.rOffset[shape] as number) + share * (rIndex - place * this.step)
    for (let i = 0; i < this.shapes; i++) state.use[i] = (state.use[i] as number) * useFading
    state.use[shape] = (state.use[shape] as number) + 1 - useFading
    return place
  }

  rOffset(shape: number): number {
    return this.state.rOffset[shape] as number
  }

  set explained(share: number) {
    this.state.explained = share
  }
  get explained(): number {
    return this.state.explained
  }

  /** Share of the memory of shapes that beats have filled: 0 at the start, towards 1. */
  get known(): number {
    let sum = 0
    for (let i = 0; i < this.shapes; i++) sum += this.state.use[i] as number
    return sum
  }

  /** Mean power of the noise in [from, to) over that of the complexes; NaN when too little of it is free of complexes. */
  noiseRatio(from: number, to: number): number {
    const { ring, between } = this.state
    const { scratch } = this
    let count = 0
    for (let k = from; k < to && count < scratch.length; k++) {
      if (between[k & (ringSize - 1)] === 0) continue
      const x = ring[k & (ringSize - 1)] as number
      scratch[count++] = x * x
    }
    const core = this.corePower()
    if (count < 0.2 * (to - from) || core === 0) return Number.NaN
    return selectSmallest(scratch, count, Math.floor(count / 2)) / (normalMedian * core)
  }

  /** Mean power of the complexes around their centre. */
  private corePower(): number {
    const { shape, use } = this.state
    let energy = 0
    let used = 0
    for (let i = 0; i < this.shapes; i++) {
      if (!this.takesPart(i)) continue
      let sum = 0
      const centre = i * this.points + this.reach
      for (let k = centre - this.core; k <= centre + this.core; k++) sum += (shape[k] as number) * (shape[k] as number)
      energy += (use[i] as number) * sum
      used += use[i] as number
    }
    return used > 0 ? energy / used / (2 * this.core + 1) : 0
  }

  /** Forgets the noise heard so far. */
  forgetNoise(): void {
    this.state.products.fill(0)
    this.state.pairs.fill(0)
  }

  /** Hears the noise of [from, to). */
  hear(from: number, to: number): void {
    const { state, points } = this
    const { ring, between, products, pairs } = state
    const fading = 1 - (to - from) / (memorySeconds * this.rate)
    for (let lag = 0; lag < points; lag++) {
      let product = 0
      let count = 0
      for (let k = from; k < to; k++) {
        const m = (between[k & (ringSize - 1)] as number) * (between[(k - lag) & (ringSize - 1)] as number)
        product += m * (ring[k & (ringSize - 1)] as number) * (ring[(k - lag) & (ringSize - 1)] as number)
        count += m
      }
      products[lag] = fading * (products[lag] as number) + product
      pairs[lag] = fading * (pairs[lag] as number) + count
    }
  }

  /** Fits the weights to the noise heard. */
  adapt(loading: number): void {
    const { state, points, covariance } = this
    for (let lag = 0; lag < points; lag++) {
      const pairs = state.pairs[lag] as number
      // Long lags are known worst; the taper keeps the matrix positive.
      const taper = 1 - lag / (1.5 * points)
      covariance[lag] = pairs > 0 ? (taper * (state.products[lag] as number)) / pairs : 0
    }
    const power = covariance[0] as number
    if (!(power > 0)) return
    covariance[0] = power * (1 + regularisation) + loading * this.corePower()
    for (let i = 0; i < this.shapes; i++) {
      state.separation[i] = 0
      if (!this.takesPart(i)) continue
      const shape = state.shape.subarray(i * points, (i + 1) * points)
      const weights = state.weights.subarray(i * points, (i + 1) * points)
      while (!solveToeplitz(covariance, shape, weights)) covariance[0] = 1.2 * (covariance[0] as number)
      let gain = 0
      for (let j = 0; j < points; j++) gain += (shape[j] as number) * (weights[j] as number)
      if (!(gain > 0)) continue
      for (let j = 0; j < points; j++) weights[j] = (weights[j] as number) / gain
      state.separation[i] = gain
    }
  }

  /** Likens the window around a point to one shape. */
  amplitude(shape: number, centre: number): number {
    const { ring, weights } = this.state
    const base = shape * this.points
    let k = centre - this.reach
    let sum = 0
    for (let j = base; j < base + this.points; j++, k++) sum += (weights[j] as number) * (ring[k & (ringSize - 1)] as number)
    return sum
  }

  separation(shape: number): number {
    return this.state.separation[shape] as number
  }

  /** Mean over the shapes, by how often they come. */
  meanSeparation(): number {
    let sum = 0
    let used = 0
    for (let i = 0; i < this.shapes; i++) {
      if (!this.takesPart(i)) continue
      sum += (this.state.use[i] as number) * (this.state.separation[i] as number)
      used += this.state.use[i] as number
    }
    return used > 0 ? sum / used : 0
  }

  use(shape: number): number {
    return this.state.use[shape] as number
  }

  restart(): void {
    this.state.ring.fill(0)
    this.state.between.fill(0)
    this.state.newest = -1
    this.forgetNoise()
  }

  forget(): void {
    this.restart()
    this.state.explained = 0
    const { shape, seen, use, rOffset, weights, separation } = this.state
    for (const array of [shape, seen, use, rOffset, weights, separation]) array.fill(0)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  takesPart(shape: number): boolean {
    return (this.state.seen[shape] as number) >= leastSeen && (this.state.use[shape] as number) >= leastUse
  }
}

/** The value that would stand at `rank` if the first `count` were sorted (Hoare, Comm ACM 4, 1961: FIND); moves them about. */
function selectSmallest(values: Float64Array, count: number, rank: number): number {
  let from = 0
  let to = count - 1
  while (from < to) {
    const pivot = values[rank] as number
    let i = from
    let j = to
    while (i <= j) {
      while ((values[i] as number) < pivot) i++
      while ((values[j] as number) > pivot) j--
      if (i > j) break
      const x = values[i] as number
      values[i++] = values[j] as number
      values[j--] = x
    }
    if (j < rank) from = i
    if (rank < i) to = j
  }
  return values[rank] as number
}
