import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cos } from '../../src/dsp/math.js'
import { measureLomb, measureWelch } from '../../src/hrv/frequency-domain.js'
import { measureGeometric } from '../../src/hrv/geometric.js'
import { nnSeriesOf } from '../../src/hrv/nn-series.js'
import { measureDfa, measureSampleEntropy } from '../../src/hrv/nonlinear.js'
import { measureLongTerm, measureTimeDomain } from '../../src/hrv/time-domain.js'
import { seededNormal } from '../laws/random.js'
import { madeUpIntervals } from './intervals.js'

interface Golden {
  seed: number
  count: number
  sdnn: number
  rmssd: number
  sdsd: number
  nn50: number
  sd1: number
  sd2: number
  sampleEntropy: number
  dfaAlpha1: number
  lomb: { vlf: number; lf: number; hf: number }
}

/** Made by scripts/hrv-golden.py with neurokit2 0.2.13, hrv-analysis 1.0.5 and scipy 1.17.1. */
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as Golden[]

function within(share: number, value: number | null | undefined, expected: number): void {
  expect(value).not.toBeNull()
  expect(Math.abs((value as number) - expected)).toBeLessThanOrEqual(share * Math.abs(expected))
}

describe.each(golden)('NN intervals of seed $seed against independent implementations', row => {
  const series = nnSeriesOf(madeUpIntervals(row.seed, row.count))

  test('have the same time domain and Poincare plot within 0.1 %', () => {
    const time = measureTimeDomain(series)
    within(0.001, time.sdnn, row.sdnn)
    within(0.001, time.rmssd, row.rmssd)
    within(0.001, time.sd1, row.sd1)
    within(0.001, time.sd2, row.sd2)
    expect(time.nn50).toBe(row.nn50)
  })

  test('have the same Lomb bands within 2 %', () => {
    const lomb = measureLomb(series)
    within(0.02, lomb?.vlf, row.lomb.vlf)
    within(0.02, lomb?.lf, row.lomb.lf)
    within(0.02, lomb?.hf, row.lomb.hf)
  })

  test('have the same sample entropy within 0.0001 and DFA exponent within 2 %', () => {
    expect(Math.abs((measureSampleEntropy(series) as number) - row.sampleEntropy)).toBeLessThanOrEqual(1e-4)
    within(0.02, measureDfa(series), row.dfaAlpha1)
  })
})

describe('closed forms', () => {
  test('of intervals that alternate', () => {
    const series = nnSeriesOf(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.8 : 0.9)))
    const time = measureTimeDomain(series)
    within(1e-9, time.meanNn, 850)
    within(1e-9, time.sdnn, Math.sqrt((100 * 50 * 50) / 99))
    within(1e-9, time.rmssd, 100)
    expect(time.pnn50).toBe(100)
    within(1e-9, time.sd1, Math.sqrt(99 / 98 - 1 / (98 * 99)) * (100 / Math.SQRT2))
  })

  test('of a ramp, which has no spread across the line of identity', () => {
    const time = measureTimeDomain(nnSeriesOf(Array.from({ length: 50 }, (_, i) => 0.8 + i / 1000)))
    within(1e-9, time.rmssd, 1)
    expect(time.sd1).toBeCloseTo(0, 9)
    within(1e-9, time.sd2, Math.SQRT2 * (time.sdnn as number))
  })

  test.each([0.1, 0.25])('of a sine of 30 ms at %s Hz: a power of 450 ms2 in its band', hertz => {
    let time = 0
    const intervals = Array.from({ length: 400 }, () => {
      const interval = 0.75 + 0.03 * cos(2 * Math.PI * hertz * time)
      time += interval
      return interval
    })
    for (const measure of [measureLomb, measureWelch]) {
      const bands = measure(nnSeriesOf(intervals))
      const inside = hertz < 0.15 ? bands?.lf : bands?.hf
      const outside = hertz < 0.15 ? bands?.hf : bands?.lf
      expect(inside).toBeGreaterThan(450 * 0.93)
      expect(inside).toBeLessThan(450 * 1.05)
      expect(outside).toBeLessThan(20)
    }
  })

  test('of white noise: a DFA exponent of 0.5, and of its running sum 1.5', () => {
    const white = seededNormal(5)
    const noise = Array.from({ length: 3000 }, () => 0.8 + 0.02 * white())
    expect(Math.abs(measureDfa(nnSeriesOf(noise))! - 0.5)).toBeLessThan(0.1)
    expect(Math.abs(measureDfa(nnSeriesOf(noise), 16, 64)! - 0.5)).toBeLessThan(0.1)
    let level = 0.8
    const walk = noise.map(value => (level += (value - 0.8) / 50))
    expect(Math.abs(measureDfa(nnSeriesOf(walk))! - 1.5)).toBeLessThan(0.2)
    expect(Math.abs(measureDfa(nnSeriesOf(walk), 16, 64)! - 1.5)).toBeLessThan(0.2)
  })

  test('of a whole day: no limit of the language is met, and hours are measured one by one', () => {
    const day = Array.from({ length: 130_000 }, (_, i) => 0.66 + 0.03 * Math.sin(2 * Math.PI * 0.1 * 0.66 * i))
    const series = nnSeriesOf(day)
    expect(measureGeometric(series).triangularIndex).toBeGreaterThan(1)
    const start = process.cpuUsage().user
    const bands = measureLomb(series)
    expect(Math.abs(bands!.lf / 450 - 1)).toBeLessThan(0.05)
    // The square of a day would be minutes; this catches it without being a benchmark.
    expect((process.cpuUsage().user - start) / 1e6).toBeLessThan(60)
  })
})

describe('too little to measure from', () => {
  test('gives null', () => {
    const none = measureTimeDomain(nnSeriesOf([]))
    expect([none.meanNn, none.sdnn, none.rmssd, none.pnn50, none.sd1, none.sd2]).toEqual([null, null, null, null, null, null])
    expect(measureLomb(nnSeriesOf([0.8, 0.8]))).toBeNull()
    expect(measureWelch(nnSeriesOf([0.8, 0.8]))).toBeNull()
    expect(measureSampleEntropy(nnSeriesOf([0.8, 0.8]))).toBeNull()
    expect(measureDfa(nnSeriesOf([0.8, 0.8]))).toBeNull()
    expect(measureGeometric(nnSeriesOf([0.8]))).toEqual({ triangularIndex: null, tinn: null })
    expect(measureLongTerm(nnSeriesOf([0.8])).sdann).toBeNull()
  })
})

describe('a day of 5-minute segments', () => {
  test('has the spread of the means and the mean of the spreads', () => {
    const intervals = [0.8, 0.9, 1].flatMap(mean =>
      Array.from({ length: Math.round(300 / mean) }, (_, i) => mean + (i % 2 === 0 ? 0.01 : -0.01)),
    )
    const { sdann, sdnnIndex, segments } = measureLongTerm(nnSeriesOf(intervals))
    expect(segments).toBe(3)
    within(0.02, sdann, 100)
    within(0.05, sdnnIndex, 10)
  })

  test('has a triangular index and a triangle that grow with the spread', () => {
    const narrow = measureGeometric(nnSeriesOf(madeUpIntervals(1, 1000)))
    const wide = measureGeometric(nnSeriesOf(madeUpIntervals(1, 1000).map(value => 0.8 + 2 * (value - 0.85))))
    expect(wide.triangularIndex as number).toBeGreaterThan(1.5 * (narrow.triangularIndex as number))
    expect(wide.tinn as number).toBeGreaterThan(1.5 * (narrow.tinn as number))
  })
})
