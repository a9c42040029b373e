import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import { selectSmallest } from './qrs-select.js'
import { QrsShapes } from './qrs-shapes.js'
import { solveToeplitz } from './qrs-toeplitz.js'

/** Shapes are kept and compared at about this rate: the wide band holds little above half of it. */
const shapeHz = 120
/** Window of a shape before and after its centre. */
const reachSeconds = 0.15
/** QRS complexes are left out of the noise this far around their centre. */
const excisedSeconds = 0.12
/** Samples kept, a power of two: 8.5 s at 120 Hz. */
const ringSize = 1024
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
  readonly shapes: QrsShapes
  private readonly covariance: Float64Array
  private readonly scratch: Float64Array
  private readonly state

  constructor(fsHz: number, shapes: number) {
    this.step = Math.max(1, Math.round(fsHz / shapeHz))
    this.rate = fsHz / this.step
    this.reach = Math.round(reachSeconds * this.rate)
    this.points = 2 * this.reach + 1
    this.excised = Math.round(excisedSeconds * this.rate)
    this.shapes = new QrsShapes(shapes, this.reach, this.rate, this.step)
    this.scratch = new Float64Array(Math.ceil(2 * this.rate))
    this.covariance = new Float64Array(this.points)
    this.state = {
      ring: new Float64Array(ringSize),
      /** 1 where `ring` holds noise, 0 where it holds a complex or nothing. */
      between: new Float64Array(ringSize),
      /** Newest point. */
      newest: -1,
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

  /** Takes an accepted beat near `centre` into the shapes. Returns its centre as its shape sees it. */
  learn(centre: number, rIndex: number): number {
    return this.shapes.learn(this.state.ring, centre, rIndex)
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
    const core = this.shapes.corePower()
    if (count < 0.2 * (to - from) || core === 0) return Number.NaN
    return selectSmallest(scratch, count, Math.floor(count / 2)) / (normalMedian * core)
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
    covariance[0] = power * (1 + regularisation) + loading * this.shapes.corePower()
    for (let i = 0; i < this.shapes.count; i++) {
      state.separation[i] = 0
      if (!this.shapes.takesPart(i)) continue
      const shape = this.shapes.of(i)
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
    for (let i = 0; i < this.shapes.count; i++) {
      if (!this.shapes.takesPart(i)) continue
      sum += this.shapes.use(i) * (this.state.separation[i] as number)
      used += this.shapes.use(i)
    }
    return used > 0 ? sum / used : 0
  }

  restart(): void {
    this.state.ring.fill(0)
    this.state.between.fill(0)
    this.state.newest = -1
    this.forgetNoise()
  }

  forget(): void {
    this.restart()
    this.shapes.forget()
    for (const array of [this.state.weights, this.state.separation]) array.fill(0)
  }

  save(): StageState {
    return { filter: copyState(this.state), shapes: this.shapes.save() }
  }

  load(saved: StageState): void {
    const { filter, shapes } = saved as Record<'filter' | 'shapes', StageState>
    restoreState(this.state, filter)
    this.shapes.load(shapes)
  }
}
