import { type BandPassDesign, designBandPass, newBandPass, settleBandPass, stepBandPass } from '../dsp/band-pass.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

/** One beat's ratio of ratios with what it rests on. */
export interface BeatRatio {
  r: number
  /** Squared correlation of red and infrared over the beat, 0 to 1. */
  agreement: number
  /** AC over DC of the weaker channel, %, AC as peak to peak of a sine of the same power. */
  perfusion: number
}

/**
 * R = (AC red / DC red) / (AC infrared / DC infrared) per beat. AC red over AC infrared is the slope of the line through
 * the band-passed samples of the beat (total least squares through the mean): all samples count, not two extremes, and
 * both channels may be noisy. What is not common to both, motion or noise, lowers `agreement`.
 */
export class BeatRatioMeter {
  readonly state = {
    red: newBandPass(),
    infrared: newBandPass(),
    settle: 0,
    started: false,
    missing: 0,
    count: 0,
    redLevel: 0,
    infraredLevel: 0,
    r: 0,
    i: 0,
    rr: 0,
    ii: 0,
    ri: 0,
  }
  readonly #design: BandPassDesign
  readonly #bridge: number
  readonly #settle: number
  readonly #result: BeatRatio = { r: 0, agreement: 0, perfusion: 0 }

  constructor(fs: number) {
    this.#design = designBandPass({ fs, lowHz: 0.5, highHz: 8 })
    this.#bridge = Math.floor(0.1 * fs)
    this.#settle = Math.round(1.5 * fs)
  }

  /** One sample of both channels; NaN in either is missing in both. */
  step(red: number, infrared: number): void {
    const s = this.state
    if (Number.isNaN(red) || Number.isNaN(infrared)) {
      s.missing += 1
      return
    }
    if (!s.started || s.missing > this.#bridge) {
      settleBandPass(s.red, this.#design, red)
      settleBandPass(s.infrared, this.#design, infrared)
      s.started = true
      s.settle = this.#settle
      this.#forget()
    }
    s.missing = 0
    const r = stepBandPass(s.red, this.#design, red)
    const i = stepBandPass(s.infrared, this.#design, infrared)
    if (s.settle > 0) {
      s.settle -= 1
      return
    }
    s.count += 1
    s.redLevel += red
    s.infraredLevel += infrared
    s.r += r
    s.i += i
    s.rr += r * r
    s.ii += i * i
    s.ri += r * i
  }

  lose(count: number): void {
    this.state.missing += count
  }

  /** A beat ends here: its ratio, or null when there is nothing to make it of. The result object is used again. */
  take(leastSamples: number): BeatRatio | null {
    const s = this.state
    const n = s.count
    if (n < leastSamples) {
      this.#forget()
      return null
    }
    const redLevel = s.redLevel / n
    const infraredLevel = s.infraredLevel / n
    const rr = s.rr / n - (s.r / n) * (s.r / n)
    const ii = s.ii / n - (s.i / n) * (s.i / n)
    const ri = s.ri / n - (s.r / n) * (s.i / n)
    this.#forget()
    if (!(redLevel > 0 && infraredLevel > 0 && rr > 0 && ii > 0 && ri > 0)) return null
    const difference = (rr - ii) / (2 * ri)
    const slope = difference + Math.sqrt(difference * difference + 1)
    const result = this.#result
    result.r = (slope * infraredLevel) / redLevel
    result.agreement = (ri * ri) / (rr * ii)
    const swing = 200 * Math.sqrt(2)
    const red = (swing * Math.sqrt(rr)) / redLevel
    const infrared = (swing * Math.sqrt(ii)) / infraredLevel
    result.perfusion = Math.min(red, infrared)
    return result
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  #forget(): void {
    const s = this.state
    s.count = 0
    s.redLevel = s.infraredLevel = s.r = s.i = s.rr = s.ii = s.ri = 0
  }
}
