import { describe, expect, test } from 'vitest'
import { readChallengeReferences, scoreChallenge2017 } from '../../../src/evaluate/atrial/challenge-2017.js'
import { datasetPath } from '../../recording/paths.js'

const even = { N: 1, A: 1, O: 1, '~': 1 }
/** Records `N0`, `N1`, … with what is said of each. */
function records(said) {
  const references = new Map()
  const predictions = Object.entries(said).flatMap(([truth, labels]) =>
    [...labels].map((label, i) => {
      references.set(`${truth}${i}`, truth)
      return { record: `${truth}${i}`, label: label }
    }),
  )
  return { references, predictions }
}
describe('score of the CinC 2017 challenge', () => {
  test('F1 is 2 x both / (reference + predicted), the mean is over N, A and O', () => {
    // Worked by hand: N 2*3/(4+4), A 2*2/(4+2), O 2*3/(4+5), ~ 2*4/(4+5).
    const { references, predictions } = records({ N: 'NNNO', A: 'AANO', O: 'OOO~', '~': '~~~~' })
    const score = scoreChallenge2017(predictions, references, even, { draws: 50 })
    expect(score.labels.N.f1).toBeCloseTo(6 / 8, 12)
    expect(score.labels.A.f1).toBeCloseTo(4 / 6, 12)
    expect(score.labels.O.f1).toBeCloseTo(6 / 9, 12)
    expect(score.labels['~'].f1).toBeCloseTo(8 / 9, 12)
    expect(score.meanF1).toBeCloseTo((6 / 8 + 4 / 6 + 6 / 9) / 3, 12)
    expect(score.confusion.A).toEqual({ N: 1, A: 2, O: 1, '~': 0 })
  })
  test('weighs each label by the prevalence, whatever the mixture of the part', () => {
    const once = records({ N: 'NNNO', A: 'AANO', O: 'OOO~', '~': '~~~~' })
    const threefold = records({ N: 'NNNONNNONNNO', A: 'AANO', O: 'OOO~', '~': '~~~~' })
    const prevalence = { N: 8, A: 1, O: 4, '~': 1 }
    const f1 = ({ references, predictions }) => scoreChallenge2017(predictions, references, prevalence, { draws: 1 }).meanF1
    expect(f1(threefold)).toBeCloseTo(f1(once), 12)
    // N: both 8 * 3/4, said N also of a quarter of A.
    const { labels } = scoreChallenge2017(once.predictions, once.references, prevalence, { draws: 1 })
    expect(labels.N.f1).toBeCloseTo((2 * 6) / (8 + 6 + 0.25), 12)
  })
  test('a record without a prediction counts as missed and is named', () => {
    const { references, predictions } = records({ N: 'NN', A: 'AA', O: 'OO', '~': '~~' })
    const score = scoreChallenge2017(predictions.slice(1), references, even, { draws: 20 })
    expect(score.unpredicted).toEqual(['N0'])
    expect(score.labels.N.f1).toBeCloseTo(2 / 3, 12)
  })
  test('the area under the curve is the share of pairs in the right order, ties half', () => {
    const p = A => ({ N: 1 - A, A, O: 0, '~': 0 })
    const references = new Map([
      ['a', 'A'],
      ['b', 'A'],
      ['c', 'N'],
      ['d', 'N'],
    ])
    const predictions = [
      { record: 'a', label: 'A', probabilities: p(0.9) },
      { record: 'b', label: 'A', probabilities: p(0.4) },
      { record: 'c', label: 'N', probabilities: p(0.4) },
      { record: 'd', label: 'N', probabilities: p(0.1) },
    ]
    expect(scoreChallenge2017(predictions, references, even, { draws: 1 }).labels.A.auc).toBeCloseTo(3.5 / 4, 12)
  })
  test('intervals hold the figure, are the same for the same seed and shrink with more records', () => {
    const few = records({ N: 'NNNO', A: 'AANO', O: 'OOO~', '~': '~~~~' })
    const many = records({ N: 'NNNO'.repeat(20), A: 'AANO'.repeat(20), O: 'OOO~'.repeat(20), '~': '~~~~'.repeat(20) })
    const width = ({ references, predictions }) => {
      const score = scoreChallenge2017(predictions, references, even, { draws: 300 })
      expect(score).toEqual(scoreChallenge2017(predictions, references, even, { draws: 300 }))
      const { low, high } = score.ci95
      expect(low).toBeLessThanOrEqual(score.meanF1)
      expect(high).toBeGreaterThanOrEqual(score.meanF1)
      return high - low
    }
    expect(width(many)).toBeLessThan(width(few) / 2)
  })
  const folder = datasetPath('cinc2017')
  test.skipIf(!folder)('reads the references of the records here (needs cinc2017)', async () => {
    const references = await readChallengeReferences(folder)
    expect(references.size).toBe(400)
    expect(references.get('A00004')).toBe('A')
    expect(references.has('record')).toBe(false)
  })
  test('a folder without references is told by its file', async () => {
    await expect(readChallengeReferences('/nonexistent')).rejects.toMatchObject({ code: 'recording-missing' })
  })
})
