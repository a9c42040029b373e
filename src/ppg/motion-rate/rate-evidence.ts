import { Spectrum } from '../../dsp/spectrum.js'

const paddedLength = 4096

export interface RateEvidenceOptions {
  /** Samples of a spectrum, and their rate in Hz. */
  readonly length: number
  readonly fs: number
  /** Rates of the grid, one a minute apart. */
  readonly lowestRate: number
  readonly highestRate: number
}

/** Power of a signal at each rate of a grid, its largest value 1. */
export class RateEvidence {
  readonly #spectrum: Spectrum
  readonly #lowestRate: number
  readonly #size: number
  /** Bins a unit of rate. */
  readonly #binsPerRate: number

  constructor(options: RateEvidenceOptions) {
    this.#spectrum = new Spectrum(options.length, paddedLength)
    this.#lowestRate = options.lowestRate
    this.#size = options.highestRate - options.lowestRate + 1
    this.#binsPerRate = paddedLength / (60 * options.fs)
  }

  /** Adds the scaled power of the signal to `sum`; false when it has none. */
  addTo(sum: Float64Array, signal: Float64Array): boolean {
    const power = this.#spectrum.power(signal)
    const own = new Float64Array(this.#size)
    let most = 0
    for (let k = 0; k < this.#size; k += 1) {
      const place = (this.#lowestRate + k) * this.#binsPerRate
      const bin = Math.floor(place)
      const share = place - bin
      own[k] = (1 - share) * power[bin]! + share * power[bin + 1]!
      if (own[k]! > most) most = own[k]!
    }
    if (!(most > 0)) return false
    for (let k = 0; k < this.#size; k += 1) sum[k] = sum[k]! + own[k]! / most
    return true
  }
}
