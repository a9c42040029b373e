import { describe, expect, it } from 'vitest'
import { compareBeats } from '../../../src/evaluate/compare/compare-beats.js'
import { scoreShortIntervals } from '../../../src/evaluate/compare/short-intervals.js'
import { beatTiming } from '../../../src/evaluate/compare/timing.js'
import { annotate } from './annotate.js'

const compare = (reference: string, test: string) =>
  compareBeats(annotate(reference), annotate(test), { fs: 100, fromSeconds: 0, endSample: 10_000 })

describe('timing of beats', () => {
  it('tells a constant delay (offset) from what varies (jitter)', () => {
    const timing = beatTiming(compare('100N 200N 300N 400N 500N', '105N 205N 306N 404N 511N'), 100)
    expect(timing).toMatchObject({ pairs: 5, offsetMedianMs: 50, jitterMadMs: 10 })
  })

  it('gives the mean absolute RR error of neighbours that are both matched', () => {
    const timing = beatTiming(compare('100N 200N 300N 400N 500N', '100N 202N 300N 504N'), 100)
    expect(timing.rrIntervals).toBe(2)
    expect(timing.rrErrorMeanMs).toBe(20)
  })

  it('takes no interval with an extra beat inside', () => {
    expect(beatTiming(compare('100N 200N 300N', '100N 150N 201N 300N'), 100)).toMatchObject({ rrIntervals: 1, rrErrorMeanMs: 10 })
  })

  it('is undefined without a pair', () => {
    expect(beatTiming(compare('100N', ''), 100)).toEqual({
      pairs: 0,
      rrIntervals: 0,
      offsetMedianMs: null,
      jitterMadMs: null,
      rrErrorMeanMs: null,
    })
  })
})

describe('short intervals', () => {
  const score = (reference: string, test: string, to = 4000) => scoreShortIntervals(compare(reference, test), { fs: 100, from: 0, to })

  it('are without error when nothing is missed or extra, and of right count when both are equally many', () => {
    // 0-10 s right, 10-20 s one missed and one extra, 20-30 s one missed, 30-40 s without a beat.
    const result = score('100N 500N 1100N 1500N 2100N 2500N', '100N 505N 1100N 1800N 2500N')
    expect(result).toMatchObject({ intervals: 3, withoutError: 1, rightCount: 2 })
    expect(result.withoutErrorShare).toBeCloseTo(1 / 3)
    expect(result.meanSe).toBeCloseTo((1 + 0.5 + 0.5) / 3)
    expect(result.meanPpv).toBeCloseTo((1 + 0.5 + 1) / 3)
  })

  it('leave out a last one that is cut short', () => {
    expect(score('100N 1100N', '100N 1100N', 1999).intervals).toBe(1)
    expect(score('100N 1100N', '100N 1100N', 2000).intervals).toBe(2)
  })

  it('have no share where there is none', () => {
    expect(score('', '100N')).toMatchObject({ intervals: 0, withoutErrorShare: null, rightCountShare: null, meanSe: null })
  })
})
