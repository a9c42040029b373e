import { cos, sin } from './math.js'

/** A sine in a window of samples: amplitude in the samples' unit, and its phase at the middle of the window in radians. */
export interface Tone {
  readonly amplitude: number
  readonly re: number
  readonly im: number
}

/**
 * Measures sines of a few frequencies in windows of fixed length by correlation under a Hann window (sidelobes below -31 dB,
 * falling by 18 dB an octave; main lobe 4 / length wide). Tables are made once.
 */
export class ToneMeter {
  private readonly tables: readonly { readonly re: Float64Array; readonly im: Float64Array }[]

  /** @param frequencies in Hz, below fsHz / 2 */
  constructor(
    readonly length: number,
    fsHz: number,
    readonly frequencies: readonly number[],
  ) {
    const middle = (length - 1) / 2
    this.tables = frequencies.map(hz => {
      const re = new Float64Array(length)
      const im = new Float64Array(length)
      for (let i = 0; i < length; i++) {
        // The Hann window over its mean of one half, and the 2 that makes an amplitude of a correlation.
        const weight = (2 * (1 - cos((2 * Math.PI * (i + 0.5)) / length))) / length
        const angle = (2 * Math.PI * hz * (i - middle)) / fsHz
        re[i] = weight * cos(angle)
        im[i] = -weight * sin(angle)
      }
      return { re, im }
    })
  }

  /** The tone of frequency number `which` in the first `length` samples. */
  measure(samples: Float64Array, which: number): Tone {
    const { re, im } = this.tables[which] as { re: Float64Array; im: Float64Array }
    let a = 0
    let b = 0
    for (let i = 0; i < this.length; i++) {
      const x = samples[i] as number
      a += x * (re[i] as number)
      b += x * (im[i] as number)
    }
    return { amplitude: Math.sqrt(a * a + b * b), re: a, im: b }
  }
}
