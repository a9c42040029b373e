import { describe, expect, test } from 'vitest'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import { createPressureChain } from '../../src/ppg/pressure-chain.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededNormal } from '../laws/random.js'
import { checkStageLaws } from '../laws/stage-laws.js'
import { listen, measured, pulseTrain, steadyPeaks } from './synthetic-pulses.js'

const spec = (fs: number, more: Partial<StreamSpec> = {}): StreamSpec => ({
  id: 'p',
  kind: 'ppg',
  channels: ['pleth'],
  unit: 'NU',
  fs: { num: fs * 1000, den: 1000 },
  ...more,
})

const since = (said: ReturnType<typeof measured>, seconds: number, fs: number) => said.filter(each => each.to > seconds * fs)

describe('pulse rate', () => {
  for (const fs of [20, 30, 64, 125, 500, 1000]) {
    for (const perMinute of fs < 30 ? [40, 72, 140] : [30, 40, 72, 140, 200]) {
      test(`is ${perMinute} /min for that many pulses at ${fs} Hz, within 1 /min`, () => {
        const peaks = steadyPeaks(perMinute, 40)
        const said = listen(createPpgChain(spec(fs)), [pulseTrain({ fs, seconds: 40, peaks, height: 1, noise: 0.01 })])
        const rates = since(measured(said, 'pulse-rate'), 16, fs)
        expect(rates).toHaveLength(24)
        for (const { value } of rates) expect(Math.abs((value ?? 0) - perMinute)).toBeLessThan(1)
      })
    }
  }

  test('comes once a second on the second grid, also at a rate that is no whole number', () => {
    const fs = 62.4725
    const chain = createPpgChain(spec(1, { fs: { num: 624_725, den: 10_000 } }))
    const said = listen(chain, [pulseTrain({ fs, seconds: 30, peaks: steadyPeaks(60, 30), height: 1 })])
    const rates = measured(said, 'pulse-rate')
    expect(rates.map(({ to }) => to)).toEqual(Array.from({ length: rates.length }, (_, k) => Math.ceil((k + 1) * fs)))
    expect(rates.length).toBeGreaterThanOrEqual(29)
  })

  test('is null with its reason after the pulse has stopped, within 6 s', () => {
    const fs = 125
    const peaks = steadyPeaks(75, 20)
    const said = listen(createPpgChain(spec(fs)), [pulseTrain({ fs, seconds: 40, peaks, height: 1, noise: 0.002 })])
    for (const rate of since(measured(said, 'pulse-rate'), 26, fs)) {
      expect(rate.value).toBeNull()
      expect(rate.reason).toMatch(/no-pulse|too-few-pulses|low-amplitude|irregular-shape/)
    }
  })

  test('is null under white noise alone', () => {
    const normal = seededNormal(3)
    const said = listen(createPpgChain(spec(100)), [Float64Array.from({ length: 6000 }, normal)])
    const rates = measured(said, 'pulse-rate')
    expect(rates.filter(({ value }) => value !== null).length).toBeLessThanOrEqual(0.1 * rates.length)
  })

  test('is null while the device says motion, and comes back', () => {
    const fs = 100
    const samples = pulseTrain({ fs, seconds: 60, peaks: steadyPeaks(75, 60), height: 1 })
    const said = listen(createPpgChain(spec(fs)), [samples], index => (index >= 2000 && index < 4000 ? sampleFlags.motion : 0))
    const rates = measured(said, 'pulse-rate')
    const within = rates.filter(({ to }) => to > 2700 && to <= 4000)
    expect(within.every(({ value, reason }) => value === null && reason === 'motion')).toBe(true)
    expect(since(rates, 50, fs).every(({ value }) => Math.abs(value! - 75) < 1)).toBe(true)
  })

  test('is null at once when the sensor is off', () => {
    const fs = 100
    const samples = pulseTrain({ fs, seconds: 30, peaks: steadyPeaks(75, 30), height: 1 })
    const said = listen(createPpgChain(spec(fs)), [samples], index => (index >= 2000 ? sampleFlags.sensorOff : 0))
    for (const rate of since(measured(said, 'pulse-rate'), 21, fs)) expect([rate.value, rate.reason]).toEqual([null, 'sensor-off'])
  })

  test('does not move with scale and offset', () => {
    const samples = pulseTrain({ fs: 100, seconds: 30, peaks: steadyPeaks(66, 30), height: 1, noise: 0.02 })
    const rates = (scale: number, offset: number) =>
      measured(listen(createPpgChain(spec(100)), [samples.map(value => scale * value + offset)]), 'pulse-rate').map(({ value }) => value)
    const plain = rates(1, 0)
    for (const [i, value] of rates(-1000, 5000).entries()) if (i >= 20) expect(Math.abs(value! - plain[i]!)).toBeLessThan(0.5)
    for (const [i, value] of rates(1024, 512).entries()) {
      if (plain[i] === null) expect(value).toBeNull()
      else expect(value).toBeCloseTo(plain[i]!, 6)
    }
  })
})

describe('pulses', () => {
  test('stand within 30 ms of the systolic peak, either way up, and none is missed or doubled', () => {
    for (const sign of [1, -1] as const) {
      const fs = 125
      const peaks = steadyPeaks(72, 60)
      const said = listen(createPpgChain(spec(fs)), [pulseTrain({ fs, seconds: 60, peaks, height: 1, sign, noise: 0.01 })])
      const found = said.filter(each => each.kind === 'pulse').map(({ index }) => index / fs)
      const late = peaks.filter(peak => peak > 12 && peak < 59)
      for (const peak of late)
        expect(
          found.filter(t => Math.abs(t - peak) < 0.03),
          `pulse at ${peak} s, sign ${sign}`,
        ).toHaveLength(1)
      expect(found.filter(t => t > 11.8 && t < 59.2)).toHaveLength(late.length)
    }
  })

  test('have intervals right to 5 ms at 30 Hz, also when the rhythm is irregular', () => {
    const peaks = [0.6]
    const normal = seededNormal(11)
    while (peaks.at(-1)! < 58) peaks.push(peaks.at(-1)! + 0.8 + 0.08 * normal())
    const said = listen(createPpgChain(spec(30)), [pulseTrain({ fs: 30, seconds: 60, peaks, height: 1 })])
    const intervals = said.filter(each => each.kind === 'pulse' && each.intervalSeconds !== null && each.index > 240)
    const errors = intervals.map(each => {
      if (each.kind !== 'pulse') throw new Error('not a pulse')
      const k = peaks.findIndex(peak => Math.abs(peak - each.index / 30) < 0.2)
      return Math.abs(each.intervalSeconds! - (peaks[k]! - peaks[k - 1]!))
    })
    expect(errors.length).toBeGreaterThan(50)
    errors.sort((a, b) => a - b)
    expect(errors[errors.length >> 1]!).toBeLessThan(0.015)
  })

  test('have no interval across a gap, not even one that is bridged', () => {
    const fs = 100
    const samples = pulseTrain({ fs, seconds: 30, peaks: steadyPeaks(60, 30), height: 1 })
    for (let i = 1505; i < 1510; i += 1) samples[i] = Number.NaN
    const pulses = listen(createPpgChain(spec(fs)), [samples]).filter(each => each.kind === 'pulse')
    const crossing = pulses.filter(each => each.index >= 1510 && each.index < 1600)
    expect(crossing.map(each => each.intervalSeconds)).toEqual([null])
    expect(pulses.filter(each => each.index > 1700).every(each => each.intervalSeconds !== null)).toBe(true)
  })
})

describe('signal quality', () => {
  const reasonOf = (samples: Float64Array, fs = 100) => {
    const said = listen(createPpgChain(spec(fs, { unit: 'adu' })), [samples])
    return said.filter(each => each.kind === 'quality').slice(10)
  }

  test('is good for clean pulses', () => {
    const seconds = reasonOf(pulseTrain({ fs: 100, seconds: 30, peaks: steadyPeaks(70, 30), height: 30, level: 1000, noise: 0.3 }))
    expect(seconds.every(({ reason, quality }) => reason === 'good' && quality > 0.8)).toBe(true)
  })

  test.each([
    ['upright', 1, 72],
    ['upside down', -1, 72],
    ['slow', 1, 40],
    ['fast and upside down', -1, 130],
  ] as const)('is good from the first second of clean pulses, while their shape is being learned (%s)', (_, sign, rate) => {
    const wave = pulseTrain({ fs: 100, seconds: 20, peaks: steadyPeaks(rate, 20), height: 30, level: 1000, noise: 0.3, sign })
    const said = listen(createPpgChain(spec(100, { unit: 'adu' })), [wave])
    for (const second of said.filter(each => each.kind === 'quality')) {
      expect([second.quality >= 0.5, second.reason], `second to ${second.to / 100}`).toEqual([true, 'good'])
    }
  })

  test('is poor after the time for learning when no pulse comes', () => {
    const normal = seededNormal(3)
    const drift = Float64Array.from({ length: 2000 }, (_, i) => 1000 + i / 100 + 0.001 * normal())
    const said = listen(createPpgChain(spec(100, { unit: 'adu' })), [drift]).filter(each => each.kind === 'quality')
    expect(said.every(({ quality }) => quality < 0.5)).toBe(true)
    const noise = Float64Array.from({ length: 2000 }, () => 1000 + 20 * normal())
    const noisy = listen(createPpgChain(spec(100, { unit: 'adu' })), [noise]).filter(each => each.kind === 'quality')
    expect(noisy.slice(9).filter(({ quality }) => quality < 0.5).length).toBeGreaterThanOrEqual(8)
  })

  test('names a flat line, a rail and missing samples', () => {
    expect(reasonOf(new Float64Array(2000).fill(3)).every(({ reason }) => reason === 'flat')).toBe(true)
    const railed = pulseTrain({ fs: 100, seconds: 30, peaks: steadyPeaks(70, 30), height: 30, level: 1000 }).map(v => Math.min(v, 1006))
    expect(reasonOf(railed).filter(({ reason }) => reason === 'saturated').length).toBeGreaterThan(12)
    expect(reasonOf(new Float64Array(2000).fill(Number.NaN)).every(({ reason }) => reason === 'missing')).toBe(true)
  })

  test('is below a half when the pulse is too weak for its light', () => {
    const weak = pulseTrain({ fs: 100, seconds: 40, peaks: steadyPeaks(70, 40), height: 0.3, level: 1000, noise: 0.005 })
    for (const { quality, reason } of reasonOf(weak)) expect([quality < 0.5, reason]).toEqual([true, 'low-perfusion'])
  })
})

describe('perfusion index', () => {
  test('is the pulse height over the level', () => {
    const wave = pulseTrain({ fs: 100, seconds: 40, peaks: steadyPeaks(75, 40), height: 20, level: 1000 })
    const swing = Math.max(...wave.slice(1000, 2000)) - Math.min(...wave.slice(1000, 2000))
    const said = listen(createPpgChain(spec(100, { wavelengths: [940] })), [wave])
    for (const { value } of since(measured(said, 'perfusion-index'), 20, 100)) {
      expect(value! / ((100 * swing) / 1000)).toBeGreaterThan(0.85)
      expect(value! / ((100 * swing) / 1000)).toBeLessThan(1.15)
    }
  })

  test('is null without a level: relative unit, or a mean that is not positive', () => {
    for (const [unit, level] of [
      ['NU', 1000],
      ['adu', -5],
    ] as const) {
      const wave = pulseTrain({ fs: 100, seconds: 30, peaks: steadyPeaks(75, 30), height: 20, level: level - 5 })
      const indices = measured(
        listen(createPpgChain(spec(100, { unit })), [unit === 'NU' ? wave : wave.map(v => v - 100)]),
        'perfusion-index',
      )
      expect(since(indices, 15, 100).every(({ value, reason }) => value === null && reason === 'no-baseline')).toBe(true)
    }
  })
})

describe('respiratory rate from pulse modulation', () => {
  for (const perMinute of [9, 15, 24]) {
    test(`finds ${perMinute} /min in baseline, height and interval`, () => {
      const hz = perMinute / 60
      const peaks = [0.6]
      while (peaks.at(-1)! < 88) peaks.push(peaks.at(-1)! + 0.75 + 0.04 * Math.sin(2 * Math.PI * hz * peaks.at(-1)!))
      const height = peaks.map(t => 1 + 0.15 * Math.sin(2 * Math.PI * hz * t))
      const wave = pulseTrain({ fs: 100, seconds: 90, peaks, height }).map((v, i) => v + 0.3 * Math.sin((2 * Math.PI * hz * i) / 100))
      const rates = since(measured(listen(createPpgChain(spec(100)), [wave]), 'respiratory-rate'), 44, 100)
      expect(rates.length).toBeGreaterThanOrEqual(10)
      for (const { value } of rates) expect(Math.abs(value! - perMinute)).toBeLessThan(1)
    })
  }

  test('is null when nothing modulates the pulses', () => {
    const wave = pulseTrain({ fs: 100, seconds: 90, peaks: steadyPeaks(75, 90), height: 1, noise: 0.02 })
    const rates = measured(listen(createPpgChain(spec(100)), [wave]), 'respiratory-rate')
    expect(rates.filter(({ value }) => value !== null).length).toBeLessThanOrEqual(0.1 * rates.length)
  })
})

describe('choice among channels', () => {
  test('follows the good channel, and goes over once when it fails', () => {
    const fs = 100
    const good = pulseTrain({ fs, seconds: 60, peaks: steadyPeaks(75, 60), height: 1 })
    const normal = seededNormal(5)
    const first = good.map((v, i) => (i < 3000 ? v : normal()))
    const second = good.map((v, i) => (i < 3000 ? normal() : v))
    const rates = measured(listen(createPpgChain(spec(fs, { channels: ['a', 'b'] })), [first, second]), 'pulse-rate')
    const changes = rates.filter((rate, k) => k > 0 && rate.channel !== rates[k - 1]!.channel)
    expect(changes).toHaveLength(1)
    expect(rates[25]!.channel).toBe(0)
    expect(rates.at(-1)!.channel).toBe(1)
    expect(Math.abs(rates.at(-1)!.value! - 75)).toBeLessThan(1)
  })
})

describe('arterial pressure', () => {
  test('gives pulses and a pulse rate, and nothing of perfusion or breathing', () => {
    const pressure = { ...spec(125, { kind: 'pressure', unit: 'mm[Hg]' }) }
    const said = listen(createPressureChain(pressure), [
      pulseTrain({ fs: 125, seconds: 30, peaks: steadyPeaks(90, 30), height: 40, level: 80 }),
    ])
    const rates = measured(said, 'pulse-rate')
    expect(Math.abs(rates.at(-1)!.value! - 90)).toBeLessThan(1)
    expect(rates[0]!.algorithm).toBe('pressure-pulse')
    expect(new Set(said.filter(each => each.kind === 'measurement').map(each => each.name))).toEqual(new Set(['pulse-rate']))
  })
})

test('a rate outside 20 to 1000 Hz is refused', () => {
  expect(() => createPpgChain(spec(10))).toThrow(expect.objectContaining({ code: 'usage-config' }))
})

describe('PPG chain of two channels with noise, gaps and missing samples', () => {
  const fs = 64
  const wave = (seed: number) => pulseTrain({ fs, seconds: 60, peaks: steadyPeaks(80, 60), height: 10, level: 500, noise: 0.5, seed })
  const a = wave(1)
  const b = wave(2).map((v, i) => ((i > 900 && i < 905) || (i > 1200 && i < 1500) ? Number.NaN : v))
  const block = (from: number, to: number, flags = 0) => ({
    start: from,
    length: to - from,
    flags,
    channels: [a.slice(from, to), b.slice(from, to)],
  })
  checkStageLaws({
    create: () => createPpgChain(spec(fs, { channels: ['r', 'ir'], wavelengths: [660, 940] })),
    input: [block(10, 1000), block(1004, 1800), block(2100, 2500, sampleFlags.motion), block(2500, 3840)],
    fs,
    rounds: 3,
  })
})
