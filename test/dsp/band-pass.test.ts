import { expect, test } from 'vitest'
import { designBandPass, newBandPass, settleBandPass, stepBandPass } from '../../src/dsp/band-pass.js'

/** Gain measured on a long sine after the transient. */
function gain(fs: number, hz: number): number {
  const design = designBandPass({ fs, lowHz: 0.5, highHz: 8 })
  const state = newBandPass()
  let energy = 0
  const length = Math.round(fs * 60)
  for (let i = 0; i < length; i += 1) {
    const y = stepBandPass(state, design, Math.sin((2 * Math.PI * hz * i) / fs))
    if (i >= length / 2) energy += y * y
  }
  return Math.sqrt((2 * energy) / (length / 2))
}

test.each([25, 125, 1000])('the edges are -3 dB and the middle passes at %i Hz', fs => {
  expect(gain(fs, 0.5)).toBeCloseTo(Math.SQRT1_2, 1)
  expect(gain(fs, 8)).toBeCloseTo(Math.SQRT1_2, 1)
  expect(gain(fs, 2)).toBeGreaterThan(0.98)
  expect(gain(fs, 0.05)).toBeLessThan(0.011)
})

test('a settled filter gives nothing for a level, however large', () => {
  const design = designBandPass({ fs: 100, lowHz: 0.5, highHz: 8 })
  const state = newBandPass()
  settleBandPass(state, design, 1e6)
  for (let i = 0; i < 1000; i += 1) expect(Math.abs(stepBandPass(state, design, 1e6))).toBeLessThan(1e-4)
})

test('edges that do not fit the rate are refused', () => {
  expect(() => designBandPass({ fs: 1, lowHz: 0.5, highHz: 8 })).toThrow(RangeError)
})
