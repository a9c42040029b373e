import { describe, expect, test } from 'vitest'
import { averageHeartRate } from '../../src/ecg/heart-rate.js'

const rate = (...intervals: number[]) => averageHeartRate(intervals)?.rate

describe('heart rate by the averaging rule', () => {
  test('is the mean of 12 intervals without the shortest and the longest', () => {
    const ten = new Array<number>(10).fill(0.8)
    expect(rate(...ten, 0.4, 1.6)).toBeCloseTo(75, 9)
    expect(rate(9, 9, 9, ...ten, 0.4, 1.6)).toBeCloseTo(75, 9)
  })

  test('takes the last 4 when they average above 1200 ms', () => {
    const fast = new Array<number>(9).fill(0.6)
    expect(rate(...fast, 1.5, 1.5, 1.5, 1.5)).toBeCloseTo(40, 9)
    expect(rate(...fast, 1.02, 1.84, 2.54, 0.67)).toBeCloseTo((60 * 4) / 6.07, 9)
  })

  test('keeps to the 12 when the last 4 average 1200 ms or less', () => {
    expect(rate(...new Array<number>(8).fill(0.625), 1, 1, 1.25, 1.5)).toBeCloseTo((60 * 10) / (7 * 0.625 + 2 + 1.25), 9)
  })

  test('answers from two intervals on', () => {
    expect(averageHeartRate([])).toBeNull()
    expect(averageHeartRate([0.8])).toBeNull()
    expect(averageHeartRate([0.8, 1])).toEqual({ rate: 60 / 0.9, used: 2 })
  })
})
