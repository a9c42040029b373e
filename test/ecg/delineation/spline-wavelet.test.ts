import { describe, expect, test } from 'vitest'
import { findExtremes, footOf, zeroCrossing } from '../../../src/ecg/delineation/slope-extremes.js'
import { SplineWavelet } from '../../../src/ecg/delineation/spline-wavelet.js'

const length = 400
const gaussian = (centre: number, width: number) =>
  Float64Array.from({ length }, (_, k) => Math.exp(-((k - centre) * (k - centre)) / (2 * width * width)))

describe('quadratic spline wavelet', () => {
  test('gives a ramp its slope over the step of each scale', () => {
    const wavelet = new SplineWavelet(length)
    wavelet.transform(Float64Array.from({ length }, (_, k) => 3 * k))
    for (const scale of [1, 2, 3, 4]) expect(wavelet.slope(scale)[200]).toBeCloseTo(3 * 2 ** (scale - 1), 9)
  })

  test('has no delay: the slope of a symmetric wave passes zero at its centre at every scale', () => {
    const wavelet = new SplineWavelet(length)
    for (const centre of [200, 200.25, 200.5]) {
      wavelet.transform(gaussian(centre, 12))
      for (const scale of [1, 2, 3, 4]) {
        const slope = wavelet.slope(scale)
        // Value k stands at k - 1/2.
        expect(zeroCrossing(slope, 190, 215) - 0.5).toBeCloseTo(centre, 2)
      }
    }
  })

  test('sees nothing of a constant, also at the ends', () => {
    const wavelet = new SplineWavelet(length)
    wavelet.transform(new Float64Array(length).fill(7))
    for (const scale of [1, 2, 3, 4]) expect(wavelet.slope(scale).every(value => Math.abs(value) < 1e-12)).toBe(true)
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
