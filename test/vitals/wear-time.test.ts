import { describe, expect, it } from 'vitest'
import { MonitoredStream } from '../../src/monitor/monitored-stream.js'
import { planStream } from '../../src/monitor/plan.js'
import type { MeasurementObservation, Observation, QualityReason } from '../../src/signal/observation.js'
import { type StreamBlock, sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { WearTime, type WornHour } from '../../src/vitals/wear-time.js'

const second = 1e6
const hour = 3600 * second

/** A second each, of one channel, from patient time `t` on. */
function follow(wear: WearTime, t: number, reasons: readonly QualityReason[]): WornHour[] {
  return reasons.flatMap((reason, i) => {
    const start = t + i * second
    return wear.quality({ from: Math.round(start / second), to: Math.round(start / second) + 1, start, end: start + second }, reason)
  })
}

const seconds = (count: number, reason: QualityReason) => Array<QualityReason>(count).fill(reason)
const minutes = (hours: readonly WornHour[]) =>
  hours.map(({ start, wornMinutes, knownMinutes }) => [start / hour, wornMinutes, knownMinutes])

describe('time worn in an hour of the clock', () => {
  it('is what had contact, told when the hour is over; what was lost is not known', () => {
    const wear = new WearTime('ecg')
    expect(follow(wear, hour - 600 * second, [...seconds(300, 'good'), ...seconds(300, 'lead-off')])).toEqual([])
    const told = follow(wear, hour, [...seconds(1800, 'noise'), ...seconds(600, 'missing'), ...seconds(1200, 'lead-off'), 'good'])
    expect(minutes(told)).toEqual([
      [0, 5, 10],
      [1, 30, 50],
    ])
    expect(told.map(({ from, to }) => [from, to])).toEqual([
      [3000, 3600],
      [3600, 7200],
    ])
    expect(minutes(wear.end())).toEqual([[2, 1 / 60, 1 / 60]])
  })

  it('is known of light only where there are pulses, or it says that it is off', () => {
    const wear = new WearTime('ppg')
    follow(wear, 0, [...seconds(60, 'good'), ...seconds(60, 'flat'), ...seconds(60, 'low-perfusion'), ...seconds(60, 'sensor-off')])
    expect(minutes(wear.end())).toEqual([[0, 1, 2]])
  })

  it('counts a second when one lead of several has contact', () => {
    const wear = new WearTime('ecg')
    for (let i = 0; i < 120; i += 1) {
      for (const reason of ['missing', 'lead-off', i < 60 ? 'good' : 'lead-off'] as const) {
        wear.quality({ from: i, to: i + 1, start: i * second, end: (i + 1) * second }, reason)
      }
    }
    expect(minutes(wear.end())).toEqual([[0, 1, 2]])
  })

  it('follows a clock that jumps: years ahead at no cost, years back from there on, and no hour of more than 60 min', () => {
    const wear = new WearTime('ecg')
    const years = 10 * 365.25 * 24 * hour
    follow(wear, years, seconds(60, 'good'))
    const ahead = wear.quality({ from: 1e6, to: 1e9, start: years + 60 * second, end: 3 * years }, 'missing')
    expect(ahead).toEqual([])
    expect(minutes(follow(wear, 3 * years, seconds(60, 'good')))).toEqual([[years / hour, 1, 1]])
    expect(minutes(follow(wear, 0, seconds(61, 'good')))).toEqual([[(3 * years) / hour, 1, 1]])
    follow(wear, 61 * second, seconds(3539, 'good'))
    follow(wear, 600 * second, seconds(2900, 'good'))
    expect(minutes(wear.end())).toEqual([[0, 60, 60]])
  })

  it('goes on from a saved state as if never stopped', () => {
    const input = [...seconds(3000, 'good'), ...seconds(1200, 'sensor-off'), ...seconds(3200, 'good')]
    const whole = new WearTime('ppg')
    const told = [...follow(whole, 100 * second, input), ...whole.end()]
    let cut = new WearTime('ppg')
    const again: WornHour[] = []
    for (let i = 0; i < input.length; i += 777) {
      again.push(...follow(cut, (100 + i) * second, input.slice(i, i + 777)))
      const saved = structuredClone(cut.save())
      cut = new WearTime('ppg')
      cut.load(saved)
    }
    expect([...again, ...cut.end()]).toEqual(told)
    expect(told).toHaveLength(3)
  })
})

describe('time worn by acceleration', () => {
  const fs = 10
  const spec: StreamSpec = { id: 'acc', kind: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', fs: { num: fs, den: 1 } }
  const from = 10 * 60

  /** From 10:10 of the clock on: worn until 11:40, on a table until 13:10, worn to 14:00; a loss from 10:20 to 10:35. */
  function draw(): Float64Array[] {
    const length = 230 * 60 * fs
    return [0, 1, 2].map(axis =>
      Float64Array.from({ length }, (_, i) => {
        const minute = from + 10 + i / fs / 60
        const table = minute >= from + 100 && minute < from + 190
        const missing = minute >= from + 20 && minute < from + 35
        const move = table ? 0.001 * ((i * 7919) % 3) : 0.3 * Math.sin(i / (5 + axis))
        return missing ? Number.NaN : (axis === 2 ? 1 : 0) + move
      }),
    )
  }

  function run(cuts: number): [number, number][] {
    const channels = draw()
    const length = channels[0]!.length
    const create = () => new MonitoredStream(spec, planStream(spec).chain)
    let stream = create()
    stream.timeline.add({ index: 0, patientTime: (from + 10) * 60 * second })
    const said: Observation[] = []
    const sink = { observation: (one: Observation) => void said.push(one), gap: () => {} }
    for (let start = 0; start < length; start += cuts) {
      const end = Math.min(length, start + cuts)
      const block: StreamBlock = { start, length: end - start, flags: 0, channels: channels.map(one => one.slice(start, end)) }
      stream.push(block, sink)
      if (start % 7 === 0) {
        const saved = structuredClone(stream.save())
        stream = create()
        stream.load(saved)
      }
    }
    stream.flush(sink)
    for (let i = 1; i < said.length; i += 1) expect(said[i]!.decided).toBeGreaterThanOrEqual(said[i - 1]!.decided)
    const hours = said.filter((one): one is MeasurementObservation => one.kind === 'measurement' && one.name === 'wear-time')
    return hours.map(({ value, quality }) => [value!, 60 * quality])
  }

  it('leaves out what lay on a table, though that is told an hour later, and what was lost', () => {
    const hours = run(100 * fs)
    expect(hours).toHaveLength(4)
    for (const [k, [worn, known]] of [
      [35, 35],
      [40, 60],
      [0, 60],
      [50, 60],
    ].entries()) {
      // Non-wear is found on quarters of an hour of the stream's own counter.
      expect(Math.abs(hours[k]![0] - worn!), `hour ${k}`).toBeLessThanOrEqual(15)
      expect(hours[k]![1]).toBeCloseTo(known!, 1)
    }
    expect(hours[2]![0]).toBeLessThan(1)
    expect(run(577 * fs)).toEqual(hours)
  })

  it('counts a sensor that says that it is off as off', () => {
    const stream = new MonitoredStream(spec, planStream(spec).chain)
    stream.timeline.add({ index: 0, patientTime: 0 })
    const said: Observation[] = []
    const sink = { observation: (one: Observation) => void said.push(one), gap: () => {} }
    const channels = draw().map(one => one.slice(0, 120 * fs))
    for (const [start, flags] of [
      [0, 0],
      [120 * fs, sampleFlags.sensorOff],
    ] as const) {
      stream.push({ start, length: 120 * fs, flags, channels }, sink)
    }
    stream.flush(sink)
    expect(said.at(-1)).toMatchObject({ name: 'wear-time', value: 2, quality: 4 / 60, from: 0, to: 240 * fs })
  })
})
