import { describe, expect, it } from 'vitest'
import { agreementOf, errorByCertainty } from '../../../src/evaluate/compare/agreement.js'

describe('agreement with a reference', () => {
  const pairs = [
    { reference: 60, estimate: 61, low: 59, high: 63 },
    { reference: 70, estimate: 67, low: 66, high: 68 },
    { reference: 80, estimate: null },
    { reference: 90, estimate: 98, low: 80, high: 120 },
  ]

  it('gives the figures of a hand-made example', () => {
    const agreement = agreementOf(pairs)
    expect(agreement).toMatchObject({ pairs: 4, estimated: 3, coverage: 0.75, mae: 4, medianAbsolute: 3, bias: 2 })
    expect(agreement.rmse).toBeCloseTo(Math.sqrt((1 + 9 + 64) / 3), 12)
    expect(agreement.sd).toBeCloseTo(Math.sqrt((1 + 25 + 36) / 2), 12)
    expect(agreement.limits?.[0]).toBeCloseTo(2 - 1.96 * Math.sqrt(31), 12)
    expect(agreement.within5).toBeCloseTo(2 / 3, 12)
    expect(agreement.intervalCoverage).toBeCloseTo(2 / 3, 12)
  })

  it('takes the surest share by the width of the intervals', () => {
    expect(agreementOf(pairs).maeBest80).toBe(2)
    expect(errorByCertainty(pairs).at(-1)).toEqual([1, 4])
  })

  it('has no figures where there are no estimates', () => {
    expect(agreementOf([{ reference: 60, estimate: null }])).toMatchObject({ coverage: 0, mae: null, bias: null, limits: null })
    expect(agreementOf([])).toMatchObject({ coverage: null, mae: null })
  })
})
