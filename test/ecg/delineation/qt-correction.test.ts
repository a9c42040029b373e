import { describe, expect, test } from 'vitest'
import { correctQt } from '../../../src/ecg/delineation/qt-correction.js'
import { RrHistory } from '../../../src/ecg/delineation/rr-history.js'

describe('QT correction', () => {
  test('leaves QT as it is at 60 /min', () => {
    for (const correction of ['fridericia', 'bazett', 'framingham', 'hodges'] as const)
      expect(correctQt(400, 1, correction)).toBeCloseTo(400, 9)
  })

  test('equals the closed forms where they are round numbers', () => {
    // RR 0.64 s: sqrt 0.8; RR 0.512 s: cube root 0.8; RR 0.8 s is 75 /min; RR 0.75 s is 80 /min.
    expect(correctQt(360, 0.64, 'bazett')).toBeCloseTo(450, 9)
    expect(correctQt(360, 0.512, 'fridericia')).toBeCloseTo(450, 9)
    expect(correctQt(360, 0.8, 'framingham')).toBeCloseTo(390.8, 9)
    expect(correctQt(360, 0.75, 'hodges')).toBeCloseTo(395, 9)
  })

  test('agrees with the library functions over all rates', () => {
    for (let rr = 0.25; rr <= 2.5; rr += 0.01) {
      expect(correctQt(400, rr, 'fridericia')).toBeCloseTo(400 / Math.cbrt(rr), 9)
      expect(correctQt(400, rr, 'bazett')).toBeCloseTo(400 / Math.sqrt(rr), 9)
    }
  })
})

describe('RR history', () => {
  test('is the plain mean weighted by time until the time constant has passed, and null before the first interval', () => {
    const history = new RrHistory(120)
    expect(history.rrSeconds).toBeNull()
    history.add(1)
    history.add(0.5)
    // Mean rate over the time: (1 * 1 + 0.5 * 0.5) / 1.5.
    expect(history.rrSeconds).toBeCloseTo(1.25 / 1.5, 12)
  })

  test('has gone 95 % of a step after the hysteresis time', () => {
    const history = new RrHistory(120)
    for (let i = 0; i < 600; i++) history.add(1)
    for (let i = 0; i < 240; i++) history.add(0.5)
    expect(history.rrSeconds).toBeCloseTo(0.5 + 0.5 * Math.exp(-3), 3)
  })

  test('is the latest interval without hysteresis, and goes on identically from a copy', () => {
    const immediate = new RrHistory(0)
    immediate.add(1)
    immediate.add(0.6)
    expect(immediate.rrSeconds).toBe(0.6)
    const one = new RrHistory(120)
    one.add(0.9)
    const two = new RrHistory(120)
    two.load(one.save())
    one.add(0.7)
    two.add(0.7)
    expect(two.rrSeconds).toBe(one.rrSeconds)
  })
})
