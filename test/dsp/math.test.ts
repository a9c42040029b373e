import { describe, expect, test } from 'vitest'
import { atan, atan2, cos, exp, log, log10, logAll, maxAngle, pow, sin, tan } from '../../src/dsp/math.js'
import { seededRandom } from '../laws/random.js'

/** Distance in units of the last place of the larger one. */
function ulps(a: number, b: number): number {
  if (a === b) return 0
  const size = Math.max(Math.abs(a), Math.abs(b))
  return Math.abs(a - b) / 2 ** (Math.floor(Math.log2(size)) - 52)
}

const seed = 99
const draws = (count: number, from: number, to: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => from + (to - from) * random())
}

function worst(ours: (x: number) => number, theirs: (x: number) => number, inputs: readonly number[]): number {
  return Math.max(...inputs.map(x => ulps(ours(x), theirs(x))))
}

describe(`elementary functions against Math (seed ${seed})`, () => {
  const angles = [...draws(20_000, -7, 7), ...draws(20_000, -1e4, 1e4), ...draws(5000, -1e-3, 1e-3), 0, Math.PI, Math.PI / 2]

  test('sin, cos and tan', () => {
    expect(worst(sin, Math.sin, angles)).toBeLessThanOrEqual(2)
    expect(worst(cos, Math.cos, angles)).toBeLessThanOrEqual(2)
    expect(worst(tan, Math.tan, draws(20_000, -1.5, 1.5))).toBeLessThanOrEqual(4)
  })

  test('exp, log, log10 and pow', () => {
    expect(worst(exp, Math.exp, [...draws(20_000, -700, 700), ...draws(20_000, -1, 1), 0])).toBeLessThanOrEqual(2)
    expect(worst(log, Math.log, [...draws(20_000, 1e-6, 10), ...draws(20_000, 0.9, 1.1), 1e300, 1e-300, 1, 2])).toBeLessThanOrEqual(2)
    expect(worst(log10, Math.log10, draws(5000, 1e-3, 1e6))).toBeLessThanOrEqual(4)
    for (const x of draws(2000, 0.1, 20)) expect(pow(x, 1.7) / x ** 1.7).toBeCloseTo(1, 13)
  })

  test('logAll is log, bit for bit, at any length and with values that have none', () => {
    const rare = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 1e300, 1e-6, 1e6, 1]
    for (const length of [0, 1, 3, 4, 5, 31, 1000]) {
      for (const every of [3, 17, 5000]) {
        const values = Float64Array.from(draws(length, -14, 14), exp)
        for (let i = 1; i < length; i += every) values[i] = rare[i % rare.length] as number
        const wanted = values.map(log)
        logAll(values, values, length)
        expect(values).toEqual(wanted)
      }
    }
  })

  test('atan and atan2 in all quadrants', () => {
    expect(worst(atan, Math.atan, [...draws(20_000, -5, 5), ...draws(5000, -1e6, 1e6), 1e300, 0])).toBeLessThanOrEqual(2)
    const y = draws(20_000, -3, 3)
    const x = draws(20_001, -3, 3).slice(1)
    expect(Math.max(...y.map((v, i) => ulps(atan2(v, x[i] as number), Math.atan2(v, x[i] as number))))).toBeLessThanOrEqual(2)
    for (const a of [0, -0, 1, -1]) for (const b of [0, -0, 1, -1]) expect(Object.is(atan2(a, b), Math.atan2(a, b)), `${a} ${b}`).toBe(true)
  })

  test('edges: infinities, zero, NaN, angles too large', () => {
    expect(exp(1000)).toBe(Number.POSITIVE_INFINITY)
    expect(exp(-1000)).toBe(0)
    expect(log(0)).toBe(Number.NEGATIVE_INFINITY)
    for (const value of [log(-1), sin(Number.NaN), exp(Number.NaN), atan(Number.NaN)]) expect(value).toBeNaN()
    expect(() => sin(2 * maxAngle)).toThrow(RangeError)
  })
})
