import { parabolicOffset } from '../dsp/peaks.js'
import { medianOf } from '../dsp/streaming-statistics.js'

/**
 * Pulses in one band-passed, upright pulse wave, causally. After the slope-sum function of Zong, Heldt, Moody and Mark
 * (Computers in Cardiology 2003, arterial pressure), in our own steps:
 * 1. slope sum: the rises of the last 170 ms added up; a systolic upstroke makes one hump, a dicrotic wave a small one;
 * 2. threshold: half of the median of the last 8 humps (theirs: a running mean, which one artefact spoils); learned from
 *    the largest hump of the first 2 s; without a pulse it decays after 1.6 expected intervals, down to 0.15 of that
 *    median; after 6 s without a pulse it is learned anew;
 * 3. systolic peak: the highest sample until the wave has fallen by a quarter of its height or 250 ms have passed (they
 *    mark the onset); placed between samples by a parabola;
 * 4. refractory: none within 240 ms; within 0.55 of the expected interval only with a hump of 0.7 of the median.
 */
const history = 8
/** Expected intervals after which a pulse is overdue. */
const patience = 1.6
/** Intervals from which one is expected. */
const leastIntervals = 3

export interface PulseDetectorState {
  sum: number
  rises: Float64Array
  place: number
  last: number
  /** Ring of the filtered wave, `ringSeconds` long, for foot, peak and shape. */
  wave: Float64Array
  /** Samples seen since the (re)start. */
  seen: number
  learnFrom: number
  learnMax: number
  humps: Float64Array
  humpCount: number
  humpMedian: number
  intervals: Float64Array
  intervalCount: number
  expected: number
  rising: boolean
  hump: number
  foot: number
  peak: number
  peakAt: number
  lastPeak: number
  /** A wave must be higher than this to be a pulse; the owner says it. */
  least: number
  /** Whether the last sample made the size of pulses be learned anew: none had come for long. */
  relearned: boolean
  /** The pulse just found: set when step returns true. Positions in samples since the (re)start. */
  foundAt: number
  foundOffset: number
  foundHeight: number
}

export class PulseDetector {
  readonly state: PulseDetectorState
  readonly #width: number
  readonly #learn: number
  readonly #relearn: number
  readonly #refractory: number
  readonly #timeout: number
  readonly #footReach: number
  readonly #skip: number
  readonly #fs: number
  readonly #mask: number
  readonly #scratch = new Float64Array(history)

  constructor(fs: number) {
    this.#fs = fs
    this.#width = Math.max(2, Math.round(0.17 * fs))
    this.#learn = Math.round(2 * fs)
    this.#relearn = Math.round(4 * fs)
    this.#refractory = Math.round(0.24 * fs)
    this.#timeout = Math.max(1, Math.round(0.25 * fs))
    this.#footReach = Math.round(0.4 * fs)
    this.#skip = Math.round(0.3 * fs)
    let size = 16
    while (size < 1.6 * fs) size *= 2
    this.#mask = size - 1
    this.state = {
      sum: 0,
      rises: new Float64Array(this.#width),
      place: 0,
      last: Number.NaN,
      wave: new Float64Array(size),
      seen: 0,
      learnFrom: 0,
      learnMax: 0,
      humps: new Float64Array(history),
      humpCount: 0,
      humpMedian: 0,
      intervals: new Float64Array(history),
      intervalCount: 0,
      expected: Math.round(0.8 * fs),
      rising: false,
      hump: 0,
      foot: 0,
      peak: 0,
      peakAt: 0,
      lastPeak: Number.NaN,
      least: 0,
      relearned: false,
      foundAt: 0,
      foundOffset: 0,
      foundHeight: 0,
    }
  }

  /** The timeline broke: forget the wave, keep what was learned about its size and rate. */
  restart(): void {
    const s = this.state
    s.sum = 0
    s.rises.fill(0)
    s.place = 0
    s.last = Number.NaN
    s.wave.fill(0)
    s.seen = 0
    s.learnFrom = 0
    s.learnMax = 0
    s.rising = false
    s.lastPeak = Number.NaN
    s.relearned = false
    s.humpCount = 0
    s.humpMedian = 0
    s.intervalCount = 0
  }

  /** Filtered value at `position` (samples since the restart), at most about 1.6 s back. */
  waveAt(position: number): number {
    return this.state.wave[position & this.#mask]!
  }

  /** Whether the next pulse should long have come: the heart has paused, or the wave was lost. */
  isOverdue(): boolean {
    const s = this.state
    return s.intervalCount >= leastIntervals && s.seen - s.lastPeak > patience * s.expected
  }

  /** True when a pulse was settled by this sample; it stands in state.foundAt. */
  step(y: number): boolean {
    const s = this.state
    const now = s.seen
    s.seen = now + 1
    s.relearned = false
    s.wave[now & this.#mask] = y
    const rise = y > s.last ? y - s.last : 0
    s.last = y
    const place = s.place
    s.sum += rise - s.rises[place]!
    s.rises[place] = rise
    if (place + 1 === this.#width) {
      s.place = 0
      // Once a turn the sum is made anew, so rounding does not pile up.
      let sum = 0
      for (let i = 0; i < this.#width; i += 1) sum += s.rises[i]!
      s.sum = sum
    } else s.place = place + 1

    if (s.humpCount === 0) {
      if (now - s.learnFrom >= this.#skip && s.sum > s.learnMax) s.learnMax = s.sum
      if (now - s.learnFrom >= this.#learn && s.learnMax > 0) this.#learnSize(now)
      return false
    }
    return s.rising ? this.#follow(y, now) : this.#watch(now)
  }

  /** Takes the largest hump that was seen for the size of pulses; where the wave never rose, it is awaited. */
  #learnSize(now: number): void {
    const s = this.state
    s.humps.fill(0.8 * s.learnMax)
    s.humpCount = s.learnMax > 0 ? history : 0
    s.humpMedian = 0.8 * s.learnMax
    s.lastPeak = Number.NaN
    s.learnFrom = now
    s.learnMax = 0
  }

  #watch(now: number): boolean {
    const s = this.state
    const quiet = now - (Number.isNaN(s.lastPeak) ? s.learnFrom : s.lastPeak)
    const due = patience * s.expected
    let threshold = 0.5 * s.humpMedian
    if (quiet > due) {
      // The largest hump of the last 2 s is the size of pulses now.
      if (quiet > this.#relearn - this.#learn && s.sum > s.learnMax) s.learnMax = s.sum
      if (quiet > this.#relearn) {
        this.#learnSize(now)
        s.intervalCount = 0
        s.relearned = true
        return false
      }
      threshold *= Math.max(0.3, 1 - (quiet - due) / this.#fs)
    } else if (!Number.isNaN(s.lastPeak)) {
      if (quiet < this.#refractory) return false
      if (quiet < 0.55 * s.expected) threshold = 0.7 * s.humpMedian
    }
    if (s.sum <= threshold || s.sum <= 0) return false
    s.rising = true
    s.learnMax = 0
    s.hump = s.sum
    s.peak = Number.NEGATIVE_INFINITY
    s.foot = Number.POSITIVE_INFINITY
    let from = now - this.#footReach
    if (from < 0) from = 0
    if (from <= s.lastPeak) from = s.lastPeak + 1
    for (let i = from; i <= now; i += 1) {
      const value = s.wave[i & this.#mask]!
      if (value <= s.foot) {
        s.foot = value
        s.peak = value
        s.peakAt = i
      } else if (value > s.peak) {
        s.peak = value
        s.peakAt = i
      }
    }
    return false
  }

  #follow(y: number, now: number): boolean {
    const s = this.state
    if (s.sum > s.hump) s.hump = s.sum
    if (y > s.peak) {
      s.peak = y
      s.peakAt = now
    }
    const height = s.peak - s.foot
    if (y > s.peak - 0.25 * height && now - s.peakAt < this.#timeout) return false
    s.rising = false
    if (height <= s.least || s.peakAt < 1) return false
    const offset = parabolicOffset(this.waveAt(s.peakAt - 1), s.peak, this.waveAt(s.peakAt + 1))
    if (!Number.isNaN(s.lastPeak)) {
      const interval = s.peakAt - s.lastPeak
      s.intervals[s.intervalCount % history] = interval
      s.intervalCount += 1
      if (s.intervalCount >= leastIntervals) {
        const limit = 2 * this.#fs
        const typical = medianOf(s.intervals, Math.min(s.intervalCount, history), this.#scratch)
        s.expected = Math.min(typical, limit)
      }
    }
    for (let k = s.hump < 0.5 * s.humpMedian ? 2 : 1; k > 0; k -= 1) {
      s.humps[s.humpCount % history] = s.hump
      s.humpCount += 1
    }
    s.humpMedian = medianOf(s.humps, history, this.#scratch)
    s.lastPeak = s.peakAt
    s.foundAt = s.peakAt
    s.foundOffset = offset
    s.foundHeight = height
    return true
  }
}
