import { describe, expect, it } from 'vitest'
import { compareMeasurements } from '../../../src/evaluate/compare/compare-measurements.js'
import { annotate } from './annotate.js'

const options = { fs: 100, fromSeconds: 0, endSample: 10_000 }

describe('measurements', () => {
  it('are held against the nearest reference, the error relative to the mean of what they were held against', () => {
    const result = compareMeasurements(annotate('100=60 500=80'), annotate('110=63 290=63 310=84'), options)
    expect(result.count).toBe(3)
    expect(result.meanReference).toBeCloseTo((60 + 60 + 80) / 3)
    expect(result.rmsError).toBeCloseTo(Math.sqrt((9 + 9 + 16) / 3))
    expect(result.rmsErrorPercent).toBeCloseTo((100 * Math.sqrt(34 / 3)) / (200 / 3))
  })

  it('count in the test period only, against references from all of the record', () => {
    expect(compareMeasurements(annotate('100=60'), annotate('100=90 600=66'), { ...options, fromSeconds: 5 })).toMatchObject({
      count: 1,
      rmsError: 6,
    })
  })

  it('of another number do not count', () => {
    const other = annotate('100=60').map(annotation => ({ ...annotation, subtype: 3 }))
    expect(compareMeasurements(other, annotate('100=60'), options)).toMatchObject({ count: 0, meanReference: null, rmsError: null })
    expect(compareMeasurements(other, other, { ...options, measurement: 3 })).toMatchObject({ count: 1, rmsError: 0 })
  })

  it('have no relative error where their mean is 0', () => {
    expect(compareMeasurements(annotate('100=-5 200=5'), annotate('100=-4 200=5'), options)).toMatchObject({
      meanReference: 0,
      rmsErrorPercent: null,
    })
  })

  it('may be negative or have an exponent, and text that is none does not count', () => {
    expect(compareMeasurements(annotate('100=1.2e2'), annotate('100=120 200=none'), options)).toMatchObject({ count: 1, rmsError: 0 })
  })
})
