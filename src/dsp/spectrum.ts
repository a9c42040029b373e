import FFT from 'fft.js'
import { cos, sin } from './math.js'

/**
 * Power spectrum of a real signal on fft.js. The package fills its table of twiddle factors with Math.cos and Math.sin,
 * which may differ in the last bit between engines; the table is replaced by one of our own functions, so a spectrum is
 * the same everywhere.
 */
export class Spectrum {
  readonly size: number
  readonly #fft: FFT
  readonly #window: Float64Array
  readonly #input: number[]
  readonly #output: number[]
  readonly #power: Float64Array

  /** `length` samples under a Hann window, padded with zeros to `size` (a power of two). */
  constructor(length: number, size: number) {
    if (!(Number.isInteger(length) && length >= 2 && length <= size)) throw new RangeError('length must be an integer from 2 to size')
    this.size = size
    this.#fft = new FFT(size)
    const table = this.#fft.table
    for (let i = 0; i < table.length; i += 2) {
      const angle = (Math.PI * i) / size
      table[i] = cos(angle)
      table[i + 1] = -sin(angle)
    }
    this.#window = hannWindow(length)
    this.#input = new Array<number>(size).fill(0)
    this.#output = this.#fft.createComplexArray()
    this.#power = new Float64Array(size / 2 + 1)
  }

  /**
   * Power of each frequency bin (k * fs / size, 0 to fs / 2), unscaled. Mean and linear trend are taken out first. The
   * array is used again by the next call.
   */
  power(signal: ArrayLike<number>): Float64Array {
    const window = this.#window
    const length = window.length
    if (signal.length !== length) throw new RangeError(`spectrum is made for ${length} samples, not ${signal.length}`)
    const middle = (length - 1) / 2
    let sum = 0
    let tilt = 0
    for (let i = 0; i < length; i += 1) {
      sum += signal[i]!
      tilt += signal[i]! * (i - middle)
    }
    const mean = sum / length
    const slope = tilt / ((length * (length * length - 1)) / 12)
    for (let i = 0; i < length; i += 1) this.#input[i] = (signal[i]! - mean - slope * (i - middle)) * window[i]!
    this.#fft.realTransform(this.#output, this.#input)
    const power = this.#power
    for (let k = 0; k < power.length; k += 1) {
      const re = this.#output[2 * k]!
      const im = this.#output[2 * k + 1]!
      power[k] = re * re + im * im
    }
    return power
  }
}

/** Symmetric Hann window. */
export function hannWindow(length: number): Float64Array {
  const window = new Float64Array(length)
  for (let i = 0; i < length; i += 1) window[i] = 0.5 - 0.5 * cos((2 * Math.PI * i) / (length - 1))
  return window
}

export interface SpectralPeak {
  /** Place of the peak between bins (parabola through three), in bins. */
  readonly bin: number
  /** Share of the band's power within the main lobe around the peak, 0 to 1. */
  readonly share: number
}

/**
 * The strongest local maximum among bins `from` to `to` (inclusive); `lobe` is half the width of its main lobe in bins.
 * Null when the band has no local maximum or no power.
 */
export function dominantPeak(power: Float64Array, from: number, to: number, lobe: number): SpectralPeak | null {
  const low = Math.max(1, from)
  const high = Math.min(power.length - 2, to)
  let best = -1
  let total = 0
  for (let k = low; k <= high; k += 1) {
    const value = power[k]!
    total += value
    if (value > power[k - 1]! && value >= power[k + 1]! && (best < 0 || value > power[best]!)) best = k
  }
  if (best < 0 || total === 0) return null
  let near = 0
  for (let k = Math.max(low, best - lobe); k <= Math.min(high, best + lobe); k += 1) near += power[k]!
  const before = power[best - 1]!
  const after = power[best + 1]!
  const bend = before - 2 * power[best]! + after
  const offset = bend === 0 ? 0 : (0.5 * (before - after)) / bend
  return { bin: best + offset, share: near / total }
}
