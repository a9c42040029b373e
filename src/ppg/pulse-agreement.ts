import { copyState, restoreState } from '../dsp/state.js'
import { medianOf } from '../dsp/streaming-statistics.js'
import type { StageState } from '../signal/stage.js'
import { ScalogramPeaks } from './scalogram-peaks.js'

const parameters = {
  windowSeconds: 8,
  /** About so many samples a second are looked at. */
  rate: 25,
  /** Pulses this near are the same, s. */
  matchSeconds: 0.15,
  /** At either end of the window pulses may be seen by one method only, s. */
  marginSeconds: 0.6,
  /** Less of the window to compare: it cannot be said. */
  leastSeconds: 2,
  /** Without a pulse yet it is said after this much. */
  patienceSeconds: 5,
  /** Agreement at which pulses are worth nothing; half-way to 1 they are just usable. */
  untrusted: 0.83,
  /** Intervals of a heart, even an irregular one, lie within this share of their median ... */
  nearMedian: 0.6,
  /** Sums of two or three of them, within this. */
  nearSum: 0.1,
  /** ... but for so many (after Orphanidou et al., who ask for a longest interval below 2.2 shortest ones). */
  leastSteady: 0.8,
} as const
export const agreementParameters = parameters

const depth = 64

/**
 * Whether a second method finds the pulses that the detector has found: over the last seconds, twice the pulses found by both over the
 * sum of those found by each.
 */
export class PulseAgreement {
  readonly #step: number
  readonly #fs: number
  readonly #rate: number
  readonly #length: number
  readonly #scalogram: ScalogramPeaks
  readonly #intervals = new Float64Array(depth)
  readonly #sums = new Float64Array(depth)
  readonly #scratch = new Float64Array(depth)
  readonly #state: {
    wave: Float64Array
    /** Samples of the detector, and of those the ones that were taken. */
    seen: number
    taken: number
    /** Positions of the detector's pulses. */
    pulses: Float64Array
    count: number
    /** Position of the first sample. */
    base: number
  }

  constructor(fs: number) {
    this.#fs = fs
    this.#step = Math.max(1, Math.round(fs / parameters.rate))
    this.#rate = fs / this.#step
    this.#length = Math.round(parameters.windowSeconds * this.#rate)
    this.#scalogram = new ScalogramPeaks(this.#rate, this.#length)
    this.#state = { wave: new Float64Array(this.#length), seen: 0, taken: 0, pulses: new Float64Array(depth), count: 0, base: 0 }
  }

  /** A sample of the band-passed, upright wave. */
  step(y: number): void {
    const s = this.#state
    if (s.seen % this.#step === 0) {
      s.wave[s.taken % this.#length] = y
      s.taken += 1
    }
    s.seen += 1
  }

  /** A pulse of the detector, at a position in samples since the restart. */
  pulse(position: number): void {
    const s = this.#state
    if (position < s.base) return
    s.pulses[s.count % depth] = position - s.base
    s.count += 1
  }

  /** Begins anew with the next sample, whose position is `base`. */
  restart(base = 0): void {
    Object.assign(this.#state, { seen: 0, taken: 0, count: 0, base })
  }

  /** 0 to 1; NaN while there is too little signal, 0 when neither finds a pulse. */
  measure(): number {
    const s = this.#state
    const length = Math.min(s.taken, this.#length)
    if (length < this.#length / 2) return Number.NaN
    const first = s.taken - length
    this.#scalogram.find(length, place => s.wave[(first + place) % this.#length]!)
    const match = parameters.matchSeconds * this.#fs
    // Before its first pulse the detector was learning.
    const margin = Math.max(parameters.marginSeconds * this.#fs, (this.#scalogram.reach + 1) * this.#step)
    const oldest = s.count <= depth ? (s.pulses[0] ?? 0) - match : 0
    const from = Math.max(first * this.#step + margin, oldest)
    const to = s.seen - margin
    const known = s.count === 0 ? parameters.patienceSeconds : parameters.leastSeconds
    if (to - from < known * this.#fs) return Number.NaN
    let own = 0
    let others = 0
    let both = 0
    for (let k = 0; k < this.#scalogram.count; k += 1) {
      const at = (first + this.#scalogram.at(k)) * this.#step
      if (at < from || at > to || this.#isOwnBeyond(at, from, to)) continue
      others += 1
    }
    for (let back = Math.min(s.count, depth); back >= 1; back -= 1) {
      const at = s.pulses[(s.count - back) % depth]!
      if (at < from || at > to) continue
      own += 1
      if (this.#isFound(at, first, match)) both += 1
    }
    // Of beats that come early in a pattern the scalogram misses the early ones: it bears the others out, and their pattern the rest.
    if (others > 0 && both === others && own <= 2 * others + 1 && this.#isPattern()) return 1
    return own + others === 0 ? 0 : Math.min(1, (2 * both) / (own + others))
  }

  /** Whether the detector's pulses of the last seconds follow each other as those of a heart do; true with fewer than two intervals. */
  steady(): boolean {
    const count = this.#recentIntervals()
    return count < 2 || this.#areSteady(count, 1, parameters.nearMedian) || this.#isPattern()
  }

  /** Whether short and long intervals take turns: sums of two or three in a row are all alike. */
  #isPattern(): boolean {
    const count = this.#recentIntervals()
    return count >= 5 && [2, 3].some(k => this.#areSteady(count, k, parameters.nearSum))
  }

  /** Fills the intervals of the last seconds; how many there are. */
  #recentIntervals(): number {
    const s = this.#state
    const from = s.seen - parameters.windowSeconds * this.#fs
    let count = 0
    for (let back = 1; back < Math.min(s.count, depth); back += 1) {
      const at = s.pulses[(s.count - back) % depth]!
      const before = s.pulses[(s.count - back - 1) % depth]!
      if (before <= from) break
      this.#intervals[count] = at - before
      count += 1
    }
    return count
  }

  /** Whether enough sums of `k` intervals in a row lie near their median. */
  #areSteady(count: number, k: number, near: number): boolean {
    const sums = this.#sums
    const total = count - k + 1
    if (total < 2) return false
    for (let i = 0; i < total; i += 1) {
      sums[i] = 0
      for (let j = 0; j < k; j += 1) sums[i] = sums[i]! + this.#intervals[i + j]!
    }
    const middle = medianOf(sums, total, this.#scratch)
    let steady = 0
    for (let i = 0; i < total; i += 1) if (Math.abs(sums[i]! - middle) <= near * middle) steady += 1
    return steady >= parameters.leastSteady * total
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved as object)
  }

  /** Whether it is a pulse of the detector that lies just beyond an end: of every few samples one is taken. */
  #isOwnBeyond(at: number, from: number, to: number): boolean {
    const s = this.#state
    if (at >= from + this.#step && at <= to - this.#step) return false
    for (let back = Math.min(s.count, depth); back >= 1; back -= 1) {
      const own = s.pulses[(s.count - back) % depth]!
      if ((own < from || own > to) && Math.abs(own - at) <= this.#step) return true
    }
    return false
  }

  #isFound(at: number, first: number, match: number): boolean {
    for (let k = 0; k < this.#scalogram.count; k += 1) {
      if (Math.abs((first + this.#scalogram.at(k)) * this.#step - at) <= match) return true
    }
    return false
  }
}
