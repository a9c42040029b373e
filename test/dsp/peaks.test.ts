import { describe, expect, test } from 'vitest'
import { findPeaks, newExtrema, parabolicOffset, stepExtrema } from '../../src/dsp/peaks.js'

describe('peaks', () => {
  test('the vertex of a sampled parabola is found exactly', () => {
    for (const vertex of [-0.4, -0.1, 0, 0.25, 0.49]) {
      const at = (x: number) => 3 - 2 * (x - vertex) ** 2
      expect(parabolicOffset(at(-1), at(0), at(1))).toBeCloseTo(vertex, 12)
    }
  })

  test('three values on a line have no vertex', () => {
    expect(parabolicOffset(1, 2, 3)).toBe(0)
  })

  test('local maxima are found once, plateaus at their first sample, borders never', () => {
    expect(findPeaks([9, 1, 3, 1, 2, 2, 2, 0, 5])).toEqual([2, 4])
  })

  test('a least height and a least distance keep the higher peak', () => {
    const values = [0, 5, 0, 7, 0, 1, 0, 0, 0, 6, 0]
    expect(findPeaks(values, { minHeight: 2 })).toEqual([1, 3, 9])
    expect(findPeaks(values, { minHeight: 2, minDistance: 3 })).toEqual([3, 9])
  })

  test('extremes alternate and ripple below the hysteresis makes none', () => {
    const state = newExtrema()
    const found: [number, number][] = []
    for (let i = 0; i < 400; i += 1) {
      const value = Math.sin((2 * Math.PI * i) / 100) + 0.05 * Math.sin((2 * Math.PI * i) / 7)
      const turn = stepExtrema(state, value, i, 0.5)
      if (turn !== 0) found.push([turn, turn > 0 ? state.highIndex : state.lowIndex])
    }
    expect(found.map(([turn]) => turn)).toEqual([-1, 1, -1, 1, -1, 1, -1, 1, -1].slice(found[0]![0] === 1 ? 1 : 0).slice(0, found.length))
    for (const [turn, index] of found.filter(([, index]) => index > 5)) {
      const expected = turn > 0 ? 25 : 75
      expect(Math.abs((index % 100) - expected)).toBeLessThanOrEqual(5)
    }
    expect(found.length).toBeGreaterThanOrEqual(7)
  })
})
