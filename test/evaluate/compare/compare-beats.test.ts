import { describe, expect, it } from 'vitest'
import { compareBeats } from '../../../src/evaluate/compare/compare-beats.js'
import { annotate } from './annotate.js'

const fs = 100
const whole = { fs, fromSeconds: 0, endSample: 10_000 }

const compare = (reference: string, test: string, options = {}) =>
  compareBeats(annotate(reference), annotate(test), { ...whole, ...options })
const counts = (reference: string, test: string, options = {}) => {
  const { tp, fn, fp } = compare(reference, test, options)
  return { tp, fn, fp }
}

describe('matching of beats', () => {
  it('pairs beats up to and at the match window, and no further', () => {
    expect(counts('100N 300N 500N', '115N 285N 516N')).toEqual({ tp: 2, fn: 1, fp: 1 })
  })

  it('gives a test beat to the nearer of two reference beats', () => {
    const { pairs, missed } = compare('100N 112N', '111N')
    expect(pairs).toEqual([{ reference: 112, test: 111, referenceClass: 'N', testClass: 'N' }])
    expect(missed).toEqual([100])
  })

  it('gives a reference beat to the nearer of two test beats', () => {
    const { pairs, extra } = compare('110N', '98N 109V')
    expect(pairs).toMatchObject([{ reference: 110, test: 109, testClass: 'V' }])
    expect(extra).toEqual([98])
  })

  it('gives it to the first when both are equally near', () => {
    expect(compare('110N', '105N 115N').pairs).toMatchObject([{ test: 105 }])
  })

  it('takes the window in seconds at any rate, rounded to samples', () => {
    expect(counts('1000N', '1038N', { fs: 250 }).tp).toBe(1)
    expect(counts('1000N', '1039N', { fs: 250 }).tp).toBe(0)
    expect(counts('1000N', '1003N', { matchWindowSeconds: 0.02 }).tp).toBe(0)
  })

  it('counts whatever there is when one side has no beat', () => {
    expect(counts('100N 200N', '')).toEqual({ tp: 0, fn: 2, fp: 0 })
    expect(counts('', '100N 200N')).toEqual({ tp: 0, fn: 0, fp: 2 })
  })
})

describe('the test period', () => {
  it('begins after five minutes unless told otherwise', () => {
    const { tp, fn } = compareBeats(annotate('29000N 30000N 31000N'), annotate('30000N'), { fs, endSample: 65_000 })
    expect({ tp, fn }).toEqual({ tp: 1, fn: 1 })
  })

  it('ends with the record, or where told', () => {
    expect(counts('100N 200N 300N', '100N 200N', { endSample: 250 })).toEqual({ tp: 2, fn: 0, fp: 0 })
    expect(counts('100N 200N 300N', '100N', { toSeconds: 2 })).toEqual({ tp: 1, fn: 1, fp: 0 })
  })

  it('ends with the shorter of both files when told to end at 0', () => {
    expect(counts('100N 200N 300N', '100N 200N', { toSeconds: 0 })).toEqual({ tp: 2, fn: 0, fp: 0 })
  })

  it('ends a match window after the last reference annotation where the length is not known', () => {
    expect(counts('100N 200N', '100N 210N 400N', { endSample: undefined })).toEqual({ tp: 2, fn: 0, fp: 0 })
  })
})

describe('classes', () => {
  it.each([
    ['N', 'NLRB'],
    ['S', 'AaJSejn'],
    ['V', 'VrE'],
    ['F', 'F'],
    ['Q', '/fQ?'],
  ] as const)('maps to %s the symbols %s', (name, symbols) => {
    const text = [...symbols].map((symbol, index) => `${100 * (index + 1)}${symbol}`).join(' ')
    const { matrix, tp } = compare(text, text)
    expect(matrix[name][name.toLowerCase() as 'n']).toBe(symbols.length)
    expect(tp).toBe(symbols.length)
  })

  it('takes nothing else for a beat', () => {
    expect(counts('100+ 200| 300~1 400x 500" 600=', '')).toEqual({ tp: 0, fn: 0, fp: 0 })
  })
})

describe('ventricular fibrillation', () => {
  it('takes no extra beat for wrong between [ and ] of the reference, at either end included', () => {
    const { tp, fn, fp } = compare('100N 200[ 900] 1000N', '100N 200N 400N 900N 950N 1000N')
    expect({ tp, fn, fp }).toEqual({ tp: 2, fn: 0, fp: 1 })
  })

  it('lasts to the end of the record when it is not closed', () => {
    expect(counts('100N 200[', '100N 300N 9000N')).toEqual({ tp: 1, fn: 0, fp: 0 })
  })

  it('leaves out the reference beats and flutter waves inside', () => {
    expect(counts('100N 200[ 300! 400N 900] 1000N', '100N 1000N')).toEqual({ tp: 2, fn: 0, fp: 0 })
  })

  it('makes reference beats missed that the test calls fibrillation', () => {
    expect(counts('100N 200N 300N 400N', '100N 150[ 200N 350] 400N')).toEqual({ tp: 2, fn: 2, fp: 0 })
  })
})

describe('shutdown', () => {
  it('counts beats missed during shutdown of the test as x, others as o', () => {
    const { matrix, fn, shutdownSeconds } = compare('100N 200V 300N 400N 500N', '100N 150~-1 350~0 500N')
    expect({ vx: matrix.V.x, nx: matrix.N.x, no: matrix.N.o, fn }).toEqual({ vx: 1, nx: 1, no: 1, fn: 3 })
    expect(shutdownSeconds).toBe(2)
  })

  it('counts extra beats in unreadable stretches of the reference as X, others as O', () => {
    const { matrix, fp } = compare('100N 150~-1 350~0 500N', '100N 200V 300N 400N 500N')
    expect({ Xv: matrix.X.v, Xn: matrix.X.n, On: matrix.O.n, fp }).toEqual({ Xv: 1, Xn: 1, On: 1, fp: 3 })
  })

  it('begins only where both bits 4 and 5 are set, whatever the others are', () => {
    expect(compare('100N', '100N 200~48 400~16').shutdownSeconds).toBe(2)
    expect(compare('100N', '100N 200~32 400~16').shutdownSeconds).toBe(0)
  })

  it('is one stretch however often it is marked before it ends', () => {
    expect(compare('100N', '100N 200~-1 300~48 400~0').shutdownSeconds).toBe(2)
  })

  it('lasts to the end of the record when nothing ends it', () => {
    expect(compare('100N', '100N 9000~-1').shutdownSeconds).toBe(10)
  })

  it('lies between its neighbours, less the match window, when one mark stands in its middle', () => {
    const { matrix, shutdownSeconds } = compare('100N 200N 300N 420N 500N', '100N 300~-1 500N')
    expect(shutdownSeconds).toBeCloseTo(3.7)
    expect(matrix.N.x).toBe(3)
  })

  it('counts only what lies within the test period', () => {
    expect(compare('1000N', '100~-1 1000~0', { fromSeconds: 5 }).shutdownSeconds).toBe(5)
  })
})

describe('RR interval error', () => {
  it('is the root mean square over all intervals, in ms', () => {
    expect(compare('100N 200N 300N', '100N 203N 299N').rrErrorMs).toBeCloseTo(10 * Math.sqrt((3 ** 2 + 4 ** 2) / 2))
  })

  it('does not mind a constant delay', () => {
    expect(compare('100N 200N 300N', '110N 210N 310N').rrErrorMs).toBe(0)
  })

  it('counts a missed beat twice: at its place and at the next beat', () => {
    expect(compare('100N 200N 300N 400N', '100N 300N 400N').rrErrorMs).toBeCloseTo(10 * Math.sqrt((100 ** 2 + 100 ** 2) / 3))
  })

  it('counts an extra beat twice', () => {
    expect(compare('100N 200N', '100N 150N 200N').rrErrorMs).toBeCloseTo(10 * Math.sqrt((50 ** 2 + 50 ** 2) / 2))
  })

  it('takes the first interval from the beats before the test period', () => {
    expect(compare('450N 550N', '440N 550N', { fromSeconds: 5 }).rrErrorMs).toBeCloseTo(100)
  })

  it('leaves out intervals with an unreadable stretch or fibrillation between their beats', () => {
    expect(compare('100N 120~-1 180~0 200N 300N', '100N 150N 200N 300N').rrErrorMs).toBe(0)
    expect(compare('100N 120[ 180] 200N 300N', '100N 150N 205N 305N').rrErrorMs).toBe(0)
  })

  it('is undefined without a pair of intervals', () => {
    expect(compare('100N', '100N').rrErrorMs).toBeNull()
  })
})
