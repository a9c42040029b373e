import { describe, expect, test } from 'vitest'
import { PulsePoints } from '../../src/ppg/pulse-points.js'
import { seededNormal } from '../laws/random.js'
import { pulseTrain, steadyPeaks } from './synthetic-pulses.js'

interface Points {
  readonly onset: number
  readonly peak: number
  readonly notch: number
}

/** Points of each pulse of a wave, seconds, as a chain asks for them: `next` is known 0.2 s after its peak. */
function pointsOf(wave: Float64Array, fs: number, peaks: readonly number[]): Points[] {
  const points = new PulsePoints(fs, position => wave[position]!)
  const found: Points[] = []
  const settle = (last: number, next: number): void => {
    points.settle(last, next)
    const { onset, peak, notch } = points.state
    found.push({ onset: onset / fs, peak: peak / fs, notch: notch / fs })
  }
  const places = peaks.map(peak => highestNear(wave, Math.round(peak * fs), Math.round(0.05 * fs)))
  const known = Math.round(0.2 * fs)
  let next = 0
  for (let i = 0; i < wave.length; i += 1) {
    if (points.isComplete(i)) settle(i, -1)
    if (next < places.length && i === places[next]! + known) {
      if (points.state.pending) settle(i, places[next]!)
      points.begin(places[next]!, 1)
      next += 1
    }
  }
  return found
}

function highestNear(wave: Float64Array, at: number, reach: number): number {
  let best = at
  for (let i = at - reach; i <= at + reach; i += 1) if (wave[i]! > wave[best]!) best = i
  return best
}

/** The same points by their definitions, on the wave without noise at 2000 Hz; seconds. */
function truthOf(perMinute: number, peak: number, peaks: readonly number[], seconds: number): Points {
  const fs = 2000
  const wave = pulseTrain({ fs, seconds, peaks, height: 1 })
  const at = highestNear(wave, Math.round(peak * fs), 20)
  const interval = 60 / perMinute
  let steepest = at - 10
  const slope = (i: number): number => wave[i + 1]! - wave[i - 1]!
  for (let i = at - Math.round(0.25 * fs); i < at; i += 1) if (slope(i) > slope(steepest)) steepest = i
  let foot = steepest
  for (let i = steepest; i > steepest - Math.round(0.25 * interval * fs); i -= 1) if (wave[i]! < wave[foot]!) foot = i
  const onset = steepest - (wave[steepest]! - wave[foot]!) / (slope(steepest) / 2)
  const step = 20
  const curve = (i: number): number => wave[i + step]! - 2 * wave[i]! + wave[i - step]!
  let notch = at + Math.round(0.1 * fs)
  for (let i = notch; i < at + Math.round(0.45 * interval * fs); i += 1) if (curve(i) > curve(notch)) notch = i
  return { onset: onset / fs, peak: at / fs, notch: notch / fs }
}

/** A rise of 0.11 s, then an exponential fall. */
function fallingWave(fs: number, seconds: number, peaks: readonly number[]): Float64Array {
  const wave = new Float64Array(seconds * fs)
  const lowest = Math.exp(-0.69 / 0.25)
  for (let i = 0; i < wave.length; i += 1) {
    for (const peak of peaks) {
      const since = i / fs - peak
      if (since >= 0 && since < 0.69) wave[i] = Math.exp(-since / 0.25)
      else if (since < 0 && since > -0.11) wave[i] = lowest + (1 - lowest) * (0.5 + 0.5 * Math.cos((Math.PI * since) / 0.11))
    }
  }
  return wave
}

const rates = [30, 64, 125, 250]
const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

describe('points of a pulse', () => {
  for (const fs of rates)
    for (const perMinute of [50, 75, 110])
      test(`lie where their definitions put them: ${perMinute} /min at ${fs} Hz`, () => {
        const seconds = 20
        const peaks = steadyPeaks(perMinute, seconds)
        const found = pointsOf(pulseTrain({ fs, seconds, peaks, height: 1 }), fs, peaks)
        expect(found.length).toBeGreaterThanOrEqual(peaks.length - 2)
        for (const [k, { onset, peak, notch }] of found.entries()) {
          if (k < 1 || k > peaks.length - 3) continue
          const truth = truthOf(perMinute, peaks[k]!, peaks, seconds)
          const sample = 1 / fs
          expect(Math.abs(peak - truth.peak), 'peak').toBeLessThan(0.002 + 0.5 * sample)
          expect(Math.abs(onset - truth.onset), 'onset').toBeLessThan(0.012 + 0.5 * sample)
          expect(Math.abs(notch - truth.notch), 'notch').toBeLessThan(0.015 + 0.5 * sample)
        }
      })

  test.each(rates)('bear noise of a hundredth of the height, at %i Hz', fs => {
    const seconds = 60
    const peaks = steadyPeaks(70, seconds)
    const found = pointsOf(pulseTrain({ fs, seconds, peaks, height: 1, noise: 0.01 }), fs, peaks).slice(1, -1)
    const truth = truthOf(70, peaks[1]!, peaks, seconds)
    const away = (name: keyof Points): number =>
      middle(found.map((one, k) => Math.abs(one[name] - peaks[k + 1]! - (truth[name] - peaks[1]!))))
    expect(away('onset')).toBeLessThan(0.015 + 0.5 / fs)
    expect(away('peak')).toBeLessThan(Math.max(0.012, 0.5 / fs))
    expect(found.filter(({ notch }) => Number.isNaN(notch)).length).toBeLessThan(0.1 * found.length)
    expect(away('notch')).toBeLessThan(0.025)
  })

  test.each(rates)('have no notch where the wave falls without one, at %i Hz', fs => {
    const seconds = 60
    const peaks = steadyPeaks(75, seconds)
    const still = fallingWave(fs, seconds, peaks)
    const found = pointsOf(still, fs, peaks).slice(1, -1)
    expect(found.length).toBeGreaterThan(60)
    for (const { notch, onset } of found) {
      expect(notch).toBeNaN()
      expect(onset).not.toBeNaN()
    }
    const normal = seededNormal(5)
    const noisy = pointsOf(
      still.map(value => value + 0.003 * normal()),
      fs,
      peaks,
    ).slice(1, -1)
    expect(noisy.filter(({ notch }) => !Number.isNaN(notch)).length).toBeLessThan(0.1 * noisy.length)
  })

  test('are none before there is a rise, and say nothing of a pulse after a restart', () => {
    const wave = new Float64Array(200)
    for (let i = 0; i < 200; i += 1) wave[i] = -i
    const points = new PulsePoints(100, position => wave[position]!)
    points.begin(50, 1)
    expect([points.isComplete(109), points.isComplete(110)]).toEqual([false, true])
    points.settle(110, -1)
    expect([points.state.onset, points.state.notch, points.state.pending]).toEqual([Number.NaN, Number.NaN, false])
    points.begin(120, 1)
    points.restart()
    expect(points.isComplete(199)).toBe(false)
  })

  test('go on from a saved state', () => {
    const fs = 64
    const normal = seededNormal(3)
    const wave = pulseTrain({ fs, seconds: 4, peaks: steadyPeaks(75, 4), height: 1 }).map(value => value + 0.01 * normal())
    const of = (points: PulsePoints): unknown => {
      points.settle(Math.round(2.8 * fs), -1)
      return points.state
    }
    const one = new PulsePoints(fs, position => wave[position]!)
    one.pass(Math.round(1.4 * fs))
    one.begin(Math.round(2.2 * fs), 0.7)
    const other = new PulsePoints(fs, position => wave[position]!)
    other.load(structuredClone(one.save()))
    const said = of(other)
    expect(said).toEqual(of(one))
    expect(said).toMatchObject({ quality: 0.7, previous: Math.round(2.2 * fs) })
  })
})
