import { medianOf } from '../dsp/streaming-statistics.js'
import { type CalibrationTable, saturationOf } from './calibration.js'

const depth = 64

export interface SaturationResult {
  value: number | null
  quality: number
  reason: string
}

export const saturationParameters = {
  windowSeconds: 8,
  /** Beats that a number rests on at least. */
  leastBeats: 3,
  /** Below: the beat says nothing of oxygen, %. */
  leastPerfusion: 0.1,
  leastAgreement: 0.8,
  /** Largest median distance of the beats' R from their median, as a share of it. */
  mostScatter: 0.15,
} as const

/**
 * SpO2 over the last 8 s: the median of the beats' ratios through the calibration. No number without at least three good
 * beats that agree and make up half of the beats of the window, and none outside the range the table holds for.
 */
export class Saturation {
  readonly state = {
    at: new Float64Array(depth),
    /** NaN: a beat without a usable ratio, for the reason in `why`. */
    ratios: new Float64Array(depth),
    agreement: new Float64Array(depth),
    /** 1: low perfusion; 2: poor signal. */
    why: new Float64Array(depth),
    count: 0,
  }
  readonly #fs: number
  readonly #table: CalibrationTable
  readonly #picked = new Float64Array(depth)
  readonly #scratch = new Float64Array(depth)
  readonly #result: SaturationResult = { value: null, quality: 0, reason: '' }

  constructor(fs: number, table: CalibrationTable) {
    this.#fs = fs
    this.#table = table
  }

  addBeat(index: number, r: number, agreement: number): void {
    this.#put(index, r, agreement, 0)
  }

  /** A beat that says nothing. */
  addRefused(index: number, reason: 'low-perfusion' | 'poor-signal'): void {
    this.#put(index, Number.NaN, 0, reason === 'low-perfusion' ? 1 : 2)
  }

  /** At sample `now`. The result object is used again. */
  measure(now: number): SaturationResult {
    const s = this.state
    const result = this.#result
    result.value = null
    result.quality = 0
    const available = Math.min(s.count, depth)
    const { windowSeconds, leastBeats, mostScatter } = saturationParameters
    let beats = 0
    let picked = 0
    let low = 0
    let agreement = 0
    for (let back = 1; back <= available; back += 1) {
      const at = (s.count - back) % depth
      if ((now - s.at[at]!) / this.#fs > windowSeconds) break
      beats += 1
      const r = s.ratios[at]!
      if (!Number.isNaN(r)) {
        this.#picked[picked] = r
        agreement += s.agreement[at]!
        picked += 1
      } else if (s.why[at] === 1) low += 1
    }
    if (picked < leastBeats || picked * 2 < beats) {
      result.reason = low > 0 && low * 2 >= beats - picked ? 'low-perfusion' : beats === 0 ? 'no-pulse' : 'poor-signal'
      return result
    }
    const middle = medianOf(this.#picked, picked, this.#scratch)
    for (let i = 0; i < picked; i += 1) this.#picked[i] = Math.abs(this.#picked[i]! - middle)
    const scatter = medianOf(this.#picked, picked, this.#scratch) / middle
    if (scatter > mostScatter) {
      result.reason = 'unsteady-ratio'
      return result
    }
    result.value = saturationOf(this.#table, middle)
    if (result.value === null) {
      result.reason = 'outside-calibration'
      return result
    }
    result.quality = (agreement / picked) * (picked / beats) * (1 - scatter)
    result.reason = ''
    return result
  }

  #put(index: number, r: number, agreement: number, why: number): void {
    const s = this.state
    const at = s.count % depth
    s.at[at] = index
    s.ratios[at] = r
    s.agreement[at] = agreement
    s.why[at] = why
    s.count += 1
  }
}
