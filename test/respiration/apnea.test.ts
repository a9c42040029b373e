import { describe, expect, test } from 'vitest'
import { createRespirationChain } from '../../src/respiration/respiration-chain.js'
import type { EpisodeObservation, Observation } from '../../src/signal/observation.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { checkStageLaws } from '../laws/stage-laws.js'
import { type BreathingCourse, pausedBreathing, syntheticBreathing } from '../support/synthetic-breathing.js'

const fs = 62.5
const spec: StreamSpec = { id: 'r', kind: 'respiration', channels: ['Resp'], unit: 'Ohm', fs: { num: 125, den: 2 } }

const impedance = (course: Omit<BreathingCourse, 'fs'>): Float64Array => syntheticBreathing({ fs, ...course })
const pause = pausedBreathing

function listen(samples: Float64Array, flagsAt: (t: number) => number = () => 0): Observation[] {
  const chain = createRespirationChain(spec)
  const said: Observation[] = []
  for (let start = 0; start < samples.length; start += 25) {
    const piece = samples.slice(start, start + 25)
    chain.push({ start, length: piece.length, flags: flagsAt(start / fs), channels: [piece] }, each => said.push(each))
  }
  return said
}

const apneas = (said: readonly Observation[]): EpisodeObservation[] => said.filter(each => each.kind === 'episode')

/** The pause of these tests: no breath begins from 60 to 100 s, so the last one tops out at 57.6 s. */
const still = pause(60, 100)

describe('apnoea', () => {
  test.each([
    [0, 75],
    [0.1, 75],
    [0.3, 75],
    [0.15, 50],
    [0.4, 110],
    [0.5, 160],
  ])(
    'is told 20 s after the last breath though the heart ripples by %d of a breath at %i /min, and ends with the next one',
    (ripple, heartRate) => {
      const [on, off, ...more] = apneas(listen(impedance({ seconds: 160, depth: still, ripple, heartRate })))
      expect(more).toEqual([])
      expect(on).toMatchObject({ episode: 'apnea', on: true, unit: 's', channel: 0 })
      expect(Math.abs(on!.index / fs - 57.6)).toBeLessThan(2.5)
      expect((on!.decided - on!.index) / fs).toBeGreaterThanOrEqual(20)
      expect((on!.decided - on!.index) / fs).toBeLessThan(21.1)
      expect(on!.confidence).toBeGreaterThanOrEqual(0.5)
      expect(off).toMatchObject({ episode: 'apnea', on: false })
      expect(off!.decided / fs).toBeGreaterThan(100)
      expect(off!.decided / fs).toBeLessThan(106)
    },
  )

  test('is not told of a pause of 17 s, nor of breaths that come every 17 s', () => {
    expect(apneas(listen(impedance({ seconds: 160, depth: pause(60, 76), ripple: 0.1 })))).toEqual([])
    expect(apneas(listen(impedance({ seconds: 300, perMinute: 3.5, depth: () => 1 })))).toEqual([])
  })

  test.each([0.3, 0.25])('is not told of shallow breathing, %d of the usual', rest => {
    expect(apneas(listen(impedance({ seconds: 200, depth: pause(60, 130, rest) })))).toEqual([])
  })

  test('gives no rate meanwhile, and no poor signal: it is seen well that there is no breath', () => {
    const said = listen(impedance({ seconds: 140, depth: still, ripple: 0.3 }))
    const within = (end: number) => end > 80 * fs && end < 98 * fs
    const rates = said.filter(each => each.kind === 'measurement').filter(({ to }) => within(to))
    expect(rates.length).toBeGreaterThan(15)
    for (const { value, reason } of rates) expect([value, reason]).toEqual([null, 'apnea'])
    for (const { quality } of said.filter(each => each.kind === 'quality').filter(({ to }) => within(to))) {
      expect(quality).toBeGreaterThanOrEqual(0.5)
    }
  })

  test.each([
    ['a lead that is off', sampleFlags.leadOff],
    ['a sensor that is off', sampleFlags.sensorOff],
    ['motion', sampleFlags.motion],
  ])('is not told while %s hides the breaths', (_, flag) => {
    const samples = impedance({ seconds: 160, depth: still })
    expect(apneas(listen(samples, t => (t >= 58 && t < 100 ? flag : 0)))).toEqual([])
  })

  test('is not told of a flat line, missing samples, or a wave at its rail', () => {
    const breath = impedance({ seconds: 160, depth: () => 1 })
    const hidden = (value: number) => breath.map((v, i) => (i > 60 * fs && i < 100 * fs ? value : v))
    for (const value of [20, Number.NaN, 25]) expect([value, ...apneas(listen(hidden(value)))]).toEqual([value])
  })

  test('ends, unknown, when the lead comes off, and is told again only after 20 s that could be seen', () => {
    const samples = impedance({ seconds: 160, depth: pause(60, 140), ripple: 0.1 })
    const said = apneas(listen(samples, t => (t >= 90 && t < 95 ? sampleFlags.leadOff : 0)))
    expect(said.map(({ on }) => on)).toEqual([true, false, true, false])
    expect(said[1]!.decided / fs).toBeLessThan(92.1)
    expect(said[2]!.decided / fs).toBeGreaterThan(115)
    expect(said[2]!.decided / fs).toBeLessThan(120)
  })

  test('is not told after the lead was off for more than a minute: the breath of new electrodes is not known', () => {
    const samples = impedance({ seconds: 240, depth: pause(60, 240), ripple: 0.1 })
    expect(apneas(listen(samples, t => (t >= 65 && t < 130 ? sampleFlags.leadOff : 0)))).toEqual([])
  })

  test('says nothing of a wave in which no breath was ever seen', () => {
    expect(apneas(listen(impedance({ seconds: 120, depth: () => 0, ripple: 0.02 })))).toEqual([])
  })

  const samples = impedance({ seconds: 200, depth: still, ripple: 0.2 }).map((v, i) => (i > 9000 && i < 9400 ? Number.NaN : v))
  const block = (from: number, to: number) => ({ start: from, length: to - from, flags: 0, channels: [samples.slice(from, to)] })
  checkStageLaws({
    create: () => createRespirationChain(spec),
    input: [block(0, 5200), block(5200, 11_000), block(11_500, 12_500)],
    fs,
    rounds: 3,
  })
})
