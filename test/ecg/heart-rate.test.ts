import { describe, expect, test } from 'vitest'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import { averageHeartRate } from '../../src/ecg/heart-rate.js'
import { syntheticEcg } from '../support/synthetic-ecg.js'

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

describe('a step of the heart rate', () => {
  const eighty = new Array<number>(12).fill(0.75)

  test('is followed with the fifth interval of the new rate', () => {
    expect(rate(...eighty, 0.5, 0.5, 0.5, 0.5)).toBeLessThan(110)
    expect(rate(...eighty, 0.5, 0.5, 0.5, 0.5, 0.5)).toBeCloseTo(120, 9)
  })

  test('is followed with the third when the new rate is slow', () => {
    expect(rate(...eighty, 1.5, 1.5)).toBeGreaterThan(60)
    expect(rate(...eighty, 1.5, 1.5, 1.5)).toBeCloseTo(40, 9)
  })

  test('is none while the intervals do not agree', () => {
    expect(rate(...eighty, 0.4, 0.6, 0.5, 0.4, 0.6)).toBeLessThan(100)
  })

  test('is none after a single early beat', () => {
    expect(rate(...new Array<number>(5).fill(0.75), 0.5, ...new Array<number>(6).fill(0.75))).toBeCloseTo(80, 9)
  })
})

describe.each([
  { from: 0.75, to: 0.5, rate: 120, within: 5.3 },
  { from: 0.75, to: 1.5, rate: 40, within: 4.8 },
])('the chain when the rate steps to $rate /min', ({ from, to, rate: target, within }) => {
  test.each([128, 250, 360])(`reads it within ${within} s of the R peak that ends the first new interval, at %i Hz`, fs => {
    for (const offset of [0, 0.13, 0.31, 0.52, 0.77]) {
      const before = Array.from({ length: 40 }, (_, i) => 1 + offset + i * from)
      const last = before.at(-1) as number
      const after = Array.from({ length: 20 }, (_, i) => last + (i + 1) * to)
      const seconds = Math.ceil(after.at(-1) as number) + 1
      const samples = syntheticEcg({ fs, seconds, beats: [...before, ...after] })
      const chain = createEcgChain({ id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fs, den: 1 } })
      const readings: { at: number; value: number | null }[] = []
      chain.push({ start: 0, length: samples.length, flags: 0, channels: [samples] }, observation => {
        if (observation.kind !== 'measurement' || observation.name !== 'heart-rate') return
        readings.push({ at: (observation.decided + 1) / fs, value: observation.value })
      })
      const first = readings.find(({ at, value }) => at > last + to && value !== null && Math.abs(value - target) <= 1)
      expect(first).toBeDefined()
      expect(first!.at - (after[0] as number)).toBeLessThanOrEqual(within)
    }
  })
})
