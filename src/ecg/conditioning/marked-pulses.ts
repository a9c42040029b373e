import { exp, log } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import { isMissing } from '../../signal/sample-block.js'
import type { StageState } from '../../signal/stage.js'

export const markedPulseParameters = {
  /** A pulse of 0.1 to 2 ms, and what an amplifier needs to come back from its rail. */
  leastSeconds: 0.008,
  /** A recharge is looked for from here on: until then it is bent by the filter that the pulse went through. */
  rechargeSeconds: 0.016,
  /** What is left of it is told from the signal by steps of more than this, mV. */
  restMillivolts: 0.045,
  /** Until then it dies away in the anti-alias filter, taken for a Butterworth of fourth order at this share of the rate, at most so many Hz. */
  filterShare: 0.4,
  filterHz: 150,
  /** A complex that the pulse captured must stay to be seen: it peaks 40 to 120 ms after it. */
  longestSeconds: 0.07,
  /** Three differences so far apart are on the recharge of an electrode, one exponential, where its two rates agree to within this share. */
  apartSeconds: 0.008,
  rateTolerance: 0.2,
  /** Otherwise what remains of the difference when the signal is let go again fades in this time. */
  fadeSeconds: 0.2,
} as const

/** Real part of the slower pole pair of a Butterworth filter of fourth order, as a share of its corner in rad/s: cos(67.5 deg). */
const slowestPole = 0.3827

/**
 * Takes pulses that the device marked out of one lead before anything looks at it: from the mark on the level before it is held
 * until steps are small again or the pulse must have died away, by its height, in the front end. Sure of the pulse, it needs no
 * look ahead: samples leave as they come. An overshoot that decays as one exponential is taken out to its end, with what lies on top of
 * it left as it is.
 */
export class MarkedPulses {
  readonly #rest: number
  readonly #least: number
  readonly #settled: number
  readonly #longest: number
  readonly #apart: number
  readonly #fade: number
  /** Decay of the anti-alias filter, 1 / sample. */
  readonly #decay: number
  readonly #state = newState()
  #work = new Float64Array(0)

  /** @param millivolts in one unit of the samples; null: no voltage, a pulse is held for its shortest time */
  constructor(fsHz: number, millivolts: number | null) {
    const p = markedPulseParameters
    this.#rest = millivolts === null ? Number.POSITIVE_INFINITY : p.restMillivolts / millivolts
    this.#least = Math.ceil(p.leastSeconds * fsHz)
    this.#settled = Math.ceil(p.rechargeSeconds * fsHz)
    this.#longest = Math.round(p.longestSeconds * fsHz)
    this.#apart = Math.max(1, Math.round(p.apartSeconds * fsHz))
    this.#fade = Math.round(p.fadeSeconds * fsHz)
    this.#decay = (2 * Math.PI * slowestPole * Math.min(p.filterHz, p.filterShare * fsHz)) / fsHz
  }

  /** The samples from `start` on without the pulses at `marks` (ascending); lent until the next call, `samples` itself when nothing changes. */
  take(start: number, samples: Float64Array, marks: readonly number[]): Float64Array {
    const s = this.#state
    if (start !== s.next) restoreState(s, newState())
    s.next = start + samples.length
    if (marks.length === 0 && s.mark < 0 && s.fading === 0 && s.recharge === 0) {
      for (let i = samples.length - 1; i >= 0; i--) {
        const x = samples[i] as number
        if (isMissing(x)) continue
        s.level = x
        break
      }
      return samples
    }
    if (this.#work.length < samples.length) this.#work = new Float64Array(samples.length)
    const out = this.#work.subarray(0, samples.length)
    let nextMark = 0
    for (let i = 0; i < samples.length; i++) {
      const index = start + i
      const x = samples[i] as number
      out[i] = x
      if (marks[nextMark] === index) {
        nextMark += 1
        // Nothing before it: there is no level to hold.
        if (!Number.isNaN(s.level)) {
          s.mark = index
          s.height = 0
          s.last = s.level
          s.recharge = 0
          s.seen = []
        }
      }
      if (isMissing(x)) continue
      if (s.mark >= 0) this.#hold(index, x)
      if (s.mark < 0) {
        s.level = x - s.recharge + s.offset * (s.fading / this.#fade)
        s.recharge *= s.ratio
        if (s.fading > 0) s.fading -= 1
        if (Math.abs(s.recharge) < this.#rest / 10) s.recharge = 0
      }
      out[i] = s.level
    }
    return out
  }

  /** Ends the pulse when it is over. */
  #hold(index: number, x: number): void {
    const s = this.#state
    const step = Math.abs(x - s.last)
    const rest = x - s.level
    s.last = x
    s.height = Math.max(s.height, Math.abs(rest))
    s.seen.push(rest)
    const window = 2 * this.#apart
    if (s.seen.length > window + 1) s.seen.shift()
    const held = index - s.mark
    if (held < this.#least) return
    const died = s.height > this.#rest ? log(s.height / this.#rest) / this.#decay : 0
    const late = held >= Math.min(this.#longest, this.#settled + died + window)
    const settled = held >= Math.max(this.#settled, died) + window
    const ratio = settled ? this.#ratioOf(s.seen) : null
    // A step can be small because a recharge is slow: that is looked at first.
    const looked = settled || Math.abs(rest) <= this.#rest
    if (ratio === null && !late && (step > this.#rest || !looked)) return
    s.mark = -1
    if (ratio === null) {
      s.offset = -rest
      s.fading = this.#fade
    } else {
      s.offset = 0
      s.fading = 0
      s.recharge = rest
      s.ratio = ratio
    }
  }

  /** From sample to sample, where the differences seen are on one exponential; else null. */
  #ratioOf(seen: readonly number[]): number | null {
    const [first, middle, last] = [seen[0] as number, seen[this.#apart] as number, seen[2 * this.#apart] as number]
    if (!(Math.abs(last) > this.#rest) || first === 0 || middle === 0) return null
    if (!(middle / first > 0 && middle / first < 1 && last / middle > 0 && last / middle < 1)) return null
    const [before, after] = [log(middle / first), log(last / middle)]
    if (Math.abs(before - after) > -markedPulseParameters.rateTolerance * before) return null
    return exp((before + after) / (2 * this.#apart))
  }

  restart(): void {
    restoreState(this.#state, newState())
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }
}

function newState() {
  return {
    /** Index of the sample that should come next. */
    next: -1,
    /** The pulse that is held, or -1. */
    mark: -1,
    /** Last sample that left; NaN before the first. */
    level: Number.NaN,
    /** Last sample that came, and how far the pulse went from the level. */
    last: 0,
    height: 0,
    /** Difference to the signal when it was let go, and samples for which it still fades. */
    offset: 0,
    fading: 0,
    /** What is left of a recharge, and its ratio from sample to sample. */
    recharge: 0,
    ratio: 0,
    /** Newest differences to the level while a pulse is held. */
    seen: [] as number[],
  }
}
