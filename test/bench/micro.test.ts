import { describe, expect, test } from 'vitest'
import { checkedRun } from '../../bench/micro/bench-case.js'
import { cases } from '../../bench/micro/cases/index.js'

describe('micro-benchmarks', () => {
  for (const [name, make] of Object.entries(cases)) {
    test(`${name} accepts its candidate and its baseline, again and again`, async () => {
      const { candidate, baseline, expected, tolerance, work } = await make()
      expect(work.count).toBeGreaterThan(0)
      for (const contender of [candidate, baseline, candidate]) checkedRun(contender, expected, tolerance)()
    })

    test(`${name} refuses a wrong result`, async () => {
      const { candidate, expected, tolerance = 0 } = await make()
      expect(checkedRun(candidate, expected + 2 * tolerance + 1, tolerance)).toThrow(/expected/)
      expect(checkedRun(candidate, Number.NaN, tolerance)).toThrow(/expected/)
    })
  }
})
