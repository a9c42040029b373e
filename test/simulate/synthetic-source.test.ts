import { describe, expect, it } from 'vitest'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import { ratioOfRatios } from '../../src/simulate/ppg-model.js'
import { scenarioNames } from '../../src/simulate/scenario.js'
import { collect } from '../device/receive.js'
import { deviation, intervals, mean, rate, read, signal, simulate, spread } from './simulation.js'

describe('a simulated patient', () => {
  it('is the same to the byte for the same seed and another for another', async () => {
    const bytes = async (seed: number) => {
      const messages = await collect(createVirtualDevice({ source: simulate('motion', 60, seed), boot: 1 }).messages())
      return Buffer.concat(messages.map(({ payload }) => payload))
    }
    expect((await bytes(5)).equals(await bytes(5))).toBe(true)
    expect((await bytes(5)).equals(await bytes(6))).toBe(false)
  })

  it('has equal samples wherever reading begins', async () => {
    for (const scenario of scenarioNames) {
      const source = simulate(scenario, 120)
      for (const { index, fs } of source.signals) {
        const [whole] = await source.readDigital([index], 0, 120 * fs.num)
        expect(whole!.length).toBe(120 * fs.num)
        for (const [from, length] of [
          [0, 1],
          [7 * fs.num + 3, 41],
          [20 * fs.num - 1, 777],
          [119 * fs.num, 1000],
        ] as const) {
          const [part] = await source.readDigital([index], from, length)
          expect(part).toEqual(whole!.subarray(from, from + length))
        }
      }
    }
  })

  it('has its R peaks within one sample of the truth, in every rhythm and both leads', async () => {
    const worst: Record<string, number> = {}
    for (const scenario of ['stable', 'af', 'vt', 'desaturation'] as const) {
      for (const seed of [1, 2, 3]) {
        const source = simulate(scenario, 150, seed)
        const beats = source.truth.beats(1, 149)
        expect(beats.length).toBeGreaterThan(120)
        for (const lead of [signal.leadII, signal.leadV5]) {
          const ecg = await read(source, lead, 0, 150)
          for (const { time } of beats) {
            const at = time * rate.ecg
            let peak = Math.round(at) - 15
            for (let i = peak; i <= Math.round(at) + 15; i++) if (ecg[i]! > ecg[peak]!) peak = i
            worst[scenario] = Math.max(worst[scenario] ?? 0, Math.abs(peak - Math.round(at)))
          }
        }
      }
    }
    for (const [scenario, distance] of Object.entries(worst)) expect(distance, scenario).toBeLessThanOrEqual(1)
  })

  it('breathes into its heart rate: RR intervals follow respiration and Mayer waves within physiological bounds', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { truth } = simulate('stable', 600, seed)
      const rr = intervals(truth.beats(0, 600).map(({ time }) => time))
      expect(60 / mean(rr)).toBeCloseTo(truth.heartRate(300), 0)
      const variation = deviation(rr) / mean(rr)
      expect(variation).toBeGreaterThan(0.02)
      expect(variation).toBeLessThan(0.08)
    }
  })

  it('shows its saturation in the ratio of red to infrared pulses', async () => {
    for (const at of [10, 100, 130]) {
      const source = simulate('desaturation', 200)
      const [red, infrared] = [await read(source, signal.red, at, at + 8), await read(source, signal.infrared, at, at + 8)]
      // Pulses only: what one beat's span does not hold is breathing.
      const pulse = (values: Float64Array) => {
        const heights: number[] = []
        const beats = source.truth.beats(at + 0.5, at + 7).map(({ time }) => time)
        beats.forEach((time, i) => {
          const next = beats[i + 1]
          if (next === undefined) return
          const beat = values.subarray(Math.round((time - at) * rate.ppg), Math.round((next - at) * rate.ppg))
          heights.push((Math.max(...beat) - Math.min(...beat)) / mean(beat))
        })
        return mean(heights)
      }
      const ratio = pulse(red) / pulse(infrared)
      expect(Math.abs(110 - 25 * ratio - source.truth.saturation(at + 4)), `at ${at} s`).toBeLessThan(1.5)
    }
    expect(110 - 25 * ratioOfRatios(97)).toBeCloseTo(97, 10)
  })

  it('breathes at its respiratory rate in the impedance', async () => {
    const source = simulate('stable', 120)
    const values = await read(source, signal.respiration, 0, 120)
    let crossings = 0
    let above = false
    for (const value of values) {
      if (above ? value < -0.15 : value > 0.15) {
        above = !above
        if (above) crossings++
      }
    }
    expect(Math.abs(crossings / 2 - source.truth.respiratoryRate(60))).toBeLessThanOrEqual(1)
  })

  it('does not grow: samples and beats of a month later cost what those of the first minute do', async () => {
    const source = simulate('af', Number.POSITIVE_INFINITY)
    const month = 30 * 86_400
    const ecg = await read(source, signal.leadII, month, month + 10)
    expect(spread(ecg)).toBeGreaterThan(1)
    expect(source.truth.beats(month, month + 60).length).toBeGreaterThan(50)
  })
})

describe('scenarios', () => {
  it('stable: nothing happens', () => {
    const { truth } = simulate('stable', 3600)
    expect(truth.labels(0, 3600)).toEqual([])
    expect(truth.saturation(3000)).toBe(truth.saturation(0))
  })

  it('sepsis-drift: pulse, breathing and temperature rise, then pressure and alertness fall', () => {
    const source = simulate('sepsis-drift', 3600)
    const number = (name: string, from: number, to: number) => {
      const found: unknown[] = []
      for (let second = from; second < to; second++) {
        for (const value of source.numerics.at(second)) if (value.name === name) found.push(value.value)
      }
      return found
    }
    expect(source.truth.heartRate(2400)).toBe(128)
    expect(source.truth.respiratoryRate(2400)).toBe(28)
    expect(Math.max(...(number('nibp-systolic', 2100, 2700) as number[]))).toBeLessThan(95)
    expect(Math.min(...(number('temperature', 2100, 2400) as number[]))).toBeGreaterThan(38.8)
    expect(Math.max(...(number('spo2', 2100, 2400) as number[]))).toBeLessThan(94)
    expect(number('consciousness', 0, 1200)).not.toContain('C')
    expect(number('consciousness', 1500, 1600)).toContain('C')
  })

  it('desaturation: the device sends it too, and it comes back', () => {
    const source = simulate('desaturation', 300)
    const spo2 = (second: number) => source.numerics.at(second).find(({ name }) => name === 'spo2')?.value
    expect(spo2(15)).toBeGreaterThan(95)
    expect(spo2(100)).toBeLessThan(84)
    expect(spo2(250)).toBeGreaterThan(95)
  })

  it('af: irregular intervals without P waves, in turn with a regular rhythm', async () => {
    const source = simulate('af', 300)
    const rr = (from: number, to: number) => intervals(source.truth.beats(from, to).map(({ time }) => time))
    expect(deviation(rr(30, 250)) / mean(rr(30, 250))).toBeGreaterThan(0.12)
    expect(Math.min(...rr(30, 250))).toBeGreaterThan(0.25)
    expect(deviation(rr(0, 19)) / mean(rr(0, 19))).toBeLessThan(0.08)
    expect(source.truth.labels(0, 300)).toEqual([{ label: 'af', from: 20, to: 260 }])
  })

  it('asystole: no beat, no QRS and no pulse for 15 s', async () => {
    const source = simulate('asystole', 60)
    expect(source.truth.beats(21, 34.5)).toEqual([])
    expect(source.truth.beats(36, 60).length).toBeGreaterThan(15)
    expect(spread(await read(source, signal.leadII, 22, 34))).toBeLessThan(0.2)
    expect(spread(await read(source, signal.leadII, 8, 18))).toBeGreaterThan(0.6)
    const pulse = (values: Float64Array) => spread(values) / mean(values)
    expect(pulse(await read(source, signal.infrared, 22, 34))).toBeLessThan(0.01)
    expect(pulse(await read(source, signal.infrared, 8, 18))).toBeGreaterThan(0.015)
  })

  it('vt: wide complexes at 182 /min', async () => {
    const source = simulate('vt', 60)
    const beats = source.truth.beats(21, 39)
    expect(new Set(beats.map(({ beatClass }) => beatClass))).toEqual(new Set(['V']))
    expect(60 / mean(intervals(beats.map(({ time }) => time)))).toBeCloseTo(182, -1)
    const ecg = await read(source, signal.leadII, 0, 60)
    // Width at half height of the R wave, ms.
    const width = (time: number) => {
      const peak = Math.round(time * rate.ecg)
      let left = peak
      while (ecg[left]! > ecg[peak]! / 2) left--
      let right = peak
      while (ecg[right]! > ecg[peak]! / 2) right++
      return ((right - left) * 1000) / rate.ecg
    }
    expect(mean(beats.map(({ time }) => width(time)))).toBeGreaterThan(70)
    expect(mean(source.truth.beats(2, 18).map(({ time }) => width(time)))).toBeLessThan(50)
  })

  it('lead-off, sensor-off, motion: in the signal, in the flags and, but for motion, as events', async () => {
    const leadOff = simulate('lead-off', 90)
    expect(new Set(await read(leadOff, signal.leadII, 21, 59))).toEqual(new Set([32]))
    expect(leadOff.faults.events.map(({ t, event, on, signal: of }) => [t, event, on, of])).toEqual([
      [20e6, 'lead-off', true, 0],
      [20e6, 'lead-off', true, 4],
      [60e6, 'lead-off', false, 0],
      [60e6, 'lead-off', false, 4],
    ])
    const sensorOff = simulate('sensor-off', 90)
    expect(mean(await read(sensorOff, signal.red, 21, 59))).toBeLessThan(0.1 * mean(await read(sensorOff, signal.red, 5, 15)))
    expect(sensorOff.faults.flags).toEqual([{ signal: 2, from: 2000, to: 6000, flags: 32 }])
    const motion = simulate('motion', 90)
    expect(spread(await read(motion, signal.infrared, 21, 59))).toBeGreaterThan(2 * spread(await read(motion, signal.infrared, 5, 15)))
    expect(motion.faults.events).toEqual([])
    expect(motion.faults.flags.map(({ flags }) => flags)).toEqual([16, 16, 16])
  })

  it('come again and again in an endless simulation', () => {
    const { truth } = simulate('asystole', Number.POSITIVE_INFINITY)
    expect(truth.labels(0, 1900).map(({ from }) => from)).toEqual([20, 620, 1220, 1820])
    expect(truth.beats(622, 634)).toEqual([])
    expect(truth.beats(640, 660).length).toBeGreaterThan(15)
  })
})
