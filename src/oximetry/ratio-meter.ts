import { log } from '../dsp/math.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { type HarmonicGrid, makeHarmonicGrid } from './harmonic-basis.js'
import { PulseLight } from './pulse-light.js'
import { PulseRateBelief } from './pulse-rate-belief.js'
import { measurePulseRatio, type PulseRatio } from './pulse-ratio.js'
import { ratioParameters } from './ratio-parameters.js'
import { RestPower } from './rest-power.js'
import { measureWindow, productsPerRate } from './window-powers.js'

export type RatioReason = '' | 'learning' | 'no-pulse' | 'motion'

export interface RatioResult {
  /** Ratio of ratios over the averaging time; NaN where `reason` says why not. */
  r: number
  /** Standard deviation of R by the scatter beside the pulse, before calibration of the uncertainty. */
  deviation: number
  /** Share of the infrared power that is at the pulse, 0 to 1. */
  share: number
  /** Pulse over light, %, of the weaker channel: peak to peak of a sine of the same power. 0: not known. */
  perfusion: number
  reason: RatioReason
}

/**
 * Ratio of ratios under movement. Each second the last 4 s of red and infrared are projected on the harmonics of every heart
 * rate; the rate is tracked; powers at and beside its harmonics, summed over the averaging time, give R (`pulse-ratio.ts`).
 * What is not in step with the heart is averaged away, and what moves red and infrared in a ratio of its own is cancelled.
 */
export class RatioMeter {
  readonly #light: PulseLight
  readonly #grid: HarmonicGrid
  readonly #belief: PulseRateBelief
  readonly #windows: number
  readonly #width: number
  readonly #red: Float64Array
  readonly #infrared: Float64Array
  readonly #likelihood: Float64Array
  readonly #ratio: PulseRatio = { r: 0, spread: 0, contrast: 0 }
  readonly #result: RatioResult = { r: 0, deviation: 0, share: 0, perfusion: 0, reason: '' }
  readonly #state: { powers: Float64Array; count: number; unseen: number }
  readonly #rest: RestPower

  constructor(fs: number, averagingSeconds: number) {
    const p = ratioParameters
    this.#light = new PulseLight(fs, p.windowSeconds)
    this.#grid = makeHarmonicGrid({
      fs: this.#light.fs,
      seconds: p.windowSeconds,
      fromHz: p.fromHz,
      toHz: p.toHz,
      stepHz: p.stepHz,
      most: p.harmonics,
      highHz: p.harmonicsBelowHz,
    })
    const count = this.#grid.bases.length
    this.#belief = new PulseRateBelief({ count, stepHz: p.stepHz, walkHz: p.walkHz, leak: p.leak })
    this.#windows = Math.max(1, averagingSeconds - p.windowSeconds + 1)
    this.#width = productsPerRate * (count + 1)
    this.#red = new Float64Array(this.#grid.length)
    this.#infrared = new Float64Array(this.#grid.length)
    this.#likelihood = new Float64Array(count)
    this.#state = { powers: new Float64Array(this.#windows * this.#width), count: 0, unseen: 0 }
    const least = p.leastPerfusion / 200
    this.#rest = new RestPower(0.5 * this.#grid.length * least * least)
  }

  /** Index of the first sample of the stretch under way. */
  get since(): number {
    return this.#light.since
  }

  step(red: number, infrared: number, index: number): void {
    if (this.#light.step(red, infrared, index)) this.#begin()
  }

  lose(count: number): void {
    this.#light.lose(count)
  }

  /** At the end of a second; `seen`: its light was fit to be seen. The result object is used again. */
  measure(seen: boolean): RatioResult {
    this.#state.unseen = seen ? 0 : this.#state.unseen + 1
    // The sensor was elsewhere, or may have been: what was rest there, is not here.
    if (this.#state.unseen >= ratioParameters.windowSeconds) this.#begin()
    const result = this.#result
    result.r = Number.NaN
    result.deviation = Number.POSITIVE_INFINITY
    result.share = result.perfusion = 0
    if (!this.#light.full) {
      result.reason = 'learning'
      return result
    }
    const power = this.#takeWindow()
    if (!(power > 0)) {
      result.reason = 'no-pulse'
      return result
    }
    return this.#average(power)
  }

  save(): StageState {
    return { light: this.#light.save(), track: copyState(this.#belief.state), rest: this.#rest.save(), state: copyState(this.#state) }
  }

  load(saved: StageState): void {
    const from = saved as { light: StageState; track: object; rest: StageState; state: object }
    this.#light.load(from.light)
    restoreState(this.#belief.state, from.track)
    this.#rest.load(from.rest)
    restoreState(this.#state, from.state)
  }

  #begin(): void {
    this.#belief.forget()
    this.#rest.forget()
    this.#state.count = 0
  }

  /** Powers of the last window at every rate; moves the belief in the rate. Gives the infrared power of the window. */
  #takeWindow(): number {
    const s = this.#state
    this.#light.copyTo(this.#red, this.#infrared)
    const from = (s.count % this.#windows) * this.#width
    const powers = s.powers.subarray(from, from + this.#width)
    measureWindow(this.#grid, this.#red, this.#infrared, powers)
    s.count += 1
    const power = powers[productsPerRate * this.#grid.bases.length + 2]!
    this.#rest.age()
    if (!(power > 0)) return 0
    this.#judgeRates(powers, Math.min(1, this.#rest.power / power))
    return power
  }

  /** How well each rate explains the window; `trust` is less while the hand moves. */
  #judgeRates(powers: Float64Array, trust: number): void {
    const p = ratioParameters
    const weight = p.likelihoodShare * trust
    for (const [b, basis] of this.#grid.bases.entries()) {
      const ratio = this.#ratioAt(powers, b, 1)
      const freedom = 2 * basis.harmonics
      const left = p.windowFreedom - freedom
      let value = 0.5 * left * log(1 + (ratio.contrast * freedom) / left)
      const [least, most] = p.arterialRatio
      if (ratio.r > least && ratio.r < most) value -= p.ratioPenalty * Math.max(0, ratio.r - 0.4)
      else value -= p.foreignPenalty + p.ratioPenalty
      this.#likelihood[b] = weight * value
    }
    this.#belief.step(this.#likelihood)
  }

  #average(power: number): RatioResult {
    const p = ratioParameters
    const s = this.#state
    const result = this.#result
    const kept = Math.min(s.count, this.#windows)
    if (this.#rest.isMovement(power) && !this.#pulseHasGrown(power, kept)) {
      result.reason = 'motion'
      return result
    }
    const { best } = this.#belief.state
    const { harmonics } = this.#grid.bases[best]!
    const ratio = this.#sumAt(best, kept)
    const { pulse, share } = this.#pulseOf(harmonics)
    result.reason = 'no-pulse'
    if (ratio.r > 0) {
      const infrared = 200 * Math.sqrt((2 * pulse) / (kept * this.#grid.length))
      result.perfusion = infrared * Math.min(1, ratio.r)
    }
    const certain = ratio.r > 0 && this.#belief.certainty(p.rateReach) >= p.leastCertainty && ratio.contrast >= p.leastContrast
    if (certain && result.perfusion >= p.leastPerfusion) this.#rest.learn(power, best, ratio.r, share)
    else this.#rest.pass()
    if (!certain) return result
    // Windows overlap; independent ones follow each other without.
    const independent = (kept + p.windowSeconds - 1) / p.windowSeconds
    result.r = ratio.r
    result.deviation = ratio.spread / Math.sqrt(2 * harmonics * independent)
    result.share = share
    result.reason = ''
    return result
  }

  /** Whether what has the power of movement is the pulse that was there before; rest is then as it is now. */
  #pulseHasGrown(power: number, kept: number): boolean {
    const { rate } = this.#rest
    const { arterialRatio, fractionShare, grownReach } = ratioParameters
    const rates = this.#grid.bases.length
    let best = 0
    let most = 0
    for (let b = Math.max(0, rate - grownReach); b < rates; b += 1) {
      this.#sumAt(b, kept)
      const { share } = this.#pulseOf(this.#grid.bases[b]!.harmonics)
      const near = b <= rate + grownReach
      if (near && share > most) {
        most = share
        best = b
      } else if (!near && share > fractionShare * most) {
        most = 0
        break
      }
    }
    const { r } = this.#sumAt(best, kept)
    if (r <= arterialRatio[0]) most = 0
    return this.#rest.recognise(power, r, most)
  }

  readonly #sum = new Float64Array(2 * productsPerRate)

  /** Sums the powers at a rate, and of the whole, over the windows kept; gives their ratio (used again). */
  #sumAt(b: number, kept: number): PulseRatio {
    const sum = this.#sum
    const { powers } = this.#state
    const whole = productsPerRate * this.#grid.bases.length
    sum.fill(0)
    for (let w = 0; w < kept; w += 1) {
      for (let k = 0; k < productsPerRate; k += 1) {
        sum[k] = sum[k]! + powers[w * this.#width + productsPerRate * b + k]!
        sum[productsPerRate + k] = sum[productsPerRate + k]! + powers[w * this.#width + whole + k]!
      }
    }
    return ratioOf(sum, 0, productsPerRate, this.#grid.bases[b]!.harmonics, kept, this.#ratio)
  }

  /** Infrared power of the pulse in the sums, less what lies beside it, and its share of the whole. */
  #pulseOf(harmonics: number): { pulse: number; share: number } {
    const at = this.#sum[2]!
    const whole = this.#sum[5]!
    const beside = (whole - at) / (ratioParameters.windowFreedom - 2 * harmonics)
    const pulse = Math.max(0, at - 2 * harmonics * beside)
    return { pulse, share: whole > 0 ? pulse / whole : 0 }
  }

  #ratioAt(powers: Float64Array, b: number, windows: number): PulseRatio {
    return ratioOf(
      powers,
      productsPerRate * b,
      productsPerRate * this.#grid.bases.length,
      this.#grid.bases[b]!.harmonics,
      windows,
      this.#ratio,
    )
  }
}

/** Floor of the power beside the pulse, density squared a degree of freedom: far below any converter's step. */
const floor = 1e-13

function ratioOf(powers: Float64Array, at: number, whole: number, harmonics: number, windows: number, result: PulseRatio): PulseRatio {
  const pulse = 1 / (2 * harmonics * windows)
  const rest = 1 / ((ratioParameters.windowFreedom - 2 * harmonics) * windows)
  const rr = powers[at]!
  const ri = powers[at + 1]!
  const ii = powers[at + 2]!
  return measurePulseRatio(
    [rr * pulse, ri * pulse, ii * pulse],
    [(powers[whole]! - rr) * rest + floor, (powers[whole + 1]! - ri) * rest, (powers[whole + 2]! - ii) * rest + floor],
    result,
  )
}
