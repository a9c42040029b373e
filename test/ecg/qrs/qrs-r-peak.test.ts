import { describe, expect, test } from 'vitest'
import { QrsRPeak } from '../../../src/ecg/qrs/qrs-r-peak.js'

/** A smooth complex (second power of a cosine, 80 ms wide) with its peak at `peak` samples, on an offset. */
function complex(fs: number, peak: number, height: number): Float64Array {
  return Float64Array.from({ length: 1024 }, (_, i) => {
    const t = (i - peak) / fs / 0.04
    return 5 + (Math.abs(t) < 1 ? height * Math.cos((t * Math.PI) / 2) ** 2 : 0)
  })
}

describe('QrsRPeak', () => {
  for (const fs of [128, 250, 360, 1000]) {
    test(`places a peak between samples within 0.3 ms at ${fs} Hz, upright or inverted`, () => {
      const rPeak = new QrsRPeak(fs, 1023)
      for (const peak of [500, 500.2, 500.5, 500.8]) {
        for (const height of [1, -1]) {
          const { index, fraction } = rPeak.near(complex(fs, peak, height), 503)
          expect((1000 * Math.abs(index + fraction - peak)) / fs).toBeLessThanOrEqual(0.3)
          expect(fraction).toBeGreaterThanOrEqual(-0.2 - 1e-9)
          expect(fraction).toBeLessThan(0.8 + 1e-9)
        }
      }
    })
  }
})
