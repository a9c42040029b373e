import { type BandPassDesign, designBandPass, newBandPass, settleBandPass, stepBandPass } from '../dsp/band-pass.js'
import { newExtrema, stepExtrema } from '../dsp/peaks.js'
import { medianOf } from '../dsp/streaming-statistics.js'

const amplitudes = 15

/**
 * Breaths of one band of a respiration channel: end of each inspiration (maximum), accepted when the wave swings by 0.4 of
 * the median swing of the last 15 breaths on the way up and down. The "count" family of Schäfer and Kratky (Annals of
 * Biomedical Engineering 36(3), 2008), made causal: they take 0.2 of the third quartile of a whole window; 0.4 of the
 * running median ignores more of the heart's ripple. The first 8 s give the first threshold (0.3 of the range seen); a
 * quiet stretch of 10 s lowers it, to a quarter at 25 s.
 */
export class BreathDetector {
  readonly state = {
    filter: newBandPass(),
    extrema: newExtrema(),
    swings: new Float64Array(amplitudes),
    swingCount: 0,
    typical: 0,
    learned: 0,
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    trough: Number.NaN,
    troughAt: 0,
    lastExtreme: 0,
    /** The breath just found: index of its maximum, and its swing from the trough before. */
    foundAt: 0,
    foundSwing: 0,
    /** From the trough to the maximum, samples. */
    foundRise: 0,
  }
  readonly #design: BandPassDesign
  readonly #fs: number
  readonly #learn: number
  readonly #skip: number
  readonly #quiet: number
  readonly #scratch = new Float64Array(amplitudes)

  constructor(options: { fs: number; lowHz: number; highHz: number }) {
    this.#fs = options.fs
    this.#design = designBandPass(options)
    this.#learn = Math.round(8 * options.fs)
    this.#skip = Math.round(1 * options.fs)
    this.#quiet = Math.round(10 * options.fs)
  }

  restart(value: number): void {
    const s = this.state
    settleBandPass(s.filter, this.#design, value)
    Object.assign(s.extrema, newExtrema())
    s.swingCount = 0
    s.typical = 0
    s.learned = 0
    s.low = Number.POSITIVE_INFINITY
    s.high = Number.NEGATIVE_INFINITY
    s.trough = Number.NaN
  }

  /** True when sample `x` at `index` settled a breath; it stands in state.foundAt. */
  step(x: number, index: number): boolean {
    const s = this.state
    const y = stepBandPass(s.filter, this.#design, x)
    if (s.learned < this.#learn) {
      s.learned += 1
      if (s.learned > this.#skip) {
        if (y > s.high) s.high = y
        if (y < s.low) s.low = y
      }
      s.lastExtreme = index
      s.typical = 0.75 * (s.high - s.low)
      return false
    }
    let threshold = 0.4 * s.typical
    const quiet = index - s.lastExtreme
    if (quiet > this.#quiet) threshold *= Math.max(0.25, 1 - (quiet - this.#quiet) / (20 * this.#fs))
    const turn = stepExtrema(s.extrema, y, index, threshold)
    if (turn === 0) return false
    s.lastExtreme = index
    if (turn < 0) {
      s.trough = s.extrema.low
      s.troughAt = s.extrema.lowIndex
      return false
    }
    const swing = s.extrema.high - s.trough
    if (!(swing > 0)) return false
    s.swings[s.swingCount % amplitudes] = swing
    s.swingCount += 1
    if (s.swingCount >= 3) s.typical = medianOf(s.swings, Math.min(s.swingCount, amplitudes), this.#scratch)
    s.foundAt = s.extrema.highIndex
    s.foundSwing = swing
    s.foundRise = s.extrema.highIndex - s.troughAt
    return true
  }
}
