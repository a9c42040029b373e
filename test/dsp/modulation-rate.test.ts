import { describe, expect, test } from 'vitest'
import { ModulationRate, type ModulationRateResult, modulationParameters } from '../../src/dsp/modulation-rate.js'
import { seededNormal } from '../laws/random.js'

const fs = 250
const every = modulationParameters.everySeconds

const newMeter = (): ModulationRate => new ModulationRate({ fs, level: false, leastVariation: 0.001 })

interface Heart {
  readonly beatRate: number
  /** Breaths a minute at a time in seconds. */
  readonly breathRate: (t: number) => number
  readonly from?: number
}

/** Beats whose amplitude and interval breathe; what the meter says every 2 s, by second. */
function run(meter: ModulationRate, seconds: number, { beatRate, breathRate, from = 0 }: Heart): Map<number, ModulationRateResult> {
  const said = new Map<number, ModulationRateResult>()
  let phase = 0
  let t = from
  let asked = from + every
  while (t < from + seconds) {
    const interval = 60 / beatRate + 0.05 * Math.sin(phase)
    phase += (2 * Math.PI * breathRate(t) * interval) / 60
    t += interval
    for (; asked <= t; asked += every) said.set(asked, meter.estimate(fs * asked))
    meter.add(fs * t, 1 + 0.1 * Math.sin(phase + 1), interval)
  }
  return said
}

describe('breathing from beats', () => {
  for (const [beats, breaths] of [
    [60, 6],
    [75, 12],
    [75, 18],
    [120, 30],
    [180, 45],
  ] as const) {
    test(`finds ${breaths} breaths among ${beats} beats a minute, and its interval holds them`, () => {
      const said = run(newMeter(), 90, { beatRate: beats, breathRate: () => breaths })
      for (let t = 50; t <= 88; t += every) {
        const { rate, quality, low, high } = said.get(t)!
        expect(Math.abs((rate ?? 0) - breaths)).toBeLessThan(1)
        expect(quality).toBeGreaterThan(0.5)
        expect(low).toBeLessThan(breaths)
        expect(high).toBeGreaterThan(breaths)
      }
    })
  }

  test('follows a rate that rises by 6 /min in 2 minutes, half a window late', () => {
    const rateAt = (t: number) => 12 + 3 * Math.min(2, Math.max(0, (t - 60) / 60))
    const said = run(newMeter(), 300, { beatRate: 80, breathRate: rateAt })
    for (let t = 80; t <= 298; t += every) expect(Math.abs(said.get(t)!.rate! - rateAt(t - 20))).toBeLessThan(1.5)
  })

  test('says nothing before a window is full, nor after beats have stopped', () => {
    const meter = newMeter()
    const calm = { beatRate: 75, breathRate: () => 15 }
    expect(run(meter, 20, calm).get(20)).toEqual({ rate: null, quality: 0, reason: 'too-few-beats' })
    const said = run(meter, 40, { ...calm, from: 20 })
    expect(said.get(60)!.rate).not.toBeNull()
    expect(meter.estimate(fs * 66).reason).toBe('too-few-beats')
  })

  test('says nothing when the series disagree', () => {
    const meter = newMeter()
    const said: ModulationRateResult[] = []
    for (let k = 0; k < 160; k += 1) {
      const t = 0.75 * k
      meter.add(fs * t, Math.sin((2 * Math.PI * 10 * t) / 60), Math.sin((2 * Math.PI * 28 * t) / 60))
      if (t >= 36 && t % 3 === 0) said.push(meter.estimate(fs * t))
    }
    expect(said.length).toBeGreaterThan(10)
    for (const { rate, reason } of said) expect([rate, reason]).toEqual([null, 'disagreement'])
  })

  test('holds what it knew, wider and less sure each time, when breathing can no longer be seen', () => {
    const meter = newMeter()
    run(meter, 60, { beatRate: 75, breathRate: () => 15 })
    const still: ModulationRateResult[] = []
    for (let k = 0; k < 160; k += 1) {
      const t = 60.8 + 0.8 * k
      meter.add(fs * t, 1, 0.8)
      if (k >= 60 && k % 3 === 0) still.push(meter.estimate(fs * t))
    }
    const held = still.filter(({ held }) => held)
    expect(held.length).toBeGreaterThan(0)
    expect(still.at(-1)).toEqual({ rate: null, quality: 0, reason: 'no-rhythm' })
    for (const { quality } of held) expect(quality).toBeLessThan(0.5)
    const widths = held.map(({ low, high }) => high! - low!)
    expect(widths).toEqual([...widths].sort((a, b) => a - b))
  })

  test('rarely finds a rhythm in noise', () => {
    const normal = seededNormal(8)
    const meter = newMeter()
    let found = 0
    for (let k = 0; k < 4500; k += 1) {
      meter.add(200 * k, normal(), normal())
      if (k % 5 === 0 && meter.estimate(200 * k).rate !== null) found += 1
    }
    expect(found).toBeLessThanOrEqual(45)
  })

  test('sees breathing in the level alone', () => {
    const meter = new ModulationRate({ fs, level: true, leastVariation: 0.001 })
    const normal = seededNormal(3)
    let last: ModulationRateResult | null = null
    for (let i = 0; i < 60 * 4; i += 1) {
      const t = i / 4
      if (i % 3 === 0) meter.add(fs * t, normal(), normal())
      meter.addLevel(fs * t, Math.sin((2 * Math.PI * 14 * t) / 60))
      if (i % 8 === 0) last = meter.estimate(fs * t)
    }
    expect(Math.abs(last!.rate! - 14)).toBeLessThan(1)
  })

  test('goes on identically from a saved state, and forgets when cleared', () => {
    const meter = newMeter()
    const calm = { beatRate: 80, breathRate: () => 16 }
    run(meter, 50, calm)
    const copy = newMeter()
    copy.load(structuredClone(meter.save()))
    expect(run(copy, 30, { ...calm, from: 50 })).toEqual(run(meter, 30, { ...calm, from: 50 }))
    meter.clear()
    expect(meter.estimate(80 * fs).reason).toBe('too-few-beats')
  })
})
