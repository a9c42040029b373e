import { log } from '../../dsp/math.js'
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
  /** Entropy of the power over bins from 0.7 to 30 Hz, as a share of the highest possible. */
  readonly entropy: number
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
    let low = 0
    let vf = 0
    let high = 0
    let near = 0
    let amplitudes = 0
    let moments = 0
    let around = 0
    let harmonics = 0
    let spread = 0
    for (let k = first; k <= last; k++) {
      const value = power[k] as number
      const hz = k * binHz
      total += value
      if (hz < 2.5) low += value
      else if (hz <= 7.5) vf += value
      else if (hz > 12) high += value
      if (k >= peak - lobe && k <= peak + lobe) near += value
      if (value > 0) spread += value * log(value)
      const amplitude = Math.sqrt(value)
      amplitudes += amplitude
      moments += amplitude * hz
      const order = hz / peakHz
      if (order >= 0.7 && order <= 1.4) around += amplitude
      const harmonic = Math.round(order)
      if (harmonic >= 2 && harmonic <= 8 && Math.abs(hz - harmonic * peakHz) <= 0.3) harmonics += amplitude
    }
    const entropy = total > 0 ? (log(total) - spread / total) / log(last - first + 1) : 1
    return {
      peakHz,
      peakShare: share(near, total),
      vfShare: share(vf, total),
      lowShare: share(low, total),
      highShare: share(high, total),
      moment: share(moments / peakHz, amplitudes),
      aroundPeak: share(around, amplitudes),
      harmonics: share(harmonics, amplitudes),
      entropy,
    }
  }
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}
