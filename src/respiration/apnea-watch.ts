import { newExtrema, stepExtrema } from '../dsp/peaks.js'
import { designSlowLevel, newSlowLevel, type SlowLevelDesign, settleSlowLevel, stepSlowLevel } from '../dsp/slow-level.js'

export const apneaParameters = {
  /** Low-pass edges for breaths of either band. */
  slowHz: 0.7,
  fastHz: 1.5,
  /** No breath for so long, by usable signal, is an apnoea: the usual default of bedside monitors. */
  seconds: 20,
  /** Breaths that must have been seen before their absence says something. */
  leastBreaths: 5,
  /** Share of the usual breath below which a swing is none: AASM asks for a fall by 90 %; the rest is for drift. */
  leastSwing: 0.15,
  /** A rise that is quicker than this, and smaller than this share of the usual breath, is the heart's. */
  heartSeconds: 0.7,
  heartSwing: 0.5,
} as const

/**
 * Watches for breaths that stay away. It follows the wave with a low-pass and a hysteresis of its own: behind a high-pass the
 * baseline swings back once when breathing stops, and the breath detector's hysteresis falls slowly and would pass over
 * shallow breaths. The time without a breath runs only while the signal is usable: what cannot be seen is unknown, not absent.
 */
export class ApneaWatch {
  readonly state = {
    slow: newSlowLevel(),
    fast: newSlowLevel(),
    extrema: newExtrema(),
    /** Last breath, or the end of what could not be seen; NaN: the next sample. */
    since: Number.NaN,
    on: false,
    /** Last breath before the apnoea under way, or before the last one; NaN: there was none. */
    began: Number.NaN,
    /** Range of the wave within the second under way, and of the one before in shares of the usual breath. */
    high: Number.NEGATIVE_INFINITY,
    low: Number.POSITIVE_INFINITY,
    residue: 0,
    /** What the chain has told of the stream. */
    told: false,
  }
  readonly #fs: number
  readonly #heart: number
  readonly #slow: SlowLevelDesign
  readonly #fast: SlowLevelDesign

  constructor(fs: number) {
    this.#fs = fs
    this.#slow = designSlowLevel({ fs, cutHz: apneaParameters.slowHz, keptHz: fs })
    this.#fast = designSlowLevel({ fs, cutHz: apneaParameters.fastHz, keptHz: fs })
    this.#heart = apneaParameters.heartSeconds * fs
  }

  /** The signal begins anew at `value`. */
  restart(value: number): void {
    settleSlowLevel(this.state.slow, this.#slow, value)
    settleSlowLevel(this.state.fast, this.#fast, value)
    this.changeBand()
  }

  /** The other band is believed from now on. */
  changeBand(): void {
    Object.assign(this.state.extrema, newExtrema())
    this.state.since = Number.NaN
  }

  /** One sample; `usual`: swing of a usual breath, 0 while unknown; `fast`: breaths are as quick as the heart. */
  step(x: number, index: number, usual: number, fast: boolean): void {
    const s = this.state
    const slowWave = stepSlowLevel(s.slow, this.#slow, x, index)
    const fastWave = stepSlowLevel(s.fast, this.#fast, x, index)
    const wave = fast ? fastWave : slowWave
    if (wave > s.high) s.high = wave
    if (wave < s.low) s.low = wave
    if (Number.isNaN(s.since)) s.since = index
    const { leastSwing, heartSwing } = apneaParameters
    const trough = s.extrema.low
    const troughAt = s.extrema.lowIndex
    if (stepExtrema(s.extrema, wave, index, (leastSwing * usual) / 1.5) !== 1) return
    const swing = s.extrema.high - trough
    if (swing < leastSwing * usual) return
    if (!fast && swing < heartSwing * usual && s.extrema.highIndex - troughAt < this.#heart) return
    // Its height may lie before what could not be seen.
    if (s.extrema.highIndex > s.since) s.since = s.extrema.highIndex
  }

  /** Ends a second; `usable`: its signal would have shown a breath. */
  closeSecond(now: number, usual: number, usable: boolean, breaths: number): void {
    const s = this.state
    s.residue = usual > 0 && s.high > s.low ? (s.high - s.low) / usual : 0
    s.high = Number.NEGATIVE_INFINITY
    s.low = Number.POSITIVE_INFINITY
    if (!usable || breaths < apneaParameters.leastBreaths) s.since = now
    const on = !Number.isNaN(s.since) && now - s.since >= apneaParameters.seconds * this.#fs
    if (on && !s.on) s.began = s.since
    s.on = on
  }

  /** 0.5 to 1: the smaller what is left of the wave, the surer. */
  get confidence(): number {
    return Math.max(0.5, 1 - this.state.residue)
  }
}
