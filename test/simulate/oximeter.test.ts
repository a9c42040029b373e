import { describe, expect, test } from 'vitest'
import { bandPower, drawMovement } from '../../src/simulate/oximeter/movement.js'
import { drawTraits, type OximeterTraits, traitRanges } from '../../src/simulate/oximeter/oximeter-traits.js'
import { type OximeterOptions, simulateOximeter } from '../../src/simulate/oximeter/simulate-oximeter.js'

const fs = 100
/** Nothing but arteries: no ambient light, no noise, no breath in the level. */
const pure: Partial<OximeterTraits> = {
  ambientRed: 0,
  ambientInfrared: 0,
  ambientSlow: 0,
  ambientMains: 0,
  noise: 0,
  breathLevel: 0,
  redLevel: 1e9,
  infraredLevel: 1e9,
}
const rest: OximeterOptions = { seed: 3, seconds: 30, course: 'steady', motion: 'none' }

describe('the simulated oximeter', () => {
  test('has the ratio of ratios of its saturation, by Beer and Lambert', () => {
    const { channels, saturation } = simulateOximeter({ ...rest, traits: pure })
    const [red, infrared] = channels.map(channel => channel.map(value => -Math.log(value / 1e9)))
    const r = (110 - saturation.at(0)) / 25
    for (let i = 200; i < 3000; i += 7) expect(red![i]! / infrared![i]!).toBeCloseTo(r, 4)
  })

  test('has the heart rate and the perfusion that were drawn', () => {
    const { beats, traits, channels } = simulateOximeter({ ...rest, seconds: 120, traits: { ...pure, perfusion: 2, breathHeight: 0 } })
    expect((60 * (beats.length - 1)) / (beats.at(-1)! - beats[0]!)).toBeCloseTo(traits.heartRate, -0.5)
    const density = channels[1].map(value => -Math.log(value / 1e9))
    expect(100 * Math.max(...density)).toBeGreaterThan(1.9)
    expect(100 * Math.max(...density)).toBeLessThan(2.6)
  })

  for (const motion of ['gait', 'random', 'bursts'] as const) {
    test(`moves (${motion}) with the power that was asked for, infrared, 0.5 to 8 Hz, while moving`, () => {
      const still = simulateOximeter({ ...rest, seconds: 90, traits: pure })
      for (const snr of [12, 0, -6]) {
        const moved = simulateOximeter({ ...rest, seconds: 90, motion, snr, traits: pure })
        const extra = moved.channels[1].map((value, i) => -Math.log(value / still.channels[1][i]!))
        const pulse = bandPower(
          fs,
          still.channels[1].map(value => -Math.log(value / 1e9)),
          null,
        )
        expect(10 * Math.log10(pulse / bandPower(fs, extra, moved.moving))).toBeCloseTo(snr, -0.3)
      }
    })
  }

  test('rests before it moves', () => {
    const { moving } = simulateOximeter({ ...rest, motion: 'gait', snr: 0, restSeconds: 12 })
    expect(moving.indexOf(1)).toBe(1200)
    expect(drawMovement(drawTraits(1), 1, fs, 500, { kind: 'none', from: 0, to: 5 }).moving.some(Boolean)).toBe(false)
  })

  test('is the same bytes for the same seed, and another person for another', () => {
    const options = { ...rest, motion: 'random' as const, snr: 6 }
    expect(simulateOximeter(options).channels).toEqual(simulateOximeter(options).channels)
    expect(simulateOximeter({ ...options, seed: 4 }).traits).not.toEqual(simulateOximeter(options).traits)
  })

  test('draws every trait within its range, and whole counts of light', () => {
    for (let seed = 0; seed < 200; seed++) {
      for (const [name, value] of Object.entries(drawTraits(seed))) {
        const [least, most] = traitRanges[name as keyof OximeterTraits]
        expect(value, name).toBeGreaterThanOrEqual(least)
        expect(value, name).toBeLessThanOrEqual(most)
      }
    }
    expect(simulateOximeter(rest).channels[0].every(Number.isInteger)).toBe(true)
  })

  test('has courses within 68 and 100 %, with falls where they are asked for', () => {
    for (let seed = 0; seed < 60; seed++) {
      for (const course of ['steady', 'ramp', 'desaturations'] as const) {
        const { saturation } = simulateOximeter({ ...rest, seed, seconds: 1, course })
        const values = Array.from({ length: 240 }, (_, second) => saturation.at(second))
        expect(Math.min(...values)).toBeGreaterThanOrEqual(68)
        expect(Math.max(...values)).toBeLessThanOrEqual(100)
      }
    }
    const { saturation } = simulateOximeter({ ...rest, seconds: 120, course: 'desaturations' })
    const values = Array.from({ length: 120 }, (_, second) => saturation.at(second))
    expect(values[0]! - Math.min(...values)).toBeGreaterThan(3.9)
  })
})
