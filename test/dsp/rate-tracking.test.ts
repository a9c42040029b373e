import { describe, expect, test } from 'vitest'
import { EventSeries } from '../../src/dsp/event-series.js'
import { RateEvidence } from '../../src/dsp/rate-evidence.js'
import { RateTracker } from '../../src/dsp/rate-tracker.js'
import { designSlowLevel, newSlowLevel, settleSlowLevel, stepSlowLevel } from '../../src/dsp/slow-level.js'
import { seededNormal } from '../laws/random.js'

describe('a series of events', () => {
  const filled = (count: number): EventSeries => {
    const series = new EventSeries()
    for (let k = 0; k < count; k += 1) series.add(10 * k, k)
    return series
  }

  test('is laid out by straight lines, level at its ends', () => {
    const grid = new Float64Array(5)
    // Values 5 to 19 lie in the window: mean 12.
    expect(filled(20).layOut(grid, 45, 40)).toBe(12)
    expect([...grid]).toEqual([4.5, 8.5, 12.5, 16.5, 19])
  })

  test('is not laid out of fewer than 12 values', () => {
    expect(filled(11).layOut(new Float64Array(4), 0, 10)).toBeNull()
    expect(filled(40).layOut(new Float64Array(4), 285, 10)).toBeNull()
  })

  test('keeps the newest 256', () => {
    const series = filled(1000)
    expect(series.length).toBe(256)
    expect([series.placeAt(0), series.placeAt(255)]).toEqual([9990, 7440])
  })
})

describe('evidence of a rate', () => {
  const read = (value: (t: number) => number): RateEvidence => {
    const evidence = new RateEvidence({ points: 128 })
    evidence.read(
      Float64Array.from({ length: 128 }, (_, i) => value(i / 4)),
      18,
      171,
      1,
    )
    return evidence
  }

  test('of a sine is its line, in full, and its standard deviation', () => {
    const evidence = read(t => 3 + 0.5 * Math.sin((2 * Math.PI * 15 * t) / 60))
    expect((evidence.bin * 240) / 1024).toBeCloseTo(15, 0)
    expect(evidence.quality).toBeGreaterThan(0.95)
    expect(evidence.weight).toBe(1)
    expect(evidence.deviation).toBeCloseTo(0.5 / Math.SQRT2, 1)
  })

  test('is none of a wave beyond the band', () => {
    expect(read(t => Math.sin((2 * Math.PI * 44 * t) / 60)).weight).toBe(0)
  })

  test('of noise hardly counts', () => {
    const normal = seededNormal(5)
    let weights = 0
    for (let round = 0; round < 200; round += 1) weights += read(() => normal()).weight
    expect(weights / 200).toBeLessThan(0.1)
  })

  test('adds the weighted log likelihood, 0 at its line', () => {
    const evidence = read(t => Math.sin((2 * Math.PI * 15 * t) / 60))
    const into = new Float64Array(154)
    evidence.addTo(into, 2, 18, 171)
    expect(into[evidence.bin - 18]).toBeCloseTo(2 * Math.log(1.02), 6)
    expect(into[150]).toBeCloseTo(2 * Math.log(0.02), 1)
  })
})

describe('tracking of a rate', () => {
  const options = { first: 10, spacing: 0.5, count: 41, drift: 0.5, jump: 0.001 }
  const seen = (rate: number): Float64Array => Float64Array.from({ length: 41 }, (_, k) => -0.5 * (10 + 0.5 * k - rate) ** 2)

  test('knows nothing at first: the interval is the whole grid', () => {
    const { certainty, low, high } = new RateTracker(options).read(2)
    expect(certainty).toBeLessThan(0.25)
    expect(low).toBeLessThan(11)
    expect(high).toBeGreaterThan(29)
  })

  test('settles on what it sees, follows it, and grows unsure without it', () => {
    const tracker = new RateTracker(options)
    for (let step = 0; step < 10; step += 1) tracker.step(seen(15))
    const settled = tracker.read(2)
    expect(settled.rate).toBeCloseTo(15, 1)
    expect(settled.certainty).toBeGreaterThan(0.95)
    expect(settled.low).toBeLessThan(15)
    expect(settled.high).toBeGreaterThan(15)
    for (let step = 1; step <= 20; step += 1) tracker.step(seen(15 + 0.25 * step))
    expect(Math.abs(tracker.read(2).rate - 20)).toBeLessThan(0.7)
    const width = tracker.read(2).high - tracker.read(2).low
    for (let step = 0; step < 20; step += 1) tracker.step(new Float64Array(41))
    expect(tracker.read(2).high - tracker.read(2).low).toBeGreaterThan(2 * width)
    expect(tracker.read(2).certainty).toBeLessThan(settled.certainty)
  })

  test('finds a rate that jumped', () => {
    const tracker = new RateTracker(options)
    for (let step = 0; step < 10; step += 1) tracker.step(seen(12))
    for (let step = 0; step < 5; step += 1) tracker.step(seen(27))
    expect(tracker.read(2).rate).toBeCloseTo(27, 0)
  })

  test('loses no probability at the ends of its grid', () => {
    const tracker = new RateTracker(options)
    for (let step = 0; step < 200; step += 1) tracker.step(seen(10))
    expect(tracker.read(1000).certainty).toBeCloseTo(1, 9)
  })

  test('goes on identically from a saved state', () => {
    const tracker = new RateTracker(options)
    tracker.step(seen(14))
    const copy = new RateTracker(options)
    copy.load(structuredClone(tracker.save()))
    tracker.step(seen(16))
    copy.step(seen(16))
    expect(copy.read(2)).toEqual(tracker.read(2))
    tracker.clear()
    expect(tracker.read(2)).toEqual(new RateTracker(options).read(2))
  })
})

describe('the slow level', () => {
  const design = designSlowLevel({ fs: 100, cutHz: 0.9, keptHz: 4 })
  const amplitude = (hz: number): number => {
    const state = newSlowLevel()
    settleSlowLevel(state, design, 0)
    let most = 0
    for (let i = 0; i < 6000; i += 1) {
      const y = stepSlowLevel(state, design, Math.sin((2 * Math.PI * hz * i) / 100), i)
      if (i > 3000 && !Number.isNaN(y)) most = Math.max(most, Math.abs(y))
    }
    return most
  }

  test('passes breathing and keeps the harmonics of the heart out, which would fold to it', () => {
    expect(amplitude(0.2503)).toBeGreaterThan(0.97)
    expect(amplitude(3.7503)).toBeLessThan(0.004)
  })

  test('starts without a step, and keeps four values a second at places of the counter', () => {
    const state = newSlowLevel()
    settleSlowLevel(state, design, 7)
    const kept: [number, number][] = []
    for (let i = 3; i < 103; i += 1) {
      const y = stepSlowLevel(state, design, 7, i)
      if (!Number.isNaN(y)) kept.push([i, Math.round(y * 1e9) / 1e9])
    }
    expect(kept).toEqual([3, 25, 50, 75, 100].map(i => [i, 7]))
  })
})
