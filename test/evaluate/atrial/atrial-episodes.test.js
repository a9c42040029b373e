import { expect, test } from 'vitest'
import { fibrillationAnnotations, scoreFibrillation } from '../../../src/evaluate/atrial/atrial-episodes.js'

const fs = 100
const rhythm = (on, seconds) => ({
  kind: 'rhythm',
  rhythm: 'atrial-fibrillation',
  channel: 0,
  decided: seconds * fs,
  on,
  index: seconds * fs,
  confidence: 0.9,
})
const mark = (seconds, aux) => ({ sample: seconds * fs, symbol: '+', aux })
test('counts episodes that overlap, durations in common, and what is said in records without fibrillation', () => {
  const score = scoreFibrillation([
    {
      name: 'with',
      fs,
      endSample: 1000 * fs,
      reference: [mark(0, '(N'), mark(100, '(AFIB'), mark(300, '(N'), mark(500, '(AFIB'), mark(520, '(N')],
      test: fibrillationAnnotations([rhythm(true, 150), rhythm(false, 350)]),
    },
    {
      name: 'without',
      fs,
      endSample: 3600 * fs,
      reference: [mark(0, '(N')],
      test: fibrillationAnnotations([rhythm(true, 10), rhythm(false, 60)]),
    },
  ])
  expect(score.episodeSe).toBe(1 / 2)
  expect(score.episodePpv).toBe(1 / 2)
  expect(score.durationSe).toBeCloseTo(150 / 220, 12)
  expect(score.durationPpv).toBeCloseTo(150 / 250, 12)
  expect([score.falseEpisodes, score.freeHours, score.falsePerHour]).toEqual([1, 1, 1])
})
test('what is said in reference flutter is neither right nor wrong', () => {
  const score = scoreFibrillation([
    {
      name: 'flutter',
      fs,
      endSample: 1000 * fs,
      reference: [mark(0, '(N'), mark(100, '(AFL'), mark(300, '(N')],
      test: fibrillationAnnotations([rhythm(true, 120), rhythm(false, 280)]),
    },
  ])
  expect([score.episodePpv, score.durationPpv, score.falsePerHour]).toEqual([null, null, null])
})
test('only fibrillation becomes an annotation; what goes on at the end lasts to the end of the record', () => {
  const pause = { ...rhythm(true, 5), rhythm: 'pause' }
  const test = fibrillationAnnotations([pause, rhythm(true, 900)])
  expect(test).toEqual([{ sample: 90_000, symbol: '+', aux: '(AFIB' }])
  const [record] = scoreFibrillation([{ name: 'r', fs, endSample: 1000 * fs, reference: [mark(950, '(AFIB')], test }]).records
  expect(record?.commonDuration).toBe(50 * fs)
})
