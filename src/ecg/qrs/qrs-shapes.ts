import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'

/** The energy of a shape is taken this far around its centre. */
const coreSeconds = 0.06
/** Share of a new beat in its shape. */
const newestShare = 0.1
/** A shape takes part when it made up at least this share of the recent beats and was seen this often. */
const leastUse = 0.01
const leastSeen = 3
/** A beat with a larger share of it unexplained by every shape begins a new one. */
const newShapeResidual = 0.35
const shiftSeconds = 0.025
const useFading = 0.98
/** Points between two looks at whether a shape is out already. */
const stride = 9
/** Share of a new beat in the share of beats explained by known shapes. */
const explainedShare = 0.02

/** Running shapes of the QRS complexes that were accepted, in the wide band: windows of `points` around their centre. */
export class QrsShapes {
  private readonly core: number
  private readonly shift: number
  private readonly state
  /** Power of each shape, and the signal at all shifts: room for `learn`. */
  private readonly own: Float64Array
  private readonly window: Float64Array

  /**
   * @param count shapes kept
   * @param reach points of a window on either side of its centre
   * @param rate points a second
   * @param step samples of the stream from one point to the next
   */
  constructor(
    readonly count: number,
    private readonly reach: number,
    rate: number,
    private readonly step: number,
  ) {
    const points = 2 * reach + 1
    this.points = points
    this.shift = Math.max(1, Math.round(shiftSeconds * rate))
    this.core = Math.round(coreSeconds * rate)
    this.own = new Float64Array(count)
    this.window = new Float64Array(points + 2 * this.shift)
    this.state = {
      /** Share of the recent beats that had a known shape. */
      explained: 0,
      shape: new Float64Array(count * points),
      seen: new Float64Array(count),
      use: new Float64Array(count),
      /** Mean distance from a shape's centre to the R peak, in samples of the stream. */
      rOffset: new Float64Array(count),
    }
  }

  /** Points of a shape. */
  readonly points: number

  /** One shape, lent. */
  of(shape: number): Float64Array {
    return this.state.shape.subarray(shape * this.points, (shape + 1) * this.points)
  }

  /** Takes an accepted beat near `centre` into the shape that it resembles, or begins one with it. Returns its centre as its shape sees it. */
  learn(ring: Float64Array, centre: number, rIndex: number): number {
    const last = ring.length - 1
    const { state, points, reach } = this
    let found = -1
    let place = centre
    let least = newShapeResidual
    const { own, window } = this
    const { shape: shapes } = state
    for (let i = 0; i < this.count; i++) {
      if ((state.seen[i] as number) > 0) own[i] = powerOf(shapes, i * points, points)
    }
    const first = centre - this.shift - reach
    for (let k = 0; k < window.length; k++) window[k] = ring[(first + k) & last] as number
    for (let shift = -this.shift; shift <= this.shift; shift++) {
      const from = shift + this.shift
      const power = powerOf(window, from, points)
      for (let i = 0; i < this.count; i++) {
        if ((state.seen[i] as number) === 0) continue
        const scale = Math.max(power, own[i] as number)
        let residual = 0
        const base = i * points
        // It only grows: once too large it need not be known to the end.
        for (let j = 0; j < points && !(residual / scale >= least); ) {
          for (const end = Math.min(points, j + stride); j < end; j++) {
            const difference = (window[from + j] as number) - (shapes[base + j] as number)
            residual += difference * difference
          }
        }
        const share = residual / scale
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
      for (let i = 1; i < this.count; i++) if ((state.use[i] as number) < (state.use[shape] as number)) shape = i
      state.seen[shape] = 0
      state.use[shape] = 0
      place = centre
    }
    const seen = (state.seen[shape] as number) + 1
    state.seen[shape] = seen
    const share = Math.max(newestShare, 1 / seen)
    const base = shape * points
    for (let j = 0; j < points; j++) {
      const x = ring[(place - reach + j) & last] as number
      state.shape[base + j] = (1 - share) * (state.shape[base + j] as number) + share * x
    }
    state.rOffset[shape] = (1 - share) * (state.rOffset[shape] as number) + share * (rIndex - place * this.step)
    for (let i = 0; i < this.count; i++) state.use[i] = (state.use[i] as number) * useFading
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

  use(shape: number): number {
    return this.state.use[shape] as number
  }

  /** Mean power of the complexes around their centre. */
  corePower(): number {
    const { shape, use } = this.state
    let energy = 0
    let used = 0
    for (let i = 0; i < this.count; i++) {
      if (!this.takesPart(i)) continue
      let sum = 0
      const centre = i * this.points + this.reach
      for (let k = centre - this.core; k <= centre + this.core; k++) sum += (shape[k] as number) * (shape[k] as number)
      energy += (use[i] as number) * sum
      used += use[i] as number
    }
    return used > 0 ? energy / used / (2 * this.core + 1) : 0
  }

  takesPart(shape: number): boolean {
    return (this.state.seen[shape] as number) >= leastSeen && (this.state.use[shape] as number) >= leastUse
  }

  /** As new. */
  forget(): void {
    this.state.explained = 0
    const { shape, seen, use, rOffset } = this.state
    for (const array of [shape, seen, use, rOffset]) array.fill(0)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}

function powerOf(values: Float64Array, from: number, length: number): number {
  let power = 0
  for (let k = from; k < from + length; k++) power += (values[k] as number) * (values[k] as number)
  return power
}
