import { describe, expect, it } from 'vitest'
import { exactSignTest } from '../../../src/evaluate/compare/binomial.js'
import { bootstrapByRecord, quantileOfSorted, randomFrom, wilsonInterval } from '../../../src/evaluate/compare/intervals.js'

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe("Wilson's interval", () => {
  // Newcombe, Statistics in Medicine 17:857-872, 1998, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d is %d to %d', (part, whole, low, high) => {
    const interval = wilsonInterval(part, whole)
    expect(interval?.low).toBeCloseTo(low, 4)
    expect(interval?.high).toBeCloseTo(high, 4)
  })

  it('ends at 1 where all are, and is not defined of nothing', () => {
    expect(wilsonInterval(20, 20)?.high).toBe(1)
    expect(wilsonInterval(0, 0)).toBeNull()
  })
})

describe('bootstrap by record', () => {
  const values = Array.from({ length: 400 }, (_, index) => index % 20)

  it('gives the same interval for the same seed, and another for another', () => {
    expect(bootstrapByRecord(values, mean)).toEqual(bootstrapByRecord(values, mean))
    expect(bootstrapByRecord(values, mean, { seed: 2 })).not.toEqual(bootstrapByRecord(values, mean, { seed: 1 }))
  })

  it('spans about 1.96 standard errors to either side of a mean', () => {
    const standardError = Math.sqrt((20 * 20 - 1) / 12 / 400)
    const interval = bootstrapByRecord(values, mean, { draws: 4000 })
    expect((interval?.high ?? 0) - 9.5).toBeCloseTo(1.96 * standardError, 1)
    expect(9.5 - (interval?.low ?? 0)).toBeCloseTo(1.96 * standardError, 1)
  })

  it('leaves out draws without a value, and has no interval of nothing', () => {
    expect(bootstrapByRecord([1, 2], drawn => (drawn[0] === drawn[1] ? null : mean(drawn)))).toEqual({ low: 1.5, high: 1.5 })
    expect(bootstrapByRecord([1], () => null)).toBeNull()
    expect(bootstrapByRecord([], mean)).toBeNull()
  })

  it('draws evenly', () => {
    const tallies = new Array<number>(10).fill(0)
    const random = randomFrom(7)
    for (let i = 0; i < 100_000; i++) {
      const bin = Math.floor(10 * random())
      tallies[bin] = (tallies[bin] as number) + 1
    }
    const chiSquare = tallies.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    // 99.9th percentile of chi square with 9 degrees of freedom.
    expect(chiSquare).toBeLessThan(27.88)
  })

  it('interpolates quantiles between neighbours', () => {
    expect([0, 0.5, 0.25, 1].map(share => quantileOfSorted([10, 20, 40], share))).toEqual([10, 20, 15, 40])
  })
})

describe('exact sign test', () => {
  it.each([
    [0, 0, 1],
    [5, 5, 1],
    [0, 5, 2 / 32],
    [1, 9, (2 * 11) / 1024],
    [3, 7, (2 * (1 + 10 + 45 + 120)) / 1024],
    // scipy.stats.binomtest(450, 1000).pvalue
    [450, 550, 0.0017305360849763027],
  ])('of %d against %d gives %d', (a, b, p) => {
    expect(exactSignTest(a, b)).toBeCloseTo(p, 12)
    expect(exactSignTest(b, a)).toBeCloseTo(p, 12)
  })
})
