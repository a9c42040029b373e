import { Spectrum } from '../../dsp/spectrum.js'
import { workingHz } from './working-signal.js'

export interface SpectralFigures {
  /** Of the strongest bin from 1 to 9 Hz. */
  readonly peakHz: number
  /** Share of the power of 0.7 to 30 Hz within the main lobe around the peak. */
  readonly peakShare: number
  /** Share from 2.5 to 7.5 Hz. */
  readonly vfShare: number
  /** Share below 2.5 Hz, and above 12 Hz. */
  readonly lowShare: number
  readonly highShare: number
  /** Mean distance from 0 of the spectrum's amplitude in units of the peak's frequency (Barro et al. 1989, FSMN), up to 20 peaks. */
  readonly moment: number
  /** Barro's A2: amplitude from 0.7 to 1.4 of the peak's frequency as a share of all; A3: of its harmonics 2 to 8. */
  readonly aroundPeak: number
  readonly harmonics: number
  /** Effective width of the spectrum: square root of total^2 over the sum of squares, in Hz (Simpson's index, not entropy: no logarithms). */
  readonly width: number
}

const lowHz = 0.7
const highHz = 30

/** Shape of the spectrum of a stretch of the working signal. */
export class SpectralShape {
  private readonly spectrum: Spectrum
  private readonly binHz: number
  /** Half the main lobe of the Hann window, in bins. */
  private readonly lobe: number

  constructor(length: number, size: number) {
    this.spectrum = new Spectrum(length, size)
    this.binHz = workingHz / size
    this.lobe = Math.ceil((2 * size) / length)
  }

  measure(x: Float64Array): SpectralFigures {
    const { binHz, lobe } = this
    const power = this.spectrum.power(x)
    const first = Math.ceil(lowHz / binHz)
    const last = Math.floor(highHz / binHz)
    let peak = Math.ceil(1 / binHz)
    for (let k = peak; k <= 9 / binHz; k++) if ((power[k] as number) > (power[peak] as number)) peak = k
    const peakHz = peak * binHz
    let total = 0
    let amplitudes = 0
    let moments = 0
    let squares = 0
    for (let k = first; k <= last; k++) {
      const value = power[k] as number
      const amplitude = Math.sqrt(value)
      total += value
      amplitudes += amplitude
      moments += amplitude * k
      squares += value * value
    }
    const low = sum(power, first, Math.ceil(2.5 / binHz) - 1)
    const vf = sum(power, Math.ceil(2.5 / binHz), Math.floor(7.5 / binHz))
    const high = sum(power, Math.floor(12 / binHz) + 1, last)
    const near = sum(power, Math.max(first, peak - lobe), Math.min(last, peak + lobe))
    const around = sumOfRoots(power, Math.max(first, Math.ceil(0.7 * peak)), Math.min(last, Math.floor(1.4 * peak)))
    const reach = Math.floor(0.3 / binHz)
    let harmonics = 0
    for (let order = 2; order <= 8; order++) harmonics += sumOfRoots(power, order * peak - reach, Math.min(last, order * peak + reach))
    return {
      peakHz,
      peakShare: share(near, total),
      vfShare: share(vf, total),
      lowShare: share(low, total),
      highShare: share(high, total),
      moment: share(moments / peak, amplitudes),
      aroundPeak: share(around, amplitudes),
      harmonics: share(harmonics, amplitudes),
      width: squares > 0 ? Math.sqrt((total * total) / squares) * Math.sqrt(binHz) : 0,
    }
  }
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0
  for (let k = from; k <= to; k++) total += values[k] as number
  return total
}

function sumOfRoots(values: Float64Array, from: number, to: number): number {
  let total = 0
  for (let k = from; k <= to; k++) total += Math.sqrt(values[k] as number)
  return total
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}
