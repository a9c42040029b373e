import { cos, sin } from './math.js'

/**
 * Welch's power spectral density (IEEE Trans. Audio Electroacoust. 15 (1967) 70) with the conventions of
 * `scipy.signal.welch`: segments of `length` samples that overlap by half, mean of each taken out, periodic Hann window,
 * one-sided density in unit^2/Hz, mean over the segments. Bins k * fs / length for k from 0 to `lastBin`, by the sum itself:
 * the length need not be a power of two.
 */
export class Welch {
  readonly length: number
  readonly step: number
  readonly binHz: number
  readonly #bins: number
  readonly #window: Float64Array
  readonly #cos: Float64Array
  readonly #sin: Float64Array
  readonly #scale: number

  /** RangeError for a length below 4 or a `highestHz` at or above half the rate. */
  constructor(options: { length: number; fsHz: number; highestHz: number }) {
    const { length, fsHz, highestHz } = options
    if (!(Number.isInteger(length) && length >= 4)) throw new RangeError(`Welch: a segment of ${length} samples; accepted: 4 and more`)
    if (!(highestHz > 0 && highestHz < fsHz / 2)) throw new RangeError(`Welch: ${highestHz} Hz at ${fsHz} Hz; accepted: below ${fsHz / 2}`)
    this.length = length
    this.step = length - Math.floor(length / 2)
    this.binHz = fsHz / length
    // A hair above, so that a bin on the limit itself is in.
    this.#bins = Math.floor(highestHz / this.binHz + 1e-9) + 1
    this.#window = new Float64Array(length)
    this.#cos = new Float64Array(length)
    this.#sin = new Float64Array(length)
    let power = 0
    for (let i = 0; i < length; i += 1) {
      const angle = (2 * Math.PI * i) / length
      this.#cos[i] = cos(angle)
      this.#sin[i] = sin(angle)
      const weight = 0.5 - 0.5 * this.#cos[i]!
      this.#window[i] = weight
      power += weight * weight
    }
    this.#scale = 1 / (fsHz * power)
  }

  /**
   * Density over the whole segments of a signal, and how many they are; segments with a missing sample (NaN) are left out.
   * Null when none is left.
   */
  density(signal: Float64Array): { density: Float64Array; segments: number } | null {
    const { length, step } = this
    const density = new Float64Array(this.#bins)
    const piece = new Float64Array(length)
    let segments = 0
    for (let from = 0; from + length <= signal.length; from += step) {
      let sum = 0
      for (let i = 0; i < length; i += 1) sum += signal[from + i]!
      if (Number.isNaN(sum)) continue
      const mean = sum / length
      for (let i = 0; i < length; i += 1) piece[i] = (signal[from + i]! - mean) * this.#window[i]!
      this.#add(piece, density)
      segments += 1
    }
    if (segments === 0) return null
    for (let k = 0; k < density.length; k += 1) density[k] = density[k]! / segments
    return { density, segments }
  }

  #add(piece: Float64Array, density: Float64Array): void {
    const { length } = this
    for (let k = 0; k < density.length; k += 1) {
      let re = 0
      let im = 0
      for (let i = 0, turn = 0; i < length; i += 1) {
        re += piece[i]! * this.#cos[turn]!
        im += piece[i]! * this.#sin[turn]!
        turn += k
        if (turn >= length) turn -= length
      }
      // One side holds the power of both, but for 0 Hz and half the rate, which have only one.
      const sides = k === 0 || 2 * k === length ? 1 : 2
      density[k] = density[k]! + sides * (re * re + im * im) * this.#scale
    }
  }
}
