import { describe, expect, it } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.js'
import type { MeasurementObservation, Observation } from '../../src/signal/observation.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import { isSkinTemperature } from '../../src/signal/skin-sensor.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { createSkinTemperatureChain } from '../../src/vitals/skin-temperature-chain.js'
import { toCatalogueUnit } from '../../src/wire/ucum.js'
import { datasetPath } from '../recording/paths.js'

const fs = 4
const spec: StreamSpec = { id: 'temp', kind: 'temperature', channels: ['TEMP'], unit: 'Cel', fs: { num: fs, den: 1 } }

interface Part {
  readonly seconds: number
  readonly value: (second: number) => number
  readonly flags?: number
}

/** Parts one after the other, each a block; what is said of ten seconds each. */
function measure(parts: readonly Part[], of: StreamSpec = spec): MeasurementObservation[] {
  const chain = createSkinTemperatureChain(of)
  const said: Observation[] = []
  let start = 0
  for (const { seconds, value, flags = 0 } of parts) {
    const samples = Float64Array.from({ length: seconds * fs }, (_, i) => value(i / fs))
    chain.push({ start, length: samples.length, flags, channels: [samples] }, one => said.push(one))
    start += samples.length
  }
  chain.flush(one => said.push(one))
  return said.filter(one => one.kind === 'measurement')
}

const steady = (seconds: number, value: number): Part => ({ seconds, value: () => value })
const towards = (seconds: number, from: number, to: number): Part => ({
  seconds,
  value: t => to + (from - to) * Math.exp(-t / 300),
})
const reasons = (said: readonly MeasurementObservation[]) => said.map(one => one.reason ?? 'good')

describe('temperature of the skin', () => {
  it('is the mean of ten seconds, said with their last sample', () => {
    const said = measure([steady(30, 33.5)])
    expect(said.map(one => [one.name, one.value, one.quality, one.from, one.to, one.decided])).toEqual(
      [0, 1, 2].map(k => ['skin-temperature', 33.5, 1, k * 40, (k + 1) * 40, (k + 1) * 40 - 1]),
    )
  })

  it('is read in kelvin and degrees Fahrenheit, and in no other unit', () => {
    // The same units as a pack of numerics.
    for (const [unit, value] of [
      ['Cel', 33.5],
      ['K', 306.65],
      ['degF', 92.3],
      ['[degF]', 92.3],
    ] as const) {
      expect(measure([steady(10, value)], { ...spec, unit })[0]!.value).toBeCloseTo(33.5, 9)
      expect(toCatalogueUnit('skin-temperature', value, unit)).toBeCloseTo(33.5, 9)
    }
    expect(() => createSkinTemperatureChain({ ...spec, unit: 'uS' })).toThrow('none for temperature')
  })

  it('is none outside 10 to 45 degrees, with less than half of the samples, and while the device says that it is off', () => {
    expect(reasons(measure([steady(10, 85)]))).toEqual(['saturated'])
    expect(reasons(measure([steady(4, 33), steady(6, Number.NaN)]))).toEqual(['missing'])
    expect(reasons(measure([steady(5, 33), steady(5, Number.NaN)]))).toEqual(['good'])
    expect(reasons(measure([{ ...steady(10, 33), flags: sampleFlags.sensorOff }]))).toEqual(['sensor-off'])
    for (const one of measure([steady(10, 85)])) expect(one.value).toBeNull()
  })

  it('is not believed where it jumps', () => {
    const said = measure([steady(20, 33), steady(20, 35)])
    expect(reasons(said)).toEqual(['good', 'good', 'noise', 'good'])
    expect(said[2]).toMatchObject({ value: 35, quality: 0.4 })
  })

  it('is none from soon after the sensor was taken off until it is worn again', () => {
    const said = reasons(measure([steady(600, 33), towards(1200, 33, 22), towards(900, 22.2, 33)]))
    expect(said.slice(0, 60)).toEqual(Array(60).fill('good'))
    // Below 30 degrees about 95 s after it was taken off.
    expect(said.slice(60, 180).indexOf('sensor-off')).toBeGreaterThan(7)
    expect(said.slice(60, 180).indexOf('sensor-off')).toBeLessThan(12)
    expect(said.slice(75, 190)).toEqual(Array(115).fill('sensor-off'))
    expect(said.slice(230)).toEqual(Array(40).fill('good'))
  })

  it('does not take a cool wrist for one that is bare, nor judge a fall across a gap', () => {
    expect(new Set(reasons(measure([{ seconds: 3600, value: t => 29 - t / 1800 }])))).toEqual(new Set(['good']))
    const apart = measure([steady(60, 29.9), steady(900, Number.NaN), steady(60, 28)])
    expect(reasons(apart).slice(-6)).toEqual(Array(6).fill('good'))
  })

  it('judges a sensor that was off before a gap anew behind it, by its temperature alone', () => {
    const offBefore = [steady(300, 33), steady(60, 29.5), steady(7200, Number.NaN)]
    expect(reasons(measure(offBefore)).slice(30, 36)).toEqual(Array(6).fill('sensor-off'))
    expect(reasons(measure([...offBefore, steady(3600, 29.5)])).slice(-360)).toEqual(Array(360).fill('good'))
    expect(reasons(measure([...offBefore, steady(60, 25.9)])).slice(-6)).toEqual(Array(6).fill('sensor-off'))
    // Four minutes without samples are no such gap: means from before it are left.
    const short = measure([...offBefore.slice(0, 2), steady(240, Number.NaN), steady(60, 29.5)])
    expect(reasons(short).slice(-6)).toEqual(Array(6).fill('sensor-off'))
  })

  it('takes a rise of 1 degree within 5 minutes above 26 degrees for worn again, and no smaller one', () => {
    const off = [steady(300, 33), steady(600, 27)]
    const rising = (by: number): Part => ({ seconds: 200, value: t => 27 + (by * t) / 200 })
    expect(reasons(measure([...off, rising(0.9), steady(600, 27.9)])).slice(30)).toEqual(Array(140).fill('sensor-off'))
    const worn = reasons(measure([...off, rising(1.2), steady(600, 28.2)]))
    expect(worn.slice(30, 90)).toEqual(Array(60).fill('sensor-off'))
    expect(worn.slice(110)).toEqual(Array(60).fill('good'))
  })

  it('leaves temperatures of the body and of the room alone', () => {
    const named = (channel: string, site?: string) =>
      isSkinTemperature({ ...spec, channels: [channel], ...(site === undefined ? {} : { site }) })
    for (const channel of ['Temp rectal', 'T-core', 'Oral temp', 'Tympanic', 'Oesophageal', 'Ambient temp', 'Temp bladder'])
      expect(named(channel), channel).toBe(false)
    expect(named('TEMP', 'rectal')).toBe(false)
    for (const channel of ['TEMP', 'Skin temperature', 'DEV_Temperature', 'Wrist temp', 'temp near electrode'])
      expect(named(channel), channel).toBe(true)
  })
})

const recording = datasetPath('empatica-e4', 'S02')
it.skipIf(recording === null)('measures all of a session of a wristband that was worn (empatica-e4/S02)', async () => {
  const folder = await openRecording(recording!)
  const at = folder.signals.findIndex(({ name }) => name === 'TEMP')
  const { length, kind, unit, fs: rate } = folder.signals[at]!
  const [samples] = await folder.readPhysical([at], 0, length)
  const chain = createSkinTemperatureChain({ id: 'temp', kind, channels: ['TEMP'], unit, fs: rate })
  const said: Observation[] = []
  chain.push({ start: 0, length, flags: 0, channels: [samples!] }, one => said.push(one))
  const numbers = said.filter(one => one.kind === 'measurement')
  expect(numbers.length).toBeGreaterThan(330)
  for (const { value } of numbers) {
    expect(value).toBeGreaterThan(30)
    expect(value).toBeLessThan(36.5)
  }
  await folder.close()
})
