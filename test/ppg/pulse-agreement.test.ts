import { describe, expect, test } from 'vitest'
import { PulseAgreement } from '../../src/ppg/pulse-agreement.js'
import { seededNormal, seededRandom } from '../laws/random.js'
import { pulseTrain, steadyPeaks } from './synthetic-pulses.js'

/** Feeds a wave with the pulses of a detector, told 0.15 s after their peaks; agreement at the end of each second. */
function agreementsOf(agreement: PulseAgreement, wave: Float64Array, fs: number, pulses: readonly number[], from = 0): number[] {
  const places = pulses.map(pulse => Math.round(pulse * fs))
  const late = Math.round(0.15 * fs)
  const said: number[] = []
  let next = places.findIndex(place => place + late >= from)
  for (let i = from; i < wave.length; i += 1) {
    agreement.step(wave[i]!)
    if (next >= 0 && next < places.length && i === places[next]! + late) agreement.pulse(places[next++]!)
    if ((i + 1) % fs === 0) said.push(agreement.measure())
  }
  return said
}

const known = (said: readonly number[]): number[] => said.filter(value => !Number.isNaN(value))
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('agreement of a second method', () => {
  for (const fs of [30, 64, 125, 250])
    test.each([45, 75, 120, 170])(`is 1 where a clean wave at ${fs} Hz is read right: %i /min`, perMinute => {
      const peaks = steadyPeaks(perMinute, 30)
      const wave = pulseTrain({ fs, seconds: 30, peaks, height: 1, noise: 0.01 })
      const said = agreementsOf(new PulseAgreement(fs), wave, fs, peaks)
      expect(known(said).length).toBeGreaterThan(20)
      for (const value of known(said)) expect(value).toBe(1)
    })

  test('is low where a detector finds pulses in noise', () => {
    const fs = 64
    const normal = seededNormal(2)
    const random = seededRandom(4)
    const pulses = [1]
    while (pulses.at(-1)! < 58) pulses.push(pulses.at(-1)! + 0.5 + 0.7 * random())
    const said = known(agreementsOf(new PulseAgreement(fs), Float64Array.from({ length: 60 * fs }, normal), fs, pulses))
    expect(said.length).toBeGreaterThan(40)
    expect(mean(said)).toBeLessThan(0.6)
  })

  test('is two thirds where every other pulse is missed', () => {
    const fs = 100
    const peaks = steadyPeaks(80, 40)
    const wave = pulseTrain({ fs, seconds: 40, peaks, height: 1 })
    const said = agreementsOf(
      new PulseAgreement(fs),
      wave,
      fs,
      peaks.filter((_, k) => k % 2 === 0),
    )
    expect(mean(said.slice(12))).toBeGreaterThan(0.6)
    expect(mean(said.slice(12))).toBeLessThan(0.73)
  })

  test('is not known before half a window, and 0 where no pulse is found in time', () => {
    const fs = 50
    const wave = pulseTrain({ fs, seconds: 12, peaks: steadyPeaks(75, 12), height: 1 })
    const said = agreementsOf(new PulseAgreement(fs), wave, fs, [])
    expect(said.slice(0, 3)).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(said.at(-1)).toBe(0)
    const heard = new PulseAgreement(fs)
    agreementsOf(heard, wave, fs, steadyPeaks(75, 12))
    expect(heard.measure()).toBe(1)
    heard.restart()
    expect(heard.measure()).toBeNaN()
  })

  test('says whether pulses follow each other as those of a heart do', () => {
    const fs = 100
    const of = (pulses: readonly number[]): boolean => {
      const agreement = new PulseAgreement(fs)
      agreementsOf(agreement, new Float64Array(9 * fs), fs, pulses)
      return agreement.steady()
    }
    expect(of(steadyPeaks(75, 9))).toBe(true)
    // Atrial fibrillation: intervals of 0.5 to 1.1 s.
    expect(of([1.1, 1.9, 2.4, 3.5, 4.2, 4.8, 5.8, 6.5, 7.1, 8])).toBe(true)
    expect(of([1, 1.3, 2.9, 3.2, 3.5, 5.6, 5.9, 7.9, 8.2])).toBe(false)
    expect(of([1, 3])).toBe(true)
  })

  test.each([30, 64, 250])('goes on from a saved state at %i Hz', fs => {
    const peaks = steadyPeaks(66, 30)
    const wave = pulseTrain({ fs, seconds: 30, peaks, height: 1, noise: 0.1 })
    const whole = agreementsOf(new PulseAgreement(fs), wave, fs, peaks)
    const before = new PulseAgreement(fs)
    const cut = 13 * fs
    const first = agreementsOf(before, wave.subarray(0, cut), fs, peaks)
    const after = new PulseAgreement(fs)
    after.load(structuredClone(before.save()))
    expect([...first, ...agreementsOf(after, wave, fs, peaks, cut)]).toEqual(whole)
    expect(after.steady()).toBe(true)
  })
})
