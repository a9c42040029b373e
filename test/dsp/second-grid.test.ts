import fc from 'fast-check'
import { expect, test } from 'vitest'
import { secondOf, secondStart } from '../../src/dsp/second-grid.js'

test('every sample lies in one second of the grid, at any rational rate', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 0, max: 1e9 }),
      (num, den, index) => {
        fc.pre(num >= den)
        const second = secondOf(index, { num, den })
        expect(secondStart(second, { num, den })).toBeLessThanOrEqual(index)
        expect(secondStart(second + 1, { num, den })).toBeGreaterThan(index)
      },
    ),
    { seed: 20261125 },
  )
})

test('seconds at 62.4725 Hz begin with the first sample not before them', () => {
  const fs = { num: 624_725, den: 10_000 }
  expect([0, 1, 2, 1000].map(second => secondStart(second, fs))).toEqual([0, 63, 125, 62_473])
})
