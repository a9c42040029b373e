import { describe, expect, test } from 'vitest'
import { scoreEpisodes } from '../../../src/evaluate/fibrillation/episode-score.js'
import { areaUnderCurve, scoreWindows, thresholdAt } from '../../../src/evaluate/fibrillation/window-score.js'
import { fibrillationShare } from '../../../src/evaluate/fibrillation/window-truth.js'

const negative = (value: number) => ({ truth: false, value })
const positive = (value: number) => ({ truth: true, value })

describe('windows', () => {
  test('the area is the share of pairs in the right order, ties count half', () => {
    // Pairs: 3 > 1, 3 > 2, 2 > 1, 2 = 2: (1 + 1 + 1 + 0.5) / 4.
    expect(areaUnderCurve([negative(1), negative(2), positive(2), positive(3)])).toBe(0.875)
    expect(areaUnderCurve([positive(1), positive(2)])).toBeNull()
  })

  test('at 98 % specificity 2 of 100 windows may be wrong', () => {
    const windows = [...Array.from({ length: 100 }, (_, i) => negative(i)), positive(97), positive(97.5), positive(99), positive(200)]
    expect(thresholdAt(windows, 0.98)).toBe(97.5)
    const scored = scoreWindows([{ record: 'a', windows }])
    expect(scored.seAtSp98).toBe(0.75)
    expect(scored.byRecord).toEqual([{ record: 'a', windows: 104, positive: 4, auc: scored.auc, missed: 1, falsePositive: 2 }])
  })

  test('draws records for the interval, the same each time', () => {
    const records = ['a', 'b', 'c'].map((record, i) => ({ record, windows: [negative(0), negative(i), positive(1), positive(3)] }))
    const { auc, ci95 } = scoreWindows(records)
    expect(ci95.auc?.low).toBeLessThanOrEqual(auc ?? 0)
    expect(ci95.auc?.high).toBeGreaterThanOrEqual(auc ?? 0)
    expect(scoreWindows(records).ci95).toEqual(ci95)
  })

  test('a window is fibrillation as far as stretches cover it', () => {
    const stretches = [
      { start: 10, end: 14 },
      { start: 18, end: 40 },
    ]
    expect(fibrillationShare(stretches, 12, 20)).toBe(0.5)
    expect(fibrillationShare(stretches, 20, 40)).toBe(1)
  })
})

describe('episodes', () => {
  const record = (truth: [number, number][], told: [number, number, number][]) => ({
    record: 'a',
    fsHz: 1,
    truth: truth.map(([start, end]) => ({ start, end })),
    told: told.map(([start, end, decided]) => ({ start, end, decided })),
  })

  test('counts episodes of 10 s or longer that are told within 10 s of their onset', () => {
    const scored = scoreEpisodes([
      record(
        [
          [100, 150],
          [200, 205],
          [300, 330],
          [400, 440],
        ],
        [
          [101, 152, 108],
          [300, 340, 315],
        ],
      ),
    ])
    expect(scored).toMatchObject({ episodes: 3, detectedWithin10s: 1, detected: 2, delays: [8, 15], falseEpisodes: 0 })
    expect(scored.byRecord[0]?.delays).toEqual([8, 15, null])
  })

  test('an episode that is on already is told at once, one told after the end is not', () => {
    expect(scoreEpisodes([record([[100, 150]], [[80, 120, 85]])]).delays).toEqual([0])
    expect(scoreEpisodes([record([[100, 150]], [[140, 170, 155]])])).toMatchObject({ detected: 0, falseEpisodes: 0 })
  })

  test('what meets no annotated episode is false', () => {
    expect(scoreEpisodes([record([[100, 150]], [[10, 50, 20]])]).falseEpisodes).toBe(1)
  })
})
