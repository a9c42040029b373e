import { describe, expect, test } from 'vitest'
import { newSteadyMark, steady } from '../../../src/ecg/delineation/steady-marks.js'

const furthest = 8
const settledAt = (place: number) => {
  const mark = newSteadyMark()
  for (let beat = 0; beat < 20; beat++) steady(mark, place, furthest)
  return mark
}

describe('a mark that is kept steady', () => {
  test('is what was found as long as it lies near where it was', () => {
    const mark = newSteadyMark()
    for (const found of [80, 84, 79, 86.5, 81]) expect(steady(mark, found, furthest)).toBe(found)
  })

  test('stays where it was for a single beat that has it elsewhere', () => {
    const mark = settledAt(80)
    expect(steady(mark, 96, furthest)).toBe(80)
    expect(steady(mark, 81, furthest)).toBe(81)
  })

  test('moves when twelve beats in a row have it elsewhere, and no sooner', () => {
    const mark = settledAt(80)
    const marks = Array.from({ length: 13 }, () => steady(mark, 96, furthest))
    expect(marks.slice(0, 11)).toEqual(new Array(11).fill(80))
    expect(marks.slice(11)).toEqual([96, 96])
  })

  test('is held by nothing before it is settled', () => {
    const mark = newSteadyMark()
    steady(mark, 80, furthest)
    expect(steady(mark, 110, furthest)).toBe(110)
  })
})
