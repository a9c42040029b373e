import { logAll } from './math.js'
import { Spectrum } from './spectrum.js'

export interface RateEvidenceOptions {
  /** Points of a window. */
  readonly points: number
}

/** Size of the transform; its bins are the rates that can be told apart. */
export const spectrumSize = 1024

/** Half of the main lobe of a window of 32 s, in bins at 4 Hz: what is nearer than this to a line belongs to it. */
const lobeSeconds = 2
/** A line in the band that is this much weaker than one above it may be its side lobe (a Hann window's first is at -31 dB). */
const leastOfOthers = 0.003
/** Qualities at which a series begins to count, and at which it counts in full. */
const countsFrom = 0.4
const countsFully = 0.7
/** Least likelihood of a rate, of the likeliest one's: a series may be wrong altogether. */
const leastLikely = 0.02

/**
 * What one series says of a rate: its tilted power spectrum is taken for the likelihood of each rate, and its quality is
 * the mean of two views that fail differently: the share of the band's power in the line's main lobe (spectrum),
 * and the height of the autocorrelation one period later (time). Noise has lines, but they do not come again.
 */
export class RateEvidence {
  /** Of the strongest line, in bins of the spectrum; 0 without evidence. */
  bin = 0
  /** 0 to 1. */
  quality = 0
  /** Standard deviation of what lies in the band, in the unit of the window. */
  deviation = 0
  /** How much it counts, 0 to 1. */
  weight = 0
  readonly #spectrum: Spectrum
  readonly #points: number
  readonly #lobe: number
  readonly #weighed = new Float64Array(spectrumSize / 2 + 1)
  readonly #logarithms = new Float64Array(spectrumSize / 2 + 1)

  constructor({ points }: RateEvidenceOptions) {
    this.#points = points
    this.#lobe = Math.round((lobeSeconds * spectrumSize) / points)
    this.#spectrum = new Spectrum(points, spectrumSize)
  }

  /**
   * Reads a window of `points` values for lines between bins `low` and `high`. Power is multiplied by frequency to the power
   * of `tilt`: drift falls off as 1/f^tilt, and would win.
   */
  read(grid: Float64Array, low: number, high: number, tilt: number): void {
    const power = this.#spectrum.power(grid)
    const weighed = this.#weighed
    let total = 0
    let plain = 0
    let best = low
    for (let k = low; k <= high; k += 1) {
      let value = power[k]!
      plain += value
      for (let turn = 0; turn < tilt; turn += 1) value *= k
      weighed[k] = value
      total += value
      if (value > weighed[best]!) best = k
    }
    this.bin = this.quality = this.weight = 0
    // Of a sine under a Hann window, whose mean square is 3/8.
    this.deviation = Math.sqrt((2 * plain) / (0.375 * this.#points * spectrumSize))
    // What rises up to an end of the band has its line elsewhere.
    if (!(total > 0) || best === low || best === high) return
    for (let k = high + 1; k < power.length; k += 1) if (leastOfOthers * power[k]! > power[best]!) return
    let near = 0
    for (let k = Math.max(low, best - this.#lobe); k <= Math.min(high, best + this.#lobe); k += 1) near += weighed[k]!
    const again = this.#correlationAt(grid, spectrumSize / best)
    this.bin = best
    this.quality = 0.5 * (near / total + Math.min(1, Math.max(0, again)))
    this.weight = Math.min(1, Math.max(0, (this.quality - countsFrom) / (countsFully - countsFrom)))
  }

  /** Adds `scale` times the weighted log likelihood of each bin, 0 for the likeliest one, to `into` (bin `low` at place 0). */
  addTo(into: Float64Array, scale: number, low: number, high: number): void {
    if (this.weight === 0) return
    const weighed = this.#weighed
    const most = weighed[this.bin]!
    const by = scale * this.weight
    const logarithms = this.#logarithms
    for (let k = low; k <= high; k += 1) logarithms[k - low] = weighed[k]! / most + leastLikely
    logAll(logarithms, logarithms, high - low + 1)
    for (let k = low; k <= high; k += 1) into[k - low]! += by * logarithms[k - low]!
  }

  /** Autocorrelation of the slope of the window at `lag` points (fractions allowed), each lag by its own number of products. */
  #correlationAt(grid: Float64Array, lag: number): number {
    const whole = Math.floor(lag)
    const part = lag - whole
    const none = this.#products(grid, 0)
    if (!(none > 0)) return 0
    return ((1 - part) * this.#products(grid, whole) + part * this.#products(grid, whole + 1)) / none
  }

  #products(grid: Float64Array, lag: number): number {
    const slopes = this.#points - 1
    const mean = (grid[slopes]! - grid[0]!) / slopes
    const pairs = slopes - lag
    if (pairs < 1) return 0
    let sum = 0
    for (let i = 0; i < pairs; i += 1) sum += (grid[i + 1]! - grid[i]! - mean) * (grid[i + lag + 1]! - grid[i + lag]! - mean)
    return sum / pairs
  }
}
