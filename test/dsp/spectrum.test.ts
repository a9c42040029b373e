import { describe, expect, test } from 'vitest'
import { dominantPeak, hannWindow, Spectrum } from '../../src/dsp/spectrum.js'

describe('spectrum', () => {
  test('equals the discrete Fourier transform written out', () => {
    const length = 48
    const size = 64
    const signal = Float64Array.from({ length }, (_, i) => Math.sin(i * i * 0.7) + 0.01 * i)
    const power = new Spectrum(length, size).power(signal)
    const middle = (length - 1) / 2
    const mean = signal.reduce((a, b) => a + b, 0) / length
    let tilt = 0
    let norm = 0
    for (let i = 0; i < length; i += 1) {
      tilt += signal[i]! * (i - middle)
      norm += (i - middle) ** 2
    }
    const window = hannWindow(length)
    for (let k = 0; k <= size / 2; k += 1) {
      let re = 0
      let im = 0
      for (let i = 0; i < length; i += 1) {
        const value = (signal[i]! - mean - (tilt / norm) * (i - middle)) * window[i]!
        re += value * Math.cos((2 * Math.PI * k * i) / size)
        im -= value * Math.sin((2 * Math.PI * k * i) / size)
      }
      expect(power[k]!).toBeCloseTo(re * re + im * im, 9)
    }
  })

  test('a sine between bins is placed within a twentieth of a bin', () => {
    const spectrum = new Spectrum(128, 1024)
    for (const hz of [0.13, 0.2, 0.317, 0.5]) {
      const signal = Float64Array.from({ length: 128 }, (_, i) => 5 + 0.1 * i + Math.sin((2 * Math.PI * hz * i) / 4 + 0.3))
      const peak = dominantPeak(spectrum.power(signal), 10, 400, 16)
      expect(Math.abs((peak!.bin * 4) / 1024 - hz)).toBeLessThan(hz < 0.15 ? 0.005 : 0.002)
      expect(peak!.share).toBeGreaterThan(0.95)
    }
  })

  test('a straight line has no power and no peak', () => {
    const power = new Spectrum(64, 64).power(Float64Array.from({ length: 64 }, (_, i) => 3 + 2 * i))
    expect(Math.max(...power)).toBeLessThan(1e-18)
    expect(dominantPeak(new Float64Array(33), 1, 30, 2)).toBeNull()
  })

  test('refuses lengths that do not fit', () => {
    expect(() => new Spectrum(65, 64)).toThrow(RangeError)
    expect(() => new Spectrum(32, 64).power(new Float64Array(31))).toThrow(RangeError)
  })
})
