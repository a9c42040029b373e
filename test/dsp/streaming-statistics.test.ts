import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { medianOf, RunningMoments, WindowedExtremes, WindowedQuantile } from '../../src/dsp/streaming-statistics.js'

const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 80 })
const seed = 20261125

describe('running moments', () => {
  test('keep their digits on a large offset', () => {
    const moments = new RunningMoments()
    for (const value of [4, 7, 13, 16]) moments.add(1e9 + value)
    expect(moments.mean).toBe(1e9 + 10)
    expect(moments.variance).toBe(30)
  })

  test('know no mean of nothing and no spread of one', () => {
    const moments = new RunningMoments()
    expect(moments.mean).toBeNaN()
    moments.add(3)
    expect(moments.variance).toBeNaN()
  })

  test('go on identically from a saved state', () => {
    const moments = new RunningMoments()
    for (let i = 0; i < 10; i += 1) moments.add(i / 3)
    const copy = new RunningMoments()
    copy.load(structuredClone(moments.save()))
    for (const each of [moments, copy]) each.add(0.1)
    expect(copy.save()).toEqual(moments.save())
  })
})

describe('windowed order statistics', () => {
  test('equal those of the last values sorted', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 12 }), (list, length) => {
        const quantile = new WindowedQuantile(length)
        const extremes = new WindowedExtremes(length)
        list.forEach((value, i) => {
          quantile.add(value)
          extremes.add(value)
          const window = list.slice(Math.max(0, i + 1 - length), i + 1).sort((a, b) => a - b)
          const half = window.length >> 1
          const median = window.length % 2 ? window[half]! : (window[half - 1]! + window[half]!) / 2
          expect(quantile.median).toBeCloseTo(median, 12)
          expect(quantile.min + 0).toBe(window[0]! + 0)
          expect(quantile.max + 0).toBe(window.at(-1)! + 0)
          expect(extremes.min + 0).toBe(window[0]! + 0)
          expect(extremes.max + 0).toBe(window.at(-1)! + 0)
          expect(medianOf(Float64Array.from(window), window.length, new Float64Array(12))).toBeCloseTo(median, 12)
        })
      }),
      { seed },
    )
  })

  test('go on identically from a saved state', () => {
    const original = { quantile: new WindowedQuantile(5), extremes: new WindowedExtremes(5) }
    const copy = { quantile: new WindowedQuantile(5), extremes: new WindowedExtremes(5) }
    for (let i = 0; i < 23; i += 1) {
      original.quantile.add((i * 7) % 11)
      original.extremes.add((i * 7) % 11)
    }
    copy.quantile.load(original.quantile.save())
    copy.extremes.load(original.extremes.save())
    for (let i = 0; i < 23; i += 1) {
      for (const each of [original, copy]) {
        each.quantile.add((i * 5) % 13)
        each.extremes.add((i * 5) % 13)
      }
      expect([copy.quantile.median, copy.extremes.min, copy.extremes.max]).toEqual([
        original.quantile.median,
        original.extremes.min,
        original.extremes.max,
      ])
    }
  })

  test('quantiles lie on the line between order statistics', () => {
    const quantile = new WindowedQuantile(4)
    for (const value of [10, 20, 30, 40]) quantile.add(value)
    expect(quantile.quantile(0.25)).toBeCloseTo(17.5, 12)
    expect(new WindowedQuantile(3).median).toBeNaN()
  })
})
