import { describe, expect, test } from 'vitest'
import { type CalibrationTable, findCalibration, saturationOf } from '../../src/oximetry/calibration.js'
import { createOximetryChain, oximeterChannels } from '../../src/oximetry/oximetry-chain.js'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededNormal } from '../laws/random.js'
import { checkStageLaws } from '../laws/stage-laws.js'
import { listen, measured, pulseTrain, steadyPeaks } from '../ppg/synthetic-pulses.js'

const fs = 100
const spec: StreamSpec = { id: 'o', kind: 'ppg', channels: ['red', 'ir'], unit: 'adu', fs: { num: fs, den: 1 }, wavelengths: [660, 940] }
const create = (each: StreamSpec = spec) => createOximetryChain(each, createPpgChain(each))

/** Light of both wavelengths for a ratio of ratios: infrared level 2000 with pulses of `perfusion` %, red level 1300. */
function light(
  r: number,
  more: { seconds?: number; perfusion?: number; noise?: number; rate?: number } = {},
): [Float64Array, Float64Array] {
  const { seconds = 40, perfusion = 2, noise = 0, rate = 70 } = more
  const wave = pulseTrain({ fs, seconds, peaks: steadyPeaks(rate, seconds), height: 1 })
  const normal = seededNormal(21)
  const infrared = wave.map(v => 2000 * (1 - (perfusion / 100) * v) + noise * normal())
  const red = wave.map(v => 1300 * (1 - ((r * perfusion) / 100) * v) + noise * normal())
  return [red, infrared]
}

const late = (said: ReturnType<typeof measured>, seconds = 20) => said.filter(({ to }) => to > seconds * fs)

describe('SpO2', () => {
  for (const r of [0.45, 0.6, 1, 1.6]) {
    test(`is 110 - 25 R for R = ${r}, within half a per cent`, () => {
      const values = late(measured(listen(create(), light(r)), 'spo2'))
      expect(values).toHaveLength(20)
      for (const { value } of values) expect(Math.abs(value! - (110 - 25 * r))).toBeLessThan(0.5)
    })
  }

  test('holds within 2 % under noise of a tenth of the weaker pulse', () => {
    const values = late(measured(listen(create(), light(0.6, { noise: 1.5 })), 'spo2'))
    for (const { value } of values) expect(Math.abs(value! - 95)).toBeLessThan(2)
  })

  test('follows a desaturation within its averaging time', () => {
    const [red, infrared] = light(0.5, { seconds: 60 })
    const [lower] = light(1.2, { seconds: 60 })
    red.set(lower.subarray(3000), 3000)
    const values = measured(listen(create(), [red, infrared]), 'spo2')
    const at = (second: number) => values.find(({ to }) => to === second * fs)!.value!
    expect(Math.abs(at(29) - 97.5)).toBeLessThan(0.5)
    expect(Math.abs(at(40) - 80)).toBeLessThan(0.5)
  })

  test('is null when the pulse is too weak', () => {
    for (const { value, reason } of late(measured(listen(create(), light(0.6, { perfusion: 0.05 })), 'spo2'))) {
      expect([value, reason]).toEqual([null, 'low-perfusion'])
    }
  })

  test('is null at once when the sensor is off', () => {
    const said = listen(create(), light(0.6, { seconds: 50 }), index => (index >= 2000 ? sampleFlags.sensorOff : 0))
    const values = late(measured(said, 'spo2'))
    expect(values.length).toBeGreaterThan(25)
    for (const each of values) expect([each.value, each.reason]).toEqual([null, 'sensor-off'])
  })

  test('is held for 10 s at most when movement drowns the pulse, with an interval that widens, then null', () => {
    const [red, infrared] = light(0.6, { seconds: 60 })
    for (let i = 3000; i < 6000; i += 1) {
      const push = 1 + 0.2 * Math.sin(i / 9) * Math.sin(i / 31)
      red[i] = red[i]! * push
      infrared[i] = infrared[i]! * push
    }
    const values = measured(listen(create(), [red, infrared]), 'spo2').filter(({ to }) => to > 3000)
    const held = values.filter(each => each.held === true)
    expect(held.length).toBeGreaterThanOrEqual(8)
    expect(held.length).toBeLessThanOrEqual(10)
    const widths = held.map(each => each.high! - each.low!)
    expect(widths).toEqual([...widths].sort((a, b) => a - b))
    for (const each of held) expect(Math.abs(each.value! - 95)).toBeLessThan(0.5)
    for (const each of values.filter(({ to }) => to > 4200)) expect([each.value, each.reason]).toEqual([null, 'motion'])
  })

  test('cancels what moves red and infrared in another ratio, and says so in its interval', () => {
    const [red, infrared] = light(0.6, { seconds: 60 })
    const normal = seededNormal(8)
    let slow = 0
    for (let i = 0; i < 6000; i += 1) {
      slow += 0.12 * (normal() - slow)
      // About as strong as the pulse; ratio 1.3, which alone would read 77.5 %.
      infrared[i] = infrared[i]! * Math.exp(-0.025 * slow)
      red[i] = red[i]! * Math.exp(-1.3 * 0.025 * slow)
    }
    const values = late(measured(listen(create(), [red, infrared]), 'spo2')).filter(each => each.value !== null)
    expect(values.length).toBeGreaterThan(25)
    const inside = values.filter(each => each.low! <= 95 && each.high! >= 95)
    expect(inside.length / values.length).toBeGreaterThan(0.8)
    for (const each of values) expect(Math.abs(each.value! - 95)).toBeLessThan(6)
  })

  test('is null when red and infrared do not pulse together', () => {
    const [, infrared] = light(0.6)
    const normal = seededNormal(2)
    const red = infrared.map(() => 1300 + 8 * normal())
    for (const { value } of late(measured(listen(create(), [red, infrared]), 'spo2'))) expect(value).toBeNull()
  })

  test('is null outside the range that the calibration holds for', () => {
    for (const { value, reason } of late(measured(listen(create(), light(2.6)), 'spo2'))) {
      expect([value, reason]).toEqual([null, 'outside-calibration'])
    }
  })

  test('comes beside all that the pulse chain says', () => {
    const said = listen(create(), light(0.6))
    const plain = listen(createPpgChain(spec), light(0.6))
    expect(said.filter(each => each.kind !== 'measurement' || each.name !== 'spo2')).toEqual(plain)
  })
})

describe('SpO2 is back within a minute', () => {
  const change = 3000
  /** The seconds after `end` until the first number that is not held; with it the least error allowed holds from then on. */
  function backAfter(channels: [Float64Array, Float64Array], end: number): number {
    const values = measured(listen(create(), channels), 'spo2').filter(({ to }) => to > end)
    const first = values.findIndex(each => each.value !== null && each.held !== true)
    for (const each of values.slice(60)) expect(Math.abs(each.value! - 95)).toBeLessThan(2)
    return first < 0 ? Number.POSITIVE_INFINITY : first + 1
  }
  /** Pulses of `light` in other sizes: the share of the size at each sample. */
  function resized(sizeAt: (index: number) => number, seconds: number): [Float64Array, Float64Array] {
    const [red, infrared] = light(0.6, { seconds, noise: 0.1 })
    return [red.map((v, i) => 1300 + (v - 1300) * sizeAt(i)), infrared.map((v, i) => 2000 + (v - 2000) * sizeAt(i))]
  }

  for (const [name, top] of [
    ['at the top of its converter', 4095],
    ['in the dark', 0],
  ] as const) {
    test(`when the probe was off for 15 s, ${name}, without a flag`, () => {
      const [red, infrared] = light(0.6, { seconds: 150, noise: 0.1 })
      const end = change + 15 * fs
      red.fill(top, change, end)
      infrared.fill(top, change, end)
      expect(backAfter([red, infrared], end)).toBeLessThanOrEqual(60)
    })
  }

  for (const left of [0.03, 0.1]) {
    test(`when a cuff has left ${100 * left} % of the pulse for 40 s`, () => {
      const end = change + 40 * fs
      const channels = resized(i => (i >= change && i < end ? left : 1), 200)
      expect(backAfter(channels, end)).toBeLessThanOrEqual(60)
    })
  }

  for (const size of [3, 6]) {
    test(`when the pulse grows to ${size} times its height`, () => {
      expect(
        backAfter(
          resized(i => (i >= change ? size : 1), 130),
          change,
        ),
      ).toBeLessThanOrEqual(60)
    })
  }

  test('when the probe comes back to a much larger pulse of another saturation', () => {
    const [red, infrared] = light(1, { seconds: 150, perfusion: 0.4 })
    const [redAfter, infraredAfter] = light(0.6, { seconds: 150, perfusion: 4, noise: 0.1 })
    const end = change + 15 * fs
    red.fill(4095, change, end)
    infrared.fill(4095, change, end)
    red.set(redAfter.subarray(end), end)
    infrared.set(infraredAfter.subarray(end), end)
    expect(backAfter([red, infrared], end)).toBeLessThanOrEqual(60)
  })

  test('but movement of another rhythm and ratio stays movement', () => {
    const [red, infrared] = light(0.6, { seconds: 120, noise: 0.1 })
    for (let i = change; i < red.length; i += 1) {
      const swing = 0.08 * Math.sin((2 * Math.PI * 1.9 * i) / fs)
      red[i] = red[i]! * Math.exp(-1.3 * swing)
      infrared[i] = infrared[i]! * Math.exp(-swing)
    }
    const values = measured(listen(create(), [red, infrared]), 'spo2').filter(({ to }) => to > change + 15 * fs)
    expect(values).toHaveLength(75)
    for (const each of values) expect([each.value, each.reason]).toEqual([null, 'motion'])
  })
})

describe('calibration', () => {
  const device: CalibrationTable = {
    name: 'acme-1',
    origin: 'device',
    description: 'test',
    leastR: 0.4,
    mostR: 3,
    knots: [
      [0.4, 100],
      [1, 85],
      [3, 40],
    ],
  }

  test('joins its knots by straight lines and knows nothing beyond them', () => {
    expect(saturationOf(device, 0.7)).toBeCloseTo(92.5, 12)
    expect(saturationOf(device, 2)).toBeCloseTo(62.5, 12)
    expect(saturationOf(device, 0.39)).toBeNull()
    expect(saturationOf(device, Number.NaN)).toBeNull()
  })

  test('of a device is chosen by name', () => {
    const chain = createOximetryChain({ ...spec, calibration: 'acme-1' }, createPpgChain(spec), { calibrations: [device] })
    for (const { value } of late(measured(listen(chain, light(0.7)), 'spo2'))) expect(Math.abs(value! - 92.5)).toBeLessThan(0.5)
  })

  test('of an unknown name is a usage error that lists what is accepted', () => {
    expect(() => findCalibration('nobody')).toThrow(expect.objectContaining({ code: 'usage-config' }))
    expect(() => findCalibration('nobody')).toThrow(/empirical-660-940/)
  })

  for (const [fault, day, table] of [
    ['calibration-unknown', '2026-05-01', null],
    ['calibration-expired', '2026-07-01', { ...device, validFrom: '2025-07-01', validUntil: '2026-06-30' }],
    ['calibration-not-yet-valid', '2025-06-30', { ...device, validFrom: '2025-07-01', validUntil: '2026-06-30' }],
    ['calibration-undated', null, { ...device, validUntil: '2026-06-30' }],
  ] as const) {
    test(`that is no good (${fault}) gives no number but its reason, and the episode uncalibrated once`, () => {
      const options = { calibrations: table === null ? [] : [table], day }
      const chain = createOximetryChain({ ...spec, calibration: 'acme-1' }, createPpgChain(spec), options)
      const said = listen(chain, light(0.7))
      const values = measured(said, 'spo2')
      expect(values.length).toBeGreaterThan(30)
      for (const each of values) expect([each.value, each.reason]).toEqual([null, fault])
      expect(said.filter(each => each.kind === 'episode')).toMatchObject([{ episode: 'uncalibrated', on: true }])
    })
  }

  test('gives numbers on its first and on its last day', () => {
    const table = { ...device, validFrom: '2025-07-01', validUntil: '2026-06-30' }
    for (const day of ['2025-07-01', '2026-06-30']) {
      const chain = createOximetryChain({ ...spec, calibration: 'acme-1' }, createPpgChain(spec), { calibrations: [table], day })
      for (const { value } of late(measured(listen(chain, light(0.7)), 'spo2'))) expect(value).not.toBeNull()
    }
  })

  test('with a day that is none, or an end before its beginning, is refused', () => {
    expect(() => findCalibration('acme-1', [{ ...device, validFrom: '1 July 2025' }])).toThrow(/YYYY-MM-DD/)
    expect(() => findCalibration('acme-1', [{ ...device, validFrom: '2026-07-01', validUntil: '2026-06-30' }])).toThrow(/no earlier/)
  })

  test('with knots out of order or beyond 100 % is refused', () => {
    const broken = (change: Partial<CalibrationTable>) => () => findCalibration('acme-1', [{ ...device, ...change }])
    expect(
      broken({
        knots: [
          [1, 85],
          [0.4, 100],
        ],
      }),
    ).toThrow(/knots\.1: .* an R above that of the knot before/)
    expect(
      broken({
        knots: [
          [0.4, 120],
          [3, 40],
        ],
      }),
    ).toThrow(/100 %/)
    expect(broken({ mostR: 5 })).toThrow(/mostR: 5 .* that of the last knot, 3/)
    expect(broken({ knots: [[0.4, 100]] })).toThrow(/two knots/)
  })
})

test('an oximeter is a stream with a red and an infrared channel', () => {
  expect(oximeterChannels(spec)).toEqual({ red: 0, infrared: 1 })
  expect(oximeterChannels({ ...spec, wavelengths: [940, 530, 660] })).toEqual({ red: 2, infrared: 0 })
  expect(oximeterChannels({ ...spec, wavelengths: [530, 940] })).toBeNull()
})

describe('oximetry chain with noise, gaps and missing samples', () => {
  const [red, infrared] = light(0.7, { noise: 1, seconds: 50 })
  for (let i = 2400; i < 2405; i += 1) red[i] = Number.NaN
  for (let i = 2700; i < 2900; i += 1) infrared[i] = Number.NaN
  const block = (from: number, to: number, flags = 0) => ({
    start: from,
    length: to - from,
    flags,
    channels: [red.slice(from, to), infrared.slice(from, to)],
  })
  checkStageLaws({
    create: () => create(),
    input: [block(13, 1500), block(1504, 2200), block(2290, 3300), block(3700, 4000, sampleFlags.motion), block(4000, 5000)],
    fs,
    rounds: 3,
  })
})
