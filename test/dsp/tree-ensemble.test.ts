import { describe, expect, test } from 'vitest'
import { EnsembleEvaluator, type TreeEnsemble } from '../../src/dsp/tree-ensemble.js'

/** One tree asks for `a`, then (left) for `b`; one is a lone leaf; `b` weighs in linearly too. */
const binary: TreeEnsemble = {
  features: ['a', 'b'],
  classes: ['no', 'yes'],
  scores: [
    {
      bias: -1,
      linear: { weights: [0, 2], centres: [0, 10] },
      trees: {
        roots: [0, 5],
        feature: [0, 1, -1, -1, -1, -1],
        threshold: [0.5, 10, 0, 0, 0, 0],
        left: [1, 2, 0, 0, 0, 0],
        right: [4, 3, 0, 0, 0, 0],
        missingLeft: [0, 1, 0, 0, 0, 0],
        value: [0.25, -0.5, -1, 1, 2, 0.125],
      },
    },
  ],
}

function scoreBinary(a: number, b: number): number {
  return new EnsembleEvaluator(binary).score(Float64Array.of(a, b), 0)
}

describe('an additive model', () => {
  test('sends a value at the threshold to the left and one above to the right', () => {
    expect(scoreBinary(0.5, 10)).toBe(-1 - 1 + 0.125)
    expect(scoreBinary(0.51, 10)).toBe(-1 + 2 + 0.125)
    expect(scoreBinary(0, 10.5)).toBe(-1 + 1 + 1 + 0.125)
  })

  test('sends a missing value the stated way, and counts it as the centre of the linear part', () => {
    expect(scoreBinary(Number.NaN, 10)).toBe(-1 + 2 + 0.125)
    expect(scoreBinary(0, Number.NaN)).toBe(-1 - 1 + 0.125)
  })

  test('gives the logistic of the score for two classes', () => {
    const into = new Float64Array(2)
    new EnsembleEvaluator(binary).probabilities(Float64Array.of(0.5, 10), into)
    expect(into[1]).toBeCloseTo(1 / (1 + Math.exp(1.875)), 14)
    expect((into[0] as number) + (into[1] as number)).toBe(1)
  })

  test('gives the softmax of the scores for three classes, however large they are', () => {
    const evaluator = new EnsembleEvaluator({
      features: ['a'],
      classes: ['x', 'y', 'z'],
      scores: [{ bias: 1000 }, { bias: 1000 + Math.LN2 }, { bias: 0, linear: { weights: [1000], centres: [0] } }],
    })
    const into = new Float64Array(3)
    evaluator.probabilities(Float64Array.of(1), into)
    expect([...into].map(p => Number(p.toFixed(12)))).toEqual([0.25, 0.5, 0.25])
  })

  test('puts each step through a tree down to the feature that was asked, and all steps add up to the score', () => {
    const evaluator = new EnsembleEvaluator(binary)
    const into = new Float64Array(2)
    for (const [a, b] of [
      [0, 9],
      [0, 12],
      [1, Number.NaN],
      [Number.NaN, 3],
    ] as const) {
      const values = Float64Array.of(a, b)
      const rest = evaluator.contributions(values, 0, into)
      expect(rest).toBe(-1 + 0.25 + 0.125)
      expect(rest + (into[0] as number) + (into[1] as number)).toBeCloseTo(evaluator.score(values, 0), 12)
    }
    evaluator.contributions(Float64Array.of(0, 12), 0, into)
    expect([...into]).toEqual([-0.75, 1.5 + 4])
  })

  test('refuses arrays that do not fit together', () => {
    const [score] = binary.scores
    const trees = score?.trees as NonNullable<typeof score>['trees'] & object
    const broken = (change: Partial<typeof trees>) => () =>
      new EnsembleEvaluator({ ...binary, scores: [{ bias: 0, trees: { ...trees, ...change } }] })
    expect(broken({ value: [1] })).toThrow(RangeError)
    expect(broken({ roots: [6] })).toThrow(RangeError)
    expect(broken({ feature: [2, 1, -1, -1, -1, -1] })).toThrow(RangeError)
    expect(broken({ left: [0, 2, 0, 0, 0, 0] })).toThrow(RangeError)
    expect(() => new EnsembleEvaluator({ ...binary, classes: ['one'] })).toThrow(RangeError)
    expect(() => new EnsembleEvaluator({ ...binary, classes: ['x', 'y', 'z'] })).toThrow(RangeError)
    expect(() => new EnsembleEvaluator({ ...binary, scores: [{ bias: 0, linear: { weights: [1], centres: [1] } }] })).toThrow(RangeError)
  })
})
