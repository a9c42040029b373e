import { parabolicOffset } from '../dsp/peaks.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

const parameters = {
  /** The wave before and after the systolic peak that is looked at, s. A pulse that follows sooner ends it. */
  beforeSeconds: 0.4,
  afterSeconds: 0.6,
  /** The foot lies at most this long before the steepest rise, s. */
  footSeconds: 0.3,
  /** Half the width over which parabolas are fitted for slope and for curvature, s. */
  slopeSeconds: 0.03,
  curveSeconds: 0.045,
  /** The notch lies at least this long after the peak, s: ejection ends no sooner. */
  notchFromSeconds: 0.08,
  /** The wave after a notch bends down again at least this much, as a share of how much it bends at the systolic peak. */
  leastBend: 0.04,
} as const
export const pulsePointParameters = parameters

/**
 * Onset, systolic peak and dicrotic notch of a pulse, on the upright wave as recorded, when its shape is complete: with `afterSeconds` of it
 * or with the next pulse. Band-passing would move all three, and by different amounts.
 *
 * Onset: where the tangent at the steepest rise meets the level of the foot before it (intersecting tangents; Chiu et al., Am Heart J 121
 * (1991) 1460). Notch: the e wave of the second derivative (Takazawa et al., Hypertension 32 (1998) 365), its highest maximum after the peak,
 * if the wave bends down again after it: a fall without a dicrotic wave does not. Derivatives are those of parabolas of least squares
 * (Savitzky and Golay 1964) over times, not samples, so that all rates see the same.
 *
 * Positions are samples since a restart of whoever feeds it; `wave` gives the sample at a position, at least 1.2 s back.
 */
export class PulsePoints {
  readonly state = {
    pending: false,
    at: 0,
    quality: 0,
    /** Systolic peak of the pulse before; -1: none. */
    previous: -1,
    /** What the last pulse gave; NaN: not there. */
    onset: Number.NaN,
    peak: Number.NaN,
    notch: Number.NaN,
  }
  readonly #wave: (position: number) => number
  readonly #before: number
  readonly #after: number
  readonly #foot: number
  readonly #notchFrom: number
  readonly #slopeHalf: number
  readonly #curveHalf: number

  /** `fs` in Hz, 20 to 1000. */
  constructor(fs: number, wave: (position: number) => number) {
    this.#wave = wave
    this.#before = Math.round(parameters.beforeSeconds * fs)
    this.#after = Math.round(parameters.afterSeconds * fs)
    this.#foot = Math.round(parameters.footSeconds * fs)
    this.#notchFrom = Math.round(parameters.notchFromSeconds * fs)
    this.#slopeHalf = Math.max(1, Math.round(parameters.slopeSeconds * fs))
    this.#curveHalf = Math.max(2, Math.round(parameters.curveSeconds * fs))
  }

  /** A pulse is accepted, with its systolic peak at `position`; its points come later. */
  begin(position: number, quality: number): void {
    Object.assign(this.state, { pending: true, at: position, quality })
  }

  /** Whether `last` is the sample with which the pending pulse is complete. */
  isComplete(last: number): boolean {
    return this.state.pending && last - this.state.at >= this.#after
  }

  /** Finds the points of the pending pulse in what there is up to `last`; `next`: systolic peak of the pulse after it, or -1. */
  settle(last: number, next: number): void {
    const s = this.state
    const { at } = s
    const until = Math.min(next < 0 ? last : next, at + this.#after)
    s.onset = this.#findOnset(at)
    s.peak = this.#findPeak(at, last)
    // The rise of the next pulse is none of this one's, also before that pulse is known.
    s.notch = this.#findNotch(at, this.#lowestBetween(at, until))
    s.pending = false
    s.previous = at
  }

  /** A pulse that is not told still ends the one before it. */
  pass(position: number): void {
    this.state.previous = position
  }

  restart(): void {
    this.state.pending = false
    this.state.previous = -1
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  #lowestBetween(from: number, to: number): number {
    let lowest = from
    for (let i = from + 1; i <= to; i += 1) if (this.#wave(i) < this.#wave(lowest)) lowest = i
    return lowest
  }

  #findPeak(at: number, last: number): number {
    if (at < 1 || at + 1 > last) return at
    const offset = parabolicOffset(this.#wave(at - 1), this.#wave(at), this.#wave(at + 1))
    return Number.isNaN(offset) ? at : at + offset
  }

  #findOnset(at: number): number {
    const half = this.#slopeHalf
    const first = Math.max(half, at - this.#before, this.state.previous + 1)
    let steepest = -1
    let slope = 0
    for (let i = first; i <= at - half; i += 1) {
      const here = this.#slopeAt(i)
      if (here > slope) {
        slope = here
        steepest = i
      }
    }
    // Steepest where the search begins: it rises from before.
    if (steepest <= first) return Number.NaN
    const from = Math.max(first - half, steepest - this.#foot)
    let foot = steepest
    for (let i = steepest - 1; i >= from; i -= 1) if (this.#wave(i) < this.#wave(foot)) foot = i
    const onset = steepest - (this.#meanAt(steepest) - this.#wave(foot)) / slope
    return onset >= foot && onset <= at ? onset : foot
  }

  #findNotch(at: number, end: number): number {
    const half = this.#curveHalf
    const last = end - half
    const bendAtPeak = at - half >= 0 ? this.#curveAt(at) : 0
    if (!(bendAtPeak < 0)) return Number.NaN
    let notch = -1
    let highest = 0
    // Downwards from the end: what comes after a place is known when it is reached.
    let lowestAfter = Number.POSITIVE_INFINITY
    let after = Number.NaN
    let here = this.#curveAt(last)
    for (let i = last; i >= at + this.#notchFrom; i -= 1) {
      const before = this.#curveAt(i - 1)
      if (here > highest && here > before && here >= after && lowestAfter <= parameters.leastBend * bendAtPeak) {
        highest = here
        notch = i
      }
      if (here < lowestAfter) lowestAfter = here
      after = here
      here = before
    }
    if (notch < 0) return Number.NaN
    return notch + parabolicOffset(this.#curveAt(notch - 1), highest, this.#curveAt(notch + 1))
  }

  /** Mean of the samples about `at`, over the width of the slope: what the tangent goes through. */
  #meanAt(at: number): number {
    const half = this.#slopeHalf
    let sum = 0
    for (let k = -half; k <= half; k += 1) sum += this.#wave(at + k)
    return sum / (2 * half + 1)
  }

  /** Slope a sample. */
  #slopeAt(at: number): number {
    const half = this.#slopeHalf
    let sum = 0
    for (let k = 1; k <= half; k += 1) sum += k * (this.#wave(at + k) - this.#wave(at - k))
    return (3 * sum) / (half * (half + 1) * (2 * half + 1))
  }

  /** Curvature, up to a factor that is the same for all. */
  #curveAt(at: number): number {
    const half = this.#curveHalf
    const middle = (half * (half + 1)) / 3
    let sum = -middle * this.#wave(at)
    for (let k = 1; k <= half; k += 1) sum += (k * k - middle) * (this.#wave(at + k) + this.#wave(at - k))
    return sum
  }
}
