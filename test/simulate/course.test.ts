import { describe, expect, it } from 'vitest'
import { Course } from '../../src/simulate/course.js'

describe('a course', () => {
  const points = [
    [10, 60],
    [20, 80],
    [20, 0],
    [25, 0],
    [25, 70],
  ] as const

  it('runs on straight lines, steps where two points share a time, and stands outside', () => {
    const course = new Course(points, Number.POSITIVE_INFINITY)
    expect([0, 10, 15, 19.999, 20, 24, 25, 1000].map(t => Math.round(course.at(t)))).toEqual([60, 60, 70, 80, 0, 0, 70, 70])
  })

  it('has the integral that a fine sum has, over its period too', () => {
    for (const period of [30, Number.POSITIVE_INFINITY]) {
      const course = new Course(points, period)
      let sum = 0
      const step = 0.001
      for (let i = 0; i < 100_000; i++) {
        if (i % 5000 === 0) expect(Math.abs(course.integral(i * step) - sum)).toBeLessThan(0.5)
        sum += step * course.at((i + 0.5) * step)
      }
    }
  })

  it('never lets the integral of a rate fall', () => {
    const course = new Course(points, 30)
    let before = -1
    for (let t = -5; t < 100; t += 0.01) {
      const now = course.integral(t)
      expect(now).toBeGreaterThanOrEqual(before === -1 ? now : before)
      before = now
    }
  })
})
