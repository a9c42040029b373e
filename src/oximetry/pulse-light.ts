import { type BandPassDesign, designBandPass, newBandPass, settleBandPass, stepBandPass } from '../dsp/band-pass.js'
import { log } from '../dsp/math.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

/** Hz; the pulse at R's precision is below the upper edge. */
export const lightBand = { lowHz: 0.5, highHz: 6 } as const
const leastRate = 20

/**
 * Optical density (minus the logarithm of the light, so that absorptions add whatever the level) of red and infrared in the
 * band of the pulse, at a rate of at least 20 Hz, over the last seconds. After a gap longer than 0.1 s it begins anew.
 */
export class PulseLight {
  /** Samples a second that are kept, and of how many one is kept. */
  readonly fs: number
  readonly #keep: number
  readonly state: {
    red: ReturnType<typeof newBandPass>
    infrared: ReturnType<typeof newBandPass>
    started: boolean
    settle: number
    missing: number
    /** Samples kept since the beginning; the newest is at `(kept - 1) % length` of the rings. */
    kept: number
    /** Light at the beginning of the stretch; densities are against it, and the band-pass does not see it. */
    redReference: number
    infraredReference: number
    reds: Float64Array
    infrareds: Float64Array
  }
  /** Index of the first sample that the present stretch stands on. */
  get since(): number {
    return this.#since.index
  }
  #since = { index: 0 }
  readonly #design: BandPassDesign
  readonly #bridge: number
  readonly #settle: number

  /** Keeps `seconds` of the stream, an even number of samples. */
  constructor(fs: number, seconds: number) {
    this.#keep = Math.max(1, Math.floor(fs / leastRate))
    this.fs = fs / this.#keep
    this.#design = designBandPass({ fs, ...lightBand })
    this.#bridge = Math.floor(0.1 * fs)
    this.#settle = Math.round(1.5 * fs)
    const length = 2 * Math.round((seconds * this.fs) / 2)
    this.state = {
      red: newBandPass(),
      infrared: newBandPass(),
      started: false,
      settle: 0,
      missing: 0,
      kept: 0,
      redReference: 1,
      infraredReference: 1,
      reds: new Float64Array(length),
      infrareds: new Float64Array(length),
    }
  }

  /** One sample of both channels; what is not finite in either, or dark, is missing in both. True when a new stretch begins with it. */
  step(red: number, infrared: number, index: number): boolean {
    const s = this.state
    if (!(red > 0 && infrared > 0 && red < Number.POSITIVE_INFINITY && infrared < Number.POSITIVE_INFINITY)) {
      s.missing += 1
      return false
    }
    const anew = !s.started || s.missing > this.#bridge
    if (anew) {
      s.redReference = red
      s.infraredReference = infrared
      settleBandPass(s.red, this.#design, 0)
      settleBandPass(s.infrared, this.#design, 0)
      s.started = true
      s.settle = this.#settle
      s.kept = 0
      this.#since.index = index
    }
    s.missing = 0
    const r = stepBandPass(s.red, this.#design, -logOf(red / s.redReference))
    const i = stepBandPass(s.infrared, this.#design, -logOf(infrared / s.infraredReference))
    if (s.settle > 0) s.settle -= 1
    else if (index % this.#keep === 0) {
      const at = s.kept % s.reds.length
      s.reds[at] = r
      s.infrareds[at] = i
      s.kept += 1
    }
    return anew
  }

  lose(count: number): void {
    this.state.missing += count
  }

  /** Whether the rings are full of one stretch. */
  get full(): boolean {
    return this.state.kept >= this.state.reds.length
  }

  /** The kept seconds, oldest first. */
  copyTo(red: Float64Array, infrared: Float64Array): void {
    const { kept, reds, infrareds } = this.state
    const oldest = kept % reds.length
    red.set(reds.subarray(oldest))
    red.set(reds.subarray(0, oldest), reds.length - oldest)
    infrared.set(infrareds.subarray(oldest))
    infrared.set(infrareds.subarray(0, oldest), infrareds.length - oldest)
  }

  save(): StageState {
    return { light: copyState(this.state), since: this.#since.index }
  }

  load(saved: StageState): void {
    const from = saved as { light: object; since: number }
    restoreState(this.state, from.light)
    this.#since.index = from.since
  }
}

/**
 * Natural logarithm. Light stays within a factor of 2 of where it began nearly always: there six terms of the series of the
 * inverse hyperbolic tangent are enough (error below 1e-7), at a fraction of the cost.
 */
function logOf(ratio: number): number {
  if (ratio < 0.5 || ratio > 2) return log(ratio)
  const s = (ratio - 1) / (ratio + 1)
  const q = s * s
  return 2 * s * (1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q / 11)))))
}
