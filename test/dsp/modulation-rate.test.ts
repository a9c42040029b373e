import { describe, expect, test } from 'vitest'
import { createModulationRespiration, ModulationRate } from '../../src/dsp/modulation-rate.js'
import { seededNormal } from '../laws/random.js'

/** Beats of a heart at `beatRate` whose amplitude and interval breathe at `breathRate`; 250 Hz. */
function feed(meter: ModulationRate, seconds: number, beatRate: number, breathRate: number, from = 0): void {
  let t = 0
  while (t < seconds) {
    const phase = (2 * Math.PI * breathRate * t) / 60
    const interval = 60 / beatRate + 0.05 * Math.sin(phase)
    t += interval
    meter.add(from + 250 * t, 1 + 0.1 * Math.sin(phase + 1), interval)
  }
}

describe('breathing from beats', () => {
  for (const [beats, breaths] of [
    [60, 6],
    [75, 12],
    [75, 18],
    [120, 30],
    [180, 45],
  ] as const) {
    test(`finds ${breaths} breaths among ${beats} beats a minute`, () => {
      const meter = createModulationRespiration({ fs: 250 })
      feed(meter, 60, beats, breaths)
      const result = meter.estimate(60 * 250)
      expect(Math.abs((result.rate ?? 0) - breaths)).toBeLessThan(1)
      expect(result.quality).toBeGreaterThan(0.5)
    })
  }

  test('says nothing before a window is full, nor after beats have stopped', () => {
    const meter = createModulationRespiration({ fs: 250 })
    feed(meter, 20, 75, 15)
    expect(meter.estimate(20 * 250)).toEqual({ rate: null, quality: 0, reason: 'too-few-beats' })
    feed(meter, 40, 75, 15, 20 * 250)
    expect(meter.estimate(60 * 250).rate).not.toBeNull()
    expect(meter.estimate(66 * 250).reason).toBe('too-few-beats')
  })

  test('says nothing when the series disagree', () => {
    const meter = new ModulationRate({ fs: 250, series: 2 })
    for (let k = 0; k < 80; k += 1) {
      const t = 0.75 * k
      meter.add(250 * t, Math.sin((2 * Math.PI * 10 * t) / 60), Math.sin((2 * Math.PI * 28 * t) / 60))
    }
    expect(meter.estimate(250 * 0.75 * 79).reason).toBe('disagreement')
  })

  test('rarely finds a rhythm in noise', () => {
    const normal = seededNormal(8)
    let found = 0
    for (let round = 0; round < 100; round += 1) {
      const meter = createModulationRespiration({ fs: 250 })
      for (let k = 0; k < 60; k += 1) meter.add(200 * k, normal(), normal())
      if (meter.estimate(200 * 59).rate !== null) found += 1
    }
    expect(found).toBeLessThanOrEqual(10)
  })

  test('goes on identically from a saved state, and forgets when cleared', () => {
    const meter = createModulationRespiration({ fs: 250 })
    feed(meter, 40, 80, 16)
    const copy = createModulationRespiration({ fs: 250 })
    copy.load(structuredClone(meter.save()))
    expect(copy.estimate(40 * 250)).toEqual(meter.estimate(40 * 250))
    meter.clear()
    expect(meter.estimate(40 * 250).reason).toBe('too-few-beats')
  })
})
