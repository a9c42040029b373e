import { describe, expect, test } from 'vitest'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededNormal, seededRandom } from '../laws/random.js'
import { listen, pulseTrain, steadyPeaks } from './synthetic-pulses.js'

const fs = 100
const spec: StreamSpec = { id: 'p', kind: 'ppg', channels: ['pleth'], unit: 'adu', fs: { num: fs, den: 1 } }
const perMinute = 72
const wave = (seconds: number, seed: number, height = 30) =>
  pulseTrain({ fs, seconds, peaks: steadyPeaks(perMinute, seconds), height, level: 1000, noise: 0.3, seed })

/** Seconds from `cleanFrom` to the end of the first of ten seconds in a row of usable quality. */
function recovery(samples: Float64Array, cleanFrom: number): number {
  const said = listen(createPpgChain(spec), [samples])
  const seconds = said.flatMap(each => (each.kind === 'quality' && each.to > cleanFrom * fs ? [each] : []))
  const first = seconds.findIndex((_, k) => k + 10 <= seconds.length && seconds.slice(k, k + 10).every(each => each.quality >= 0.5))
  return first < 0 ? Number.POSITIVE_INFINITY : first + 1
}

const joined = (...parts: readonly Float64Array[]): Float64Array => Float64Array.from(parts.flatMap(part => [...part]))

/** Pulses found in [from, to) seconds that stand at a peak of `peaks`, and all that were found there. */
function found(samples: Float64Array, peaks: readonly number[], from: number, to: number): { right: number; all: number } {
  const times = listen(createPpgChain(spec), [samples]).flatMap(each => (each.kind === 'pulse' ? [each.index / fs] : []))
  const within = times.filter(time => time >= from && time < to)
  return { right: within.filter(time => peaks.some(peak => Math.abs(peak - time) < 0.04)).length, all: within.length }
}

/** Minutes without a pulse: what a converter says of steady or drifting light. */
const still: readonly (readonly [string, (chance: number, seconds: number) => number])[] = [
  ['one step of dither', chance => 2000 + Math.floor(2 * chance)],
  ['two steps of dither', chance => 2000 + Math.floor(3 * chance)],
  ['a step now and then', chance => 2000 + (chance < 0.02 ? 1 : 0)],
  ['two steps of dither in volts', chance => 0.5 + 0.00049 * Math.floor(3 * chance)],
  ['dither on a rise', (chance, seconds) => Math.round(2000 + 0.7 * seconds + 2 * chance)],
  ['dither on a slow wave', (chance, seconds) => Math.round(2000 + 5 * Math.sin(seconds / 8) + 2 * chance)],
]

describe('a still line has no pulses and is flat from the second second on', () => {
  for (const rate of [25, 30, 64, 100, 250, 500]) {
    test.each(still)(`%s at ${rate} Hz`, (_, light) => {
      const random = seededRandom(rate)
      const samples = Float64Array.from({ length: 60 * rate }, (_value, i) => light(random(), i / rate))
      const said = listen(createPpgChain({ ...spec, fs: { num: rate, den: 1 } }), [samples])
      expect(said.filter(each => each.kind === 'pulse' || each.kind === 'pulse-points')).toEqual([])
      const seconds = said.flatMap(each => (each.kind === 'quality' ? [each] : [])).slice(1)
      expect(seconds.map(({ quality, reason }) => [quality, reason])).toEqual(seconds.map(() => [0, 'flat']))
      for (const each of said) if (each.kind === 'measurement' && each.name === 'pulse-rate') expect(each.value).toBeNull()
    })
  }

  test('while pulses of ten steps are pulses', () => {
    const samples = pulseTrain({ fs, seconds: 40, peaks: steadyPeaks(perMinute, 40), height: 10, level: 1000, noise: 0.4 }).map(Math.round)
    const said = listen(createPpgChain({ ...spec, unit: 'NU' }), [samples])
    const late = said.flatMap(each => (each.kind === 'quality' && each.to > 5 * fs ? [each] : []))
    expect(late.length).toBeGreaterThan(30)
    expect(late.filter(({ quality }) => quality < 0.5)).toEqual([])
  })
})

describe('after a disturbance', () => {
  test('of 20 s whose slopes speak for the other side, an upright wave is still upright', () => {
    const turned = wave(20, 2).map(value => 2000 - value)
    const samples = joined(wave(60, 1), turned, wave(40, 3))
    const peaks = steadyPeaks(perMinute, 40).map(time => time + 80)
    const { right, all } = found(samples, peaks, 90, 119)
    expect([right, all]).toEqual([all, peaks.filter(time => time >= 90 && time < 119).length])
  })

  test('a channel turned for good is followed within a minute', () => {
    const samples = joined(
      wave(40, 1),
      wave(90, 2).map(value => 2000 - value),
    )
    const peaks = steadyPeaks(perMinute, 90).map(time => time + 40)
    const { right, all } = found(samples, peaks, 105, 129)
    expect([right, all]).toEqual([all, peaks.filter(time => time >= 105 && time < 129).length])
  })

  test('a line without any change leaves no threshold of nought: the notches of later pulses are no pulses', () => {
    const samples = joined(wave(30, 1), new Float64Array(15 * fs).fill(1000), wave(60, 3))
    const peaks = steadyPeaks(perMinute, 60).map(time => time + 45)
    const { right, all } = found(samples, peaks, 52, 104)
    expect([right, all]).toEqual([all, peaks.filter(time => time >= 52 && time < 104).length])
  })

  test.each([
    ['movement ten times as high as the pulses', 12, 300],
    ['movement three times as high', 30, 90],
    ['movement as high as the pulses', 20, 30],
    ['a finger away, light without a pulse', 15, 0.3],
    ['a finger away for long', 60, 0.3],
  ])('quality is usable again within 10 s (%s)', (_, seconds, size) => {
    const normal = seededNormal(7)
    let slow = 0
    // Noise of about 0.5 to 5 Hz, as of a moving hand.
    const movement = Float64Array.from({ length: seconds * fs }, () => {
      slow += 0.1 * (normal() - slow)
      return 1000 + 4 * size * slow
    })
    expect(recovery(joined(wave(40, 1), movement, wave(60, 3)), 40 + seconds)).toBeLessThanOrEqual(10)
  })

  test('quality is usable again within 10 s when the pulses are of another shape and height', () => {
    const normal = seededNormal(8)
    const movement = Float64Array.from({ length: 10 * fs }, () => 1000 + 200 * normal())
    const other = wave(60, 3, 6).map((value, k, all) => value + 0.6 * (all[Math.max(0, k - 12)]! - 1000))
    expect(recovery(joined(wave(40, 1), movement, other), 50)).toBeLessThanOrEqual(10)
  })
})
