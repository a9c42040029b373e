import { describe, expect, test } from 'vitest'
import { createRespirationChain } from '../../src/respiration/respiration-chain.js'
import type { Observation } from '../../src/signal/observation.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededNormal } from '../laws/random.js'
import { checkStageLaws } from '../laws/stage-laws.js'

const spec = (fs: number): StreamSpec => ({ id: 'r', kind: 'respiration', channels: ['Resp'], unit: 'Ohm', fs: { num: fs * 10, den: 10 } })

/** Breaths at `perMinute`, of which inspiration takes two fifths, plus a cardiac ripple at 1.2 Hz. */
function breathing(fs: number, seconds: number, perMinute: number, more: { cardiac?: number; noise?: number } = {}): Float64Array {
  const normal = seededNormal(9)
  return Float64Array.from({ length: Math.round(fs * seconds) }, (_, i) => {
    const phase = ((i / fs) * perMinute) / 60
    const place = phase - Math.floor(phase)
    const breath = place < 0.4 ? Math.sin((Math.PI * place) / 0.4 / 2) ** 2 : Math.cos((Math.PI * (place - 0.4)) / 0.6 / 2) ** 2
    return 100 + breath + (more.cardiac ?? 0) * Math.sin((2 * Math.PI * 1.2 * i) / fs) + (more.noise ?? 0) * normal()
  })
}

function listen(fs: number, samples: Float64Array, flagsAt: (index: number) => number = () => 0): Observation[] {
  const chain = createRespirationChain(spec(fs))
  const said: Observation[] = []
  for (let start = 0; start < samples.length; start += 50) {
    const piece = samples.slice(start, start + 50)
    chain.push({ start, length: piece.length, flags: flagsAt(start), channels: [piece] }, each => said.push(each))
  }
  chain.flush(each => said.push(each))
  return said
}

const ratesOf = (said: readonly Observation[]) => said.filter(each => each.kind === 'measurement')

describe('respiratory rate', () => {
  for (const fs of [25, 62.5, 250]) {
    for (const perMinute of [6, 12, 20, 32, 45, 60, 76]) {
      test(`is ${perMinute} /min at ${fs} Hz, within 1 /min`, () => {
        const rates = ratesOf(listen(fs, breathing(fs, 120, perMinute, { noise: 0.01 }))).filter(({ to }) => to > 70 * fs)
        expect(rates.length).toBeGreaterThan(45)
        for (const { value, quality, low, high } of rates) {
          expect(Math.abs((value ?? 0) - perMinute)).toBeLessThan(1)
          expect(quality).toBeGreaterThanOrEqual(0.5)
          expect(low ?? 0).toBeLessThanOrEqual(value!)
          expect(high ?? 100).toBeGreaterThanOrEqual(value!)
        }
      })
    }
  }

  test('is 3 to 4 /min in very slow breathing', () => {
    const rates = ratesOf(listen(50, breathing(50, 240, 3.5))).filter(({ to }) => to > 150 * 50)
    for (const { value } of rates) expect(Math.abs((value ?? 0) - 3.5)).toBeLessThan(0.5)
  })

  test('counts breaths, not the heart: a ripple of a quarter of the breath changes nothing', () => {
    const rates = ratesOf(listen(62.5, breathing(62.5, 120, 15, { cardiac: 0.12 }))).filter(({ to }) => to > 40 * 62.5)
    for (const { value } of rates) expect(Math.abs(value! - 15)).toBeLessThan(1)
  })

  test('is not taken from a ripple of the heart that is larger than the breaths', () => {
    const rates = ratesOf(listen(62.5, breathing(62.5, 180, 15, { cardiac: 0.8 }))).filter(({ to }) => to > 40 * 62.5)
    for (const { value, quality } of rates) if (quality >= 0.5) expect(Math.abs(value! - 15)).toBeLessThan(2)
  })

  test('is null in an apnoea although the heart goes on rippling, and comes back', () => {
    const fs = 62.5
    const breath = breathing(fs, 180, 15)
    const samples = breath.map((value, i) => {
      const still = i > 60 * fs && i < 110 * fs
      return (still ? 100 : value) + 0.04 * Math.sin((2 * Math.PI * 1.2 * i) / fs)
    })
    const rates = ratesOf(listen(fs, samples))
    const apnoea = rates.filter(({ to }) => to > 80 * fs && to < 110 * fs)
    expect(apnoea.length).toBeGreaterThan(25)
    for (const { value, reason } of apnoea) expect([value, reason]).toEqual([null, 'apnea'])
    for (const { value } of rates.filter(({ to }) => to > 160 * fs)) expect(Math.abs(value! - 15)).toBeLessThan(1)
  })

  test('is null with its reason on a flat line, missing samples, a sensor and a lead that are off', () => {
    const reasons = (samples: Float64Array, flags = 0) =>
      new Set(
        ratesOf(listen(50, samples, () => flags))
          .slice(10)
          .map(({ value, reason }) => `${value} ${reason}`),
      )
    expect(reasons(new Float64Array(2000).fill(4))).toEqual(new Set(['null flat']))
    expect(reasons(new Float64Array(2000).fill(Number.NaN))).toEqual(new Set(['null missing']))
    expect(reasons(breathing(50, 40, 15), sampleFlags.sensorOff)).toEqual(new Set(['null sensor-off']))
    expect(reasons(breathing(50, 40, 15), sampleFlags.leadOff)).toEqual(new Set(['null lead-off']))
  })
})

describe('breaths', () => {
  test('are found once each, with their interval', () => {
    const breaths = listen(62.5, breathing(62.5, 120, 15, { noise: 0.02 })).filter(each => each.kind === 'breath')
    const late = breaths.filter(({ index }) => index > 30 * 62.5 && index < 110 * 62.5)
    expect(late).toHaveLength(20)
    for (const { intervalSeconds } of late) expect(Math.abs(intervalSeconds! - 4)).toBeLessThan(0.25)
  })
})

describe('respiration chain with noise, gaps and missing samples', () => {
  const fs = 25
  const samples = breathing(fs, 160, 18, { cardiac: 0.05, noise: 0.05 }).map((v, i) =>
    (i > 500 && i < 506) || (i > 1300 && i < 1500) ? Number.NaN : v,
  )
  const block = (from: number, to: number, flags = 0) => ({ start: from, length: to - from, flags, channels: [samples.slice(from, to)] })
  checkStageLaws({
    create: () => createRespirationChain(spec(fs)),
    input: [block(7, 900), block(905, 2000), block(2300, 2500, sampleFlags.motion), block(2500, 4000)],
    fs,
    rounds: 3,
  })
})
