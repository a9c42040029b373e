import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import { openRecording } from '../../src/recording/open-recording.js'
import type { MeasurementObservation, Observation } from '../../src/signal/observation.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededRandom } from '../laws/random.js'
import { checkStageLaws, run } from '../laws/stage-laws.js'
import { compare, datasetFolder, readMonitor, say } from '../ppg/recordings.js'
import { datasetPath } from '../recording/paths.js'
import { syntheticEcg } from '../support/synthetic-ecg.js'

interface Breathing {
  readonly rate: number
  /** Share by which the QRS complexes grow and shrink, and seconds by which the intervals do. */
  readonly depth: number
  readonly arrhythmia: number
}

/** R peaks of a heart at `heartRate` under respiratory sinus arrhythmia. */
function breathingBeats(seconds: number, heartRate: number, { rate, arrhythmia }: Breathing): number[] {
  const beats = []
  for (let t = 0.5; t < seconds; t += 60 / heartRate + arrhythmia * Math.sin((2 * Math.PI * rate * t) / 60)) beats.push(t)
  return beats
}

function breathingEcg(fs: number, seconds: number, heartRate: number, breathing: Breathing, more = {}): Float64Array {
  const modulation = (t: number) => 1 + breathing.depth * Math.sin((2 * Math.PI * breathing.rate * t) / 60 + 1)
  return syntheticEcg({ fs, seconds, beats: breathingBeats(seconds, heartRate, breathing), modulation, ...more })
}

function spec(fs: number, channels = ['II']): StreamSpec {
  return { id: 'ecg', kind: 'ecg', channels, unit: 'mV', fs: { num: fs, den: 1 } }
}

const breathsOf = (out: readonly Observation[]) =>
  out.filter((o): o is MeasurementObservation => o.kind === 'measurement' && o.name === 'respiratory-rate')

function breaths(fs: number, ...leads: Float64Array[]): MeasurementObservation[] {
  const names = leads.map((_, lead) => `lead ${lead}`)
  return breathsOf(say(createEcgChain(spec(fs, names)), leads))
}

describe('respiratory rate from what breathing does to beats', () => {
  const still = { rate: 15, depth: 0, arrhythmia: 0 }
  const calm = { rate: 15, depth: 0.1, arrhythmia: 0.03 }

  const lost = breathingEcg(250, 60, 80, calm, { seed: 21 })
  const other = breathingEcg(250, 60, 80, calm, { seed: 22, amplitude: -0.6 })
  const after = [23, 24].map(seed => breathingEcg(250, 50, 80, calm, { seed }))
  lost.fill(0.1, 40 * 250, 46 * 250)
  checkStageLaws({
    create: () => createEcgChain(spec(250, ['II', 'V'])),
    input: [
      { start: 0, length: lost.length, flags: 0, channels: [lost, other] },
      { start: 62 * 250, length: 50 * 250, flags: 0, channels: after },
    ],
    fs: 250,
    rounds: 2,
  })

  test.each([
    [250, 60, 6, 0.1, 0.04],
    [250, 75, 15, 0.08, 0.03],
    [250, 120, 30, 0.08, 0.01],
    [128, 75, 18, 0.1, 0.03],
    [1000, 90, 22, 0.05, 0.02],
    [250, 75, 15, 0.08, 0],
    [250, 75, 15, 0, 0.04],
  ])('at %i Hz and %i beats a minute finds %i breaths (height by %d, intervals by %d s)', (fs, heart, rate, depth, arrhythmia) => {
    const said = breaths(fs, breathingEcg(fs, 90, heart, { rate, depth, arrhythmia }))
    const numbers = said.filter(({ to }) => to >= 40 * fs)
    expect(numbers).toHaveLength(26)
    for (const { value, quality, algorithm, low, high } of numbers) {
      expect(low).toBeLessThan(rate)
      expect(high).toBeGreaterThan(rate)
      expect(Math.abs((value as number) - rate)).toBeLessThan(1)
      expect(quality).toBeGreaterThanOrEqual(0.5)
      expect(algorithm).toBe('ecg-modulation')
    }
  })

  test('speaks every 2 s of the stream, of beats since the first in its window', () => {
    const said = breaths(250, breathingEcg(250, 90, 75, calm))
    expect(said.map(({ to }) => to / 250)).toEqual(Array.from({ length: 45 }, (_, i) => 2 * (i + 1)))
    expect(said.slice(0, 14).map(({ value, reason }) => [value, reason])).toEqual(new Array(14).fill([null, 'too-few-beats']))
    const { from, to } = said.at(-1) as MeasurementObservation
    expect((to - from) / 250).toBeGreaterThan(30)
    expect((to - from) / 250).toBeLessThanOrEqual(32)
  })

  test.each([100, 128, 249, 360])('at %i Hz takes the rounding of beats to samples for no breath', fs => {
    const said = breaths(fs, breathingEcg(fs, 120, 83, still, { noise: 0 }))
    expect(said.map(({ value }) => value)).toEqual(said.map(() => null))
    expect(said.at(-1)?.reason).toBe('no-rhythm')
  })

  test('in noise without breathing rarely says a number, and then with poor quality', () => {
    const said = breaths(250, breathingEcg(250, 3600, 75, still, { noise: 0.05 }))
    expect(said).toHaveLength(1800)
    expect(said.filter(({ value }) => value !== null).length).toBeLessThanOrEqual(90)
    expect(said.filter(({ quality }) => quality >= 0.5).length).toBeLessThanOrEqual(90)
  })

  test('says nothing of an irregular rhythm, and leaves out a lone early beat', () => {
    const random = seededRandom(5)
    const fibrillation = []
    for (let t = 0.5; t < 90; t += 0.4 + 0.7 * random()) fibrillation.push(t)
    const chaos = breaths(250, syntheticEcg({ fs: 250, seconds: 90, beats: fibrillation }))
    expect(chaos.slice(15).map(({ value, reason }) => [value, reason])).toEqual(new Array(30).fill([null, 'irregular-rhythm']))

    const beats = breathingBeats(90, 75, calm)
    const early = beats.map((t, i) => (i % 20 === 19 ? t - 0.3 : t))
    const modulation = (t: number) =>
      (1 + 0.1 * Math.sin((2 * Math.PI * 15 * t) / 60 + 1)) * (early.includes(t) && !beats.includes(t) ? 2 : 1)
    const said = breaths(250, syntheticEcg({ fs: 250, seconds: 90, beats: early, modulation }))
    for (const { value } of said.filter(({ to }) => to >= 40 * 250)) expect(Math.abs((value ?? 0) - 15)).toBeLessThan(1)
  })

  test('begins anew after a change of the lead, and says why there is no number meanwhile', () => {
    const one = breathingEcg(250, 120, 75, calm, { seed: 31 })
    const two = breathingEcg(250, 120, 75, calm, { seed: 32, amplitude: -0.4 })
    one.fill(0.1, 50 * 250)
    const said = breaths(250, one, two)
    const at = (second: number) => said.find(({ to }) => to === second * 250)
    expect(at(50)).toMatchObject({ channel: 0, value: expect.closeTo(15, 0) })
    for (const second of [60, 66, 70, 76]) expect(at(second)).toMatchObject({ channel: 1, value: null, reason: 'lead-switched' })
    expect(at(100)).toMatchObject({ channel: 1, value: expect.closeTo(15, 0) })
  })

  test('says poor-signal while there is none, and begins anew after a gap', () => {
    const samples = breathingEcg(250, 120, 75, calm)
    samples.fill(Number.NaN, 50 * 250, 56 * 250)
    const said = breaths(250, samples)
    const at = (second: number) => said.find(({ to }) => to === second * 250)
    expect(at(54)).toMatchObject({ value: null, reason: 'poor-signal', quality: 0 })
    expect(at(80)).toMatchObject({ value: null, reason: 'too-few-beats' })
    expect(at(96)?.from).toBeGreaterThanOrEqual(56 * 250)
    expect(at(96)?.value).toBeCloseTo(15, 0)
  })

  test('goes on identically when saved within a window', () => {
    const samples = breathingEcg(250, 90, 75, calm)
    const part = (from: number, to: number) => ({ start: from, length: to - from, flags: 0, channels: [samples.subarray(from, to)] })
    const chain = createEcgChain(spec(250))
    run(chain, [part(0, 11_111)], { flush: false })
    const copy = createEcgChain(spec(250))
    copy.load(structuredClone(chain.save()))
    const rest = breathsOf(run(copy, [part(11_111, samples.length)]).map(({ output }) => output))
    expect(rest.filter(({ value }) => value !== null).length).toBeGreaterThan(5)
    expect(rest).toEqual(breaths(250, samples).filter(({ to }) => to > 11_111))
  })

  const mimic = datasetFolder('mimic4wdb')
  test.skipIf(mimic === null)(
    'agrees with the impedance of the monitor in an ICU patient (needs mimic4wdb)',
    async () => {
      const recording = await openRecording(join(datasetPath('mimic4wdb') as string, '85594648_0001e'))
      const { fs, length, unit } = recording.signals[0] as (typeof recording.signals)[number]
      const leads = await recording.readPhysical([0, 1, 2], 0, length)
      await recording.close()
      const chain = createEcgChain({ id: 'ecg', kind: 'ecg', channels: ['II', 'V', 'aVR'], unit, fs })
      const said = say(chain, leads)
      for (const [minutes, coverage, within2, medianError] of [
        [20, 0.5, 0.33, 1.4],
        [240, 0.78, 0.7, 0.25],
      ] as const) {
        const monitor = readMonitor(mimic as string, 'RR [rpm]', 60 * minutes)
        const agreement = compare(said, 'respiratory-rate', fs.num / fs.den, monitor, 5)
        console.info(`respiratory rate from the ECG, ${minutes} min`, agreement)
        expect(agreement.coverage).toBeGreaterThanOrEqual(coverage)
        expect(agreement.within2).toBeGreaterThanOrEqual(within2)
        expect(agreement.medianError).toBeLessThanOrEqual(medianError)
      }
    },
    60_000,
  )
})
