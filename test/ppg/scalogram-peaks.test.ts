import { describe, expect, test } from 'vitest'
import { ScalogramPeaks } from '../../src/ppg/scalogram-peaks.js'
import { seededNormal } from '../laws/random.js'
import { pulseTrain, steadyPeaks } from './synthetic-pulses.js'

const rate = 25
const length = 8 * rate

/** Places of the peaks in the window that begins at `from`, samples. */
function placesIn(wave: Float64Array, from = 0): { places: number[]; reach: number } {
  const scalogram = new ScalogramPeaks(rate, length)
  scalogram.find(length, place => wave[from + place]!)
  return { places: Array.from({ length: scalogram.count }, (_, k) => scalogram.at(k)), reach: scalogram.reach }
}

describe('peaks by the scalogram', () => {
  test.each([40, 60, 75, 100, 140, 180])('are the pulses of %i /min, each once, under noise and a drift', perMinute => {
    const seconds = 20
    const peaks = steadyPeaks(perMinute, seconds)
    const wave = pulseTrain({ fs: rate, seconds, peaks, height: 1, noise: 0.03 }).map((value, i) => value + 0.01 * i)
    const from = 5 * rate
    const { places, reach } = placesIn(wave, from)
    expect(reach).toBeLessThan(0.75 * (60 / perMinute) * rate + 1)
    const first = from + reach + 2
    const last = from + length - reach - 2
    const expected = peaks.map(peak => peak * rate).filter(at => at >= first && at <= last)
    const found = places.map(place => from + place).filter(at => at >= first && at <= last)
    expect(expected.length).toBeGreaterThan(2)
    for (const at of expected) expect(Math.min(...found.map(other => Math.abs(other - at)))).toBeLessThanOrEqual(2)
    expect(Math.abs(found.length - expected.length)).toBeLessThanOrEqual(1)
    for (let k = 1; k < found.length; k += 1) expect(found[k]! - found[k - 1]!).toBeGreaterThan(0.7 * (60 / perMinute) * rate)
  })

  test('are as many and in the same places however high the wave', () => {
    const wave = pulseTrain({ fs: rate, seconds: 8, peaks: steadyPeaks(72, 8), height: 1 })
    expect(placesIn(wave.map(value => 1024 * value))).toEqual(placesIn(wave))
  })

  test('are none on a line, and none in a window too short to have one', () => {
    expect(placesIn(new Float64Array(length)).places).toEqual([])
    const scalogram = new ScalogramPeaks(rate, length)
    scalogram.find(3, place => [0, 1, 0][place]!)
    expect(scalogram.count).toBe(0)
  })

  test('of noise follow no rhythm', () => {
    const normal = seededNormal(9)
    const { places } = placesIn(Float64Array.from({ length }, () => normal()))
    const steps = places.slice(1).map((place, k) => place - places[k]!)
    expect(places.length === 0 || Math.max(...steps) > 1.5 * Math.min(...steps)).toBe(true)
  })
})
