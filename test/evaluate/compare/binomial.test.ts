import { describe, expect, it } from 'vitest'
import { exactInterval } from '../../../src/evaluate/compare/binomial.js'

describe('exact interval of a proportion', () => {
  it.each([
    // scipy.stats.binomtest(k, n).proportion_ci(0.95, method='exact')
    [224, 225, 0.9754873, 0.9998875],
    [0, 10, 0, 0.3084971],
    [10, 10, 0.6915029, 1],
    [3, 20, 0.0320709, 0.3789268],
  ])('%i of %i is that of SciPy', (part, whole, low, high) => {
    const interval = exactInterval(part, whole)
    expect(interval?.low).toBeCloseTo(low, 6)
    expect(interval?.high).toBeCloseTo(high, 6)
  })

  it('is none of nothing', () => {
    expect(exactInterval(0, 0)).toBeNull()
  })
})
