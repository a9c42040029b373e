import { type CalibrationTable, saturationOf, slopeOf } from './calibration.js'
import type { RatioResult } from './ratio-meter.js'
import { ratioParameters } from './ratio-parameters.js'

export const saturationParameters = {
  ...ratioParameters,
  /** Of the 90 % interval: what R's own scatter is multiplied by, and what remains without any movement, % saturation. */
  scatterFactor: 1.1,
  leastDeviation: 0.25,
  /** Half width of the 90 % interval beyond which there is no number, % saturation. Quality falls to 0.5 there. */
  widest: 7,
  /** Without support a number is kept for so long; its interval widens by so much each second, % saturation. */
  holdSeconds: 10,
  driftPerSecond: 0.5,
} as const

/** Half of a 90 % interval in standard deviations of a normal distribution. */
const ninety = 1.645

export interface SaturationResult {
  /** %; null with `reason`. */
  value: number | null
  /** Bounds of the 90 % interval, %. */
  low: number
  high: number
  quality: number
  held: boolean
  reason: string
}

/**
 * SpO2 of each second: the ratio through the calibration, with its interval. A second whose ratio has no support repeats
 * the last number that had, marked as held and with an interval that widens, for 10 s at most; then it is null.
 */
export class Saturation {
  readonly state = { value: Number.NaN, half: 0, at: 0 }
  readonly #fs: number
  readonly #table: CalibrationTable
  readonly #result: SaturationResult = { value: null, low: 0, high: 0, quality: 0, held: false, reason: '' }

  constructor(fs: number, table: CalibrationTable) {
    this.#fs = fs
    this.#table = table
  }

  /** The number at sample `now` from the ratio of this second. The result object is used again. */
  measure(now: number, ratio: RatioResult): SaturationResult {
    const result = this.#result
    const reason = this.#judge(ratio)
    if (reason !== '') return this.withhold(now, reason)
    const table = this.#table
    const deviation = (saturationParameters.scatterFactor * ratio.deviation) / Math.sqrt(Math.max(0.02, ratio.share))
    const inside = Math.min(table.mostR, Math.max(table.leastR, ratio.r))
    // Beyond the range by no more than R's own uncertainty: the end of the range.
    if (Math.abs(ratio.r - inside) > ninety * deviation + 0.02) return this.withhold(now, 'outside-calibration')
    const scatter = deviation * slopeOf(table, inside)
    const { leastDeviation, widest } = saturationParameters
    const half = ninety * Math.sqrt(leastDeviation * leastDeviation + scatter * scatter)
    if (!(half <= widest)) return this.withhold(now, 'uncertain-ratio')
    const s = this.state
    s.value = saturationOf(table, inside)!
    s.half = half
    s.at = now
    this.#say(s.value, half)
    result.held = false
    return result
  }

  /** No ratio to be had in this second: the number before, as long as it can be kept, else null for `reason`. */
  withhold(now: number, reason: string): SaturationResult {
    const s = this.state
    const result = this.#result
    const { holdSeconds, driftPerSecond, widest } = saturationParameters
    const age = (now - s.at) / this.#fs
    const half = Math.sqrt(s.half * s.half + driftPerSecond * driftPerSecond * age * age)
    if (Number.isNaN(s.value) || age > holdSeconds || half > widest) return this.refuse(reason)
    this.#say(s.value, half)
    result.held = true
    return result
  }

  /** Nothing to say and nothing to keep. */
  refuse(reason: string): SaturationResult {
    const result = this.#result
    this.state.value = Number.NaN
    result.value = null
    result.quality = 0
    result.held = false
    result.reason = reason
    return result
  }

  #judge(ratio: RatioResult): string {
    if (ratio.reason === 'motion' || ratio.reason === 'learning') return ratio.reason
    if (ratio.perfusion > 0 && ratio.perfusion < saturationParameters.leastPerfusion) return 'low-perfusion'
    return ratio.reason
  }

  #say(value: number, half: number): void {
    const result = this.#result
    result.value = value
    result.low = Math.max(0, value - half)
    result.high = Math.min(100, value + half)
    result.quality = 1 - half / (2 * saturationParameters.widest)
    result.reason = ''
  }
}
