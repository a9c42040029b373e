import { describe, expect, it } from 'vitest'
import { compareBeats } from '../../../src/evaluate/compare/compare-beats.js'
import { comparePaired } from '../../../src/evaluate/compare/paired.js'
import { annotate } from './annotate.js'
import { annotators, compareMitdb, hasReference } from './mitdb-reference.js'

const reference = annotate('100N 200N 300N 400N')
const against = (test: string) => compareBeats(reference, annotate(test), { fs: 100, fromSeconds: 0, endSample: 1000 })

describe('two annotators on the same records', () => {
  it('differ by gross figures, and by the reference beats that only one of them found', () => {
    const { se, ppv, beats } = comparePaired([{ record: 'a', first: against('100N 200N 300N'), second: against('100N 200N 350N 400N') }])
    expect(se.value).toBe(0)
    expect(ppv.value).toBeCloseTo(1 - 3 / 4)
    expect(beats).toEqual({ both: 2, onlyFirst: 1, onlySecond: 1, neither: 0 })
  })

  it('do not differ when they are the same', () => {
    const same = against('100N 300N 350N')
    const result = comparePaired([{ record: 'a', first: same, second: same }])
    expect(result.f1).toEqual({ value: 0, interval: { low: 0, high: 0 } })
    expect(result.mcNemarP).toBe(1)
    expect(result.beats).toEqual({ both: 2, onlyFirst: 0, onlySecond: 0, neither: 2 })
  })

  it('have no difference where a figure is undefined', () => {
    expect(comparePaired([{ record: 'a', first: against(''), second: against('100N') }]).ppv).toEqual({ value: null, interval: null })
  })

  it.skipIf(!hasReference)(
    'on mitdb: gqrs misses more than osea, and the interval holds the difference (needs mitdb and reference-outputs)',
    async () => {
      const [gqrs, osea] = await Promise.all(annotators.map(annotator => compareMitdb(annotator, 300)))
      const records = (gqrs ?? []).map(({ record, comparison }, index) => {
        const second = osea?.[index]
        if (second?.record !== record) throw new Error(`no ${record}`)
        return { record, first: comparison, second: second.comparison }
      })
      const { se, beats, mcNemarP } = comparePaired(records, { draws: 500 })
      expect(beats.both + beats.onlyFirst + beats.onlySecond + beats.neither).toBe(91_285)
      // What osea misses, No' to Fo' in bxb-osea-default.sum.
      expect(beats.onlyFirst + beats.neither).toBe(93 + 48 + 57 + 11)
      expect(se.value).toBeCloseTo((beats.onlyFirst - beats.onlySecond) / 91_285, 12)
      expect(se.interval?.low).toBeLessThan(se.value as number)
      expect(se.interval?.high).toBeGreaterThan(se.value as number)
      expect(mcNemarP).toBeGreaterThan(0)
      expect(mcNemarP).toBeLessThanOrEqual(1)
    },
  )
})
