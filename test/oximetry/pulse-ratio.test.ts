import { describe, expect, test } from 'vitest'
import { createOximetryChain } from '../../src/oximetry/oximetry-chain.js'
import { PulseRateBelief } from '../../src/oximetry/pulse-rate-belief.js'
import { measurePulseRatio, type Powers } from '../../src/oximetry/pulse-ratio.js'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import { simulateOximeter } from '../../src/simulate/oximeter/simulate-oximeter.js'
import { listen, measured } from '../ppg/synthetic-pulses.js'

/** Powers of a part with a fixed ratio of red to infrared. */
const part = (ratio: number, power: number): Powers => [ratio * ratio * power, ratio * power, power]
const sum = (...parts: readonly Powers[]): Powers => [0, 1, 2].map(k => parts.reduce((all, one) => all + one[k]!, 0)) as unknown as Powers
const white: Powers = [1e-6, 0, 1e-6]
const measure = (pulse: Powers, rest: Powers) => measurePulseRatio(pulse, rest, { r: 0, spread: 0, contrast: 0 })

describe('the ratio at the pulse', () => {
  for (const r of [0.4, 0.7, 1, 1.9]) {
    test(`is that of the arteries (${r}) whatever moves beside it in a ratio of its own`, () => {
      for (const moved of [0.6 * r, 1.5 * r, 3 * r]) {
        // As strong at the pulse as beside it, and four times the pulse.
        const movement = part(moved, 4)
        const { r: found, contrast } = measure(sum(part(r, 1), movement, white), sum(movement, white))
        expect(found / r).toBeCloseTo(1, 3)
        expect(contrast).toBeGreaterThan(1000)
      }
    })
  }

  test('is spread by what is not common to both, and stands out less', () => {
    const quiet = measure(sum(part(0.7, 1), white), white)
    const noisy = measure(sum(part(0.7, 1), [0.01, 0, 0.01]), [0.01, 0, 0.01])
    expect(noisy.spread).toBeGreaterThan(10 * quiet.spread)
    expect(noisy.contrast).toBeLessThan(quiet.contrast)
    // Of independent noise n in both, red less R infrared has n (1 + R^2).
    expect(noisy.spread).toBeCloseTo(Math.sqrt(0.01 * (1 + 0.49)), 1)
  })

  test('is none without power beside the pulse, or without infrared', () => {
    expect(measure(part(0.7, 1), [0, 0, 0]).r).toBeNaN()
    expect(measure([1, 0, 0], white)).toEqual({ r: Number.NaN, spread: Number.POSITIVE_INFINITY, contrast: 0 })
  })
})

describe('the tracked rate', () => {
  const options = { count: 57, stepHz: 0.05, walkHz: 0.03, leak: 1e-4 }
  const hump = (at: number, height: number) => Float64Array.from({ length: 57 }, (_, b) => -height * Math.min(1, ((b - at) / 6) ** 2))

  test('stays where it was while another stands out for a moment, and goes there when it stays', () => {
    const track = new PulseRateBelief(options)
    for (let second = 0; second < 20; second++) track.step(hump(20, 3))
    expect(track.state.best).toBe(20)
    expect(track.certainty(4)).toBeGreaterThan(0.95)
    track.step(hump(45, 3))
    expect(Math.abs(track.state.best - 20)).toBeLessThanOrEqual(2)
    for (let second = 0; second < 10; second++) track.step(hump(45, 3))
    expect(track.state.best).toBe(45)
  })

  test('follows a rate that drifts', () => {
    const track = new PulseRateBelief(options)
    for (let second = 0; second < 60; second++) track.step(hump(20 + second / 6, 3))
    expect(Math.abs(track.state.best - 29.8)).toBeLessThan(1.5)
  })
})

for (const fs of [20, 25, 50, 125, 250, 500]) {
  test(`SpO2 is right at ${fs} Hz`, () => {
    const { spec, channels, saturation } = simulateOximeter({ seed: 6002, seconds: 40, fs, course: 'steady', motion: 'none' })
    const values = measured(listen(createOximetryChain(spec, createPpgChain(spec)), [...channels]), 'spo2').filter(({ to }) => to > 20 * fs)
    expect(values).toHaveLength(20)
    for (const { value } of values) expect(Math.abs(value! - saturation.at(0))).toBeLessThan(1)
  })
}
