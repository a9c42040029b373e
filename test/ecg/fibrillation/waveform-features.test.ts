import { describe, expect, test } from 'vitest'
import { lookAt } from '../../../src/ecg/fibrillation/first-look.js'
import { leakage } from '../../../src/ecg/fibrillation/leakage.js'
import { fibrillationFeatures, WaveformFeatures } from '../../../src/ecg/fibrillation/waveform-features.js'
import { WorkingSignal, windowSamples } from '../../../src/ecg/fibrillation/working-signal.js'
import { beats, fibrillation, newHistory, type Wave } from './synthetic.js'

const sampled = (wave: Wave): Float64Array => Float64Array.from({ length: windowSamples }, (_, i) => wave(i / 100))

function features(wave: Wave): Record<(typeof fibrillationFeatures)[number], number> {
  const into = new Float64Array(fibrillationFeatures.length)
  new WaveformFeatures().measure(sampled(wave), true, into)
  return Object.fromEntries(fibrillationFeatures.map((name, i) => [name, into[i]])) as ReturnType<typeof features>
}

describe('waveform features', () => {
  test('the filter leaves little of a sine and nearly all of spikes', () => {
    expect(
      leakage(
        sampled(t => Math.sin(2 * Math.PI * 5 * t)),
        0,
        windowSamples,
      ),
    ).toBeLessThan(0.05)
    expect(
      leakage(
        sampled(t => (Math.round(t * 100) % 80 === 0 ? 1 : 0)),
        0,
        windowSamples,
      ),
    ).toBeGreaterThan(0.9)
  })

  test('a sine of 5 Hz has its known figures', () => {
    const sine = features(t => Math.sin(2 * Math.PI * 5 * t))
    expect(sine.peakHz8).toBeCloseTo(5, 1)
    expect(sine.peakShare8).toBeGreaterThan(0.99)
    expect(Math.exp(sine.kurtosis8)).toBeCloseTo(1.5, 1)
    expect(sine.trough4).toBeLessThan(-0.99)
    expect(sine.crestSeconds4).toBeCloseTo(0.2, 2)
    // |sin| is above 0.2 for 1 - 2 asin(0.2) / pi of the time, a little less under the taper.
    expect(sine.crossings3).toBeGreaterThan(0.82)
    expect(sine.crossings3).toBeLessThan(1 - (2 * Math.asin(0.2)) / Math.PI + 0.01)
    expect(Math.exp(sine.size)).toBeCloseTo(Math.SQRT1_2, 1)
  })

  test('beats have steep complexes that are alike, regular and rest in between; fibrillation has not', () => {
    const beating = features(beats)
    const fibrillating = features(fibrillation)
    expect(beating.complexRate8).toBeCloseTo(1.25, 1)
    expect(beating.likeness8).toBeGreaterThan(0.95)
    expect(beating.irregularity8).toBeLessThan(0.05)
    expect(beating.restLevel8).toBeLessThan(0.1)
    expect(beating.beatSeconds8).toBeCloseTo(0.8, 1)
    expect(fibrillating.restLevel8).toBeGreaterThan(0.3)
    expect(fibrillating.leakage8).toBeLessThan(beating.leakage8)
    expect(lookAt(sampled(beats)).steadiness).toBeLessThan(0.13)
    expect(lookAt(sampled(fibrillation)).steadiness).toBeGreaterThan(0.2)
  })

  test('nothing but the size depends on the unit', () => {
    const once = features(fibrillation)
    const larger = features(t => 37 * fibrillation(t))
    for (const name of fibrillationFeatures) if (name !== 'size') expect(larger[name]).toBeCloseTo(once[name], 5)
  })

  test('a line without activity has finite figures', () => {
    for (const value of Object.values(features(() => 0))) expect(Number.isFinite(value)).toBe(true)
  })
})

describe('working signal', () => {
  test('is the same whether it was followed or is asked for once, at a rate with fractions too', () => {
    const fsHz = 249.89
    const history = newHistory(1, fsHz)
    const followed = new WorkingSignal(fsHz, 1)
    const window = new Float64Array(windowSamples)
    let to = 0
    for (let second = 0; second < 14; second++) {
      const from = to
      to = Math.ceil((second + 1) * fsHz)
      history.push(from, [Float64Array.from({ length: to - from }, (_, i) => fibrillation((from + i) / fsHz))], 0, to - from)
      history.end = to
      expect(followed.read(0, to, history, window)).toBe(second >= 8)
    }
    const once = new Float64Array(windowSamples)
    expect(new WorkingSignal(fsHz, 1).read(0, to, history, once)).toBe(true)
    expect(once).toEqual(window)
  })

  test('bridges what is missing up to a quarter, and gives nothing beyond', () => {
    const window = new Float64Array(windowSamples)
    for (const [lost, there] of [
      [1.5, true],
      [2.5, false],
    ] as const) {
      const history = newHistory(1, 250)
      const samples = Float64Array.from({ length: 2250 }, (_, i) => (i >= 1000 && i < 1000 + lost * 250 ? Number.NaN : i))
      for (let from = 0; from < 2250; from += 250) history.push(from, [samples], from, 250)
      history.end = 2250
      expect(new WorkingSignal(250, 1).read(0, 2250, history, window)).toBe(there)
      // A ramp is bridged by itself.
      if (there) expect(window[400]).toBeCloseTo(250 + 400 * 2.5 - 0.5, 6)
    }
  })
})
