import { Spectrum } from '../../dsp/spectrum.js'

const paddedLength = 2048

export interface RateSpectrumOptions {
  /** Samples of a spectrum, and their rate in Hz. */
  readonly length: number
  readonly fs: number
  /** Rates of the grid, one a minute apart. */
  readonly lowestRate: number
  readonly highestRate: number
}

export interface RatePower {
  readonly first: Float64Array
  readonly second: Float64Array
}

/** Power of a signal at each rate of a grid. */
export class RateSpectrum {
  readonly #spectrum: Spectrum
  readonly #lowestRate: number
  readonly #size: number
  /** Bins a unit of rate. */
  readonly #binsPerRate: number

  constructor(options: RateSpectrumOptions) {
    this.#spectrum = new Spectrum(options.length, paddedLength)
    this.#lowestRate = options.lowestRate
    this.#size = options.highestRate - options.lowestRate + 1
    this.#binsPerRate = paddedLength / (60 * options.fs)
  }

  /** Power of the signal at each rate, and at twice each rate. */
  measure(signal: Float64Array): RatePower {
    const power = this.#spectrum.power(signal)
    return { first: this.#read(power, 1), second: this.#read(power, 2) }
  }

  #read(power: Float64Array, multiple: number): Float64Array {
    return Float64Array.from({ length: this.#size }, (_, k) => {
      const place = multiple * (this.#lowestRate + k) * this.#binsPerRate
      const bin = Math.floor(place)
      const share = place - bin
      return (1 - share) * power[bin]! + share * power[bin + 1]!
    })
  }
}

/** Share of all power that lies within `reach` of its peak, 0 to 1. */
export function concentrationOf(power: Float64Array, reach: number): number {
  let peak = 0
  let total = 0
  for (let k = 0; k < power.length; k += 1) {
    total += power[k]!
    if (power[k]! > power[peak]!) peak = k
  }
  let near = 0
  for (let k = Math.max(0, peak - reach); k <= Math.min(power.length - 1, peak + reach); k += 1) near += power[k]!
  return total > 0 ? near / total : 0
}

export function largestOf(power: Float64Array): number {
  let most = 0
  for (const value of power) if (value > most) most = value
  return most
}
