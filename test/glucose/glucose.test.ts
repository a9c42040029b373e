import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { measureExcursions } from '../../src/glucose/excursions.js'
import { GlucoseCourse, predictGlucose } from '../../src/glucose/glucose-course.js'
import { type GlucoseReading, measureGlucose } from '../../src/glucose/glucose-metrics.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

const every5 = (values: readonly number[]): GlucoseReading[] => values.map((value, i) => ({ time: 300 * i, value }))

describe('glucose metrics', () => {
  test('equal their closed forms', () => {
    // 20 readings: 1 below 54, 2 more below 70, 12 in range (both limits among them), 3 more above 180, 2 above 250.
    const values = [53.9, 54, 69.9, 70, 180, ...new Array<number>(10).fill(120), 181, 200, 250, 251, 400]
    const metrics = measureGlucose(every5(values))
    const mean = values.reduce((sum, value) => sum + value, 0) / 20
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 19)
    expect(metrics.readings).toBe(20)
    expect(metrics.timeVeryLow).toBe(1 / 20)
    expect(metrics.timeBelow).toBe(3 / 20)
    expect(metrics.timeInRange).toBe(12 / 20)
    expect(metrics.timeAbove).toBe(5 / 20)
    expect(metrics.timeVeryHigh).toBe(2 / 20)
    expect(metrics.mean).toBeCloseTo(mean, 12)
    expect(metrics.sd).toBeCloseTo(sd, 12)
    expect(metrics.cv).toBeCloseTo(sd / mean, 12)
    expect(metrics.coverage).toBe(1)
    expect(metrics.representative).toBe(false)
  })

  test('have the GMI of the published table: 150 mg/dL is 6.9 %, 250 mg/dL 9.3 %', () => {
    expect(measureGlucose(every5([150, 150])).gmi!.toFixed(1)).toBe('6.9')
    expect(measureGlucose(every5([250, 250])).gmi!.toFixed(1)).toBe('9.3')
  })

  test('are representative from 14 days with 70 % of the readings on', () => {
    const days = (count: number, kept: number) =>
      measureGlucose(
        Array.from({ length: count * 288 }, (_, i) => ({ time: i * 300, value: 100 })).filter(
          (_, i) => i % 10 < kept || i === count * 288 - 1,
        ),
      )
    expect(days(14, 8).representative).toBe(true)
    expect(days(14, 6).representative).toBe(false)
    expect(days(13, 10).representative).toBe(false)
  })

  test('of nothing say nothing', () => {
    expect(measureGlucose([])).toMatchObject({ readings: 0, mean: null, timeInRange: null, gmi: null })
    expect(measureGlucose([{ time: 0, value: 100 }])).toMatchObject({ sd: null, cv: null, timeInRange: 1 })
  })
})

describe('excursions', () => {
  test('of a saw are its height; small turns between are none', () => {
    const saw = [100, 150, 200, 190, 200, 150, 100, 110, 100, 150, 200, 150, 100]
    expect(measureExcursions(saw)).toEqual({ rising: 100, falling: 100, both: 100, mage: 100 })
  })

  test('count in the direction of the first', () => {
    expect(measureExcursions([200, 100, 180, 100, 160])).toMatchObject({ rising: 70, falling: 90, mage: 90 })
    expect(measureExcursions([100, 200, 120, 200, 140])).toMatchObject({ rising: 90, falling: 70, mage: 90 })
  })

  test('of a level line are none', () => {
    expect(measureExcursions([100, 100, 100, 100]).mage).toBeNull()
    expect(measureExcursions([1, 2]).mage).toBeNull()
  })

  it.skipIf(!hasDataset('cgm'))('equal those drawn by hand within 5 % in the median of 18 days (needs cgm)', () => {
    const rows = (file: string) =>
      readFileSync(`${datasetPath('cgm')}/${file}`, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map(line => line.replaceAll('"', '').split(','))
    const values = rows('example_data_5_subject.csv').map(row => Number(row[2]))
    const drawn = rows('manual_calculations.csv').filter(row => row[1] === 'JHU')
    expect(drawn).toHaveLength(18)
    const errors = drawn.map(row => {
      const hand = Number(row[5])
      const { mage } = measureExcursions(values.slice(Number(row[3]) - 1, Number(row[4])))
      process.stdout.write(`row ${row[0]}: by hand ${hand}, here ${mage?.toFixed(1)}\n`)
      return Math.abs(mage! - hand) / hand
    })
    errors.sort((a, b) => a - b)
    expect((errors[8]! + errors[9]!) / 2).toBeLessThan(0.05)
  })
})

describe('the course of glucose', () => {
  test('has the slope of a line as its rate, from the third reading on', () => {
    const course = new GlucoseCourse()
    expect(course.push(0, 100)).toBeNull()
    expect(course.push(300, 95)).toBeNull()
    const outlook = course.push(600, 90)
    expect(outlook!.rate).toBeCloseTo(-1, 12)
    expect(outlook!.predicted).toBeCloseTo(predictGlucose(90, -1, 1200), 12)
    // A damped trend: less than a line, 20 min at -1 mg/dL a minute.
    expect(outlook!.predicted).toBeGreaterThan(70)
    expect(outlook!.predicted).toBeLessThan(90)
  })

  test('begins anew after a gap and takes no reading of before', () => {
    const course = new GlucoseCourse()
    for (let k = 0; k < 5; k++) course.push(300 * k, 100)
    expect(course.push(1200, 50)).toBeNull()
    expect(course.push(1200 + 931, 80)).toBeNull()
    expect(course.push(1200 + 1231, 80)).toBeNull()
    expect(course.push(1200 + 1531, 80)!.rate).toBe(0)
  })

  test('never goes below what a sensor shows', () => {
    const course = new GlucoseCourse()
    for (const [k, value] of [300, 150, 20].entries()) course.push(300 * k, value)
    expect(course.push(900, 15)!.predicted).toBe(10)
  })

  test('goes on identically from a saved state', () => {
    const one = new GlucoseCourse()
    for (let k = 0; k < 4; k++) one.push(300 * k, 100 + 3 * k * k)
    const two = new GlucoseCourse()
    two.load(structuredClone(one.save()))
    expect(two.push(1200, 120)).toEqual(one.push(1200, 120))
  })
})
