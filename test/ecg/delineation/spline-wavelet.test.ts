import { describe, expect, test } from 'vitest'
import { findExtremes, footOf, zeroCrossing } from '../../../src/ecg/delineation/slope-extremes.js'
import { SplineWavelet } from '../../../src/ecg/delineation/spline-wavelet.js'

const length = 400
const gaussian = (centre: number, width: number) =>
  Float64Array.from({ length }, (_, k) => Math.exp(-((k - centre) * (k - centre)) / (2 * width * width)))

describe('quadratic spline wavelet', () => {
  test('gives a ramp its slope over the step of each scale', () => {
    const wavelet = new SplineWavelet(length)
    const ramp = Float64Array.from({ length }, (_, k) => 3 * k)
    for (const scale of [1, 2, 3, 4]) expect(wavelet.slope(ramp, scale)[200]).toBeCloseTo(3 * 2 ** (scale - 1), 9)
  })

  test('has no delay: the slope of a symmetric wave passes zero at its centre at every scale', () => {
    const wavelet = new SplineWavelet(length)
    for (const centre of [200, 200.25, 200.5]) {
      for (const scale of [1, 2, 3, 4]) {
        const slope = wavelet.slope(gaussian(centre, 12), scale)
        // Value k stands at k - 1/2.
        expect(zeroCrossing(slope, 190, 215) - 0.5).toBeCloseTo(centre, 2)
      }
    }
  })

  test('sees nothing of a constant, also at the ends', () => {
    const wavelet = new SplineWavelet(length)
    const constant = new Float64Array(length).fill(7)
    for (const scale of [1, 2, 3, 4]) expect(wavelet.slope(constant, scale).every(value => Math.abs(value) < 1e-12)).toBe(true)
  })

  test('gives a part of a frame the slopes that the whole has there', () => {
    const wave = Float64Array.from({ length }, (_, k) => Math.sin(k * k * 0.003))
    for (const scale of [1, 2, 3, 4]) {
      const whole = new SplineWavelet(length).slope(wave, scale)
      for (const [from, to] of [
        [0, 30],
        [3, 9],
        [150, 151],
        [190, 260],
        [391, length],
        [-5, length + 5],
      ] as const) {
        const part = new SplineWavelet(length).slope(wave, scale, from, to)
        for (let k = Math.max(0, from); k < Math.min(length, to); k++) expect(part[k]).toBe(whole[k])
      }
    }
  })
})

describe('extremes of a slope', () => {
  const slope = Float64Array.from({ length: 100 }, (_, k) => Math.sin((2 * Math.PI * k) / 40))

  test('are one between two zero crossings, of alternating sign', () => {
    expect(findExtremes(slope, 1, 99)).toEqual([10, 30, 50, 70, 90])
  })

  test('the foot is where the share is crossed, or the limit', () => {
    // sin falls to one half at 5/6 of the half period.
    expect(footOf(slope, 10, 1, 99, 0.5)).toBeCloseTo(40 * (5 / 12), 1)
    expect(footOf(slope, 10, -1, 0, 0.5)).toBeCloseTo(40 / 12, 1)
    expect(footOf(slope, 10, 1, 12, 0.5)).toBe(12)
  })
})
