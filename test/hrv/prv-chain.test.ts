import { describe, expect, test } from 'vitest'
import { selectNn } from '../../src/hrv/nn-series.js'
import { createPrvChain } from '../../src/hrv/prv-chain.js'
import { measureTimeDomain } from '../../src/hrv/time-domain.js'
import { planStream } from '../../src/monitor/plan.js'
import type { StreamChain } from '../../src/signal/chain.js'
import type { MeasurementObservation, Observation, PulseObservation } from '../../src/signal/observation.js'
import { listen, pulseTrain } from '../ppg/synthetic-pulses.js'
import { madeUpIntervals } from './intervals.js'

const fs = 100
const spec = { id: 'ppg', kind: 'ppg', channels: ['PLETH'], unit: '1', fs: { num: fs, den: 1 } } as const

type Pulse = Pick<PulseObservation, 'index' | 'intervalSeconds' | 'quality'>

/** A chain that says prepared pulses, one a push. */
function chainOf(pulses: readonly Pulse[]): StreamChain {
  let at = 0
  return {
    name: 'pulses',
    latency: { min: 0, max: 0 },
    parameters: {},
    push(_block, emit) {
      const pulse = pulses[at++]
      if (pulse !== undefined) emit({ kind: 'pulse', channel: 1, decided: pulse.index + 30, ...pulse })
    },
    flush() {},
    save: () => at,
    load(state) {
      at = state as number
    },
  }
}

function pulsesOf(intervals: readonly number[], change: (i: number) => Partial<Pulse> = () => ({})): Pulse[] {
  let time = 0
  return intervals.map((intervalSeconds, i) => {
    time += intervalSeconds
    return { index: Math.round(time * fs), intervalSeconds, quality: 1, ...change(i) }
  })
}

const block = { start: 0, length: 1, flags: 0, channels: [new Float64Array(1)] }

function run(chain: StreamChain, count: number): Observation[] {
  const said: Observation[] = []
  for (let i = 0; i < count; i++) chain.push(block, observation => said.push(observation))
  return said
}

function of(said: readonly Observation[], name: string): MeasurementObservation[] {
  return said.flatMap(one => (one.kind === 'measurement' && one.name === name ? [one] : []))
}

describe('pulse rate variability', () => {
  const intervals = madeUpIntervals(4, 900)

  test('is that of the intervals between the pulses of the last five minutes, under names of its own', () => {
    const pulses = pulsesOf(intervals)
    const said = run(createPrvChain(spec, chainOf(pulses)), pulses.length)
    const names = new Set(said.flatMap(one => (one.kind === 'measurement' ? [one.name] : [])))
    expect([...names]).toEqual(['prv-sdnn', 'prv-rmssd', 'prv-pnn50'])
    const { series } = selectNn(
      pulses.map(({ index, intervalSeconds }) => ({ time: index / fs, rrSeconds: intervalSeconds, normal: true, quality: 1 })),
    )
    const within = ({ from, to }: MeasurementObservation) => {
      const keep = series.times.flatMap((time, k) => (time >= from / fs && time < to / fs ? [k] : []))
      return measureTimeDomain({
        times: keep.map(k => series.times[k]!),
        intervals: keep.map(k => series.intervals[k]!),
        joined: keep.map((k, place) => place > 0 && series.joined[k]!),
      })
    }
    const measured = of(said, 'prv-sdnn').filter(({ value }) => value !== null)
    expect(measured.length).toBeGreaterThanOrEqual(8)
    for (const one of measured) {
      expect(one.value).toBeCloseTo(within(one).sdnn!, 9)
      expect([one.channel, one.algorithm]).toEqual([1, 'prv'])
      expect(one.decided).toBeGreaterThanOrEqual(one.to + 4 * fs)
    }
    const rmssd = of(said, 'prv-rmssd').filter(({ value }) => value !== null)
    const pnn50 = of(said, 'prv-pnn50').filter(({ value }) => value !== null)
    expect(rmssd.map(({ value }) => value)).toEqual(rmssd.map(one => within(one).rmssd))
    expect(pnn50.map(({ value }) => value)).toEqual(pnn50.map(one => within(one).pnn50))
  })

  test('is null with a reason when pulses worth less than a half leave less than 80 % of the window', () => {
    const pulses = pulsesOf(intervals, i => (i % 4 === 0 ? { quality: 0.4 } : {}))
    const sdnn = of(run(createPrvChain(spec, chainOf(pulses)), pulses.length), 'prv-sdnn')
    expect(sdnn.length).toBeGreaterThanOrEqual(10)
    for (const { value, reason, quality } of sdnn) {
      expect([value, reason]).toEqual([null, 'low-coverage'])
      expect(quality).toBeLessThan(0.8)
    }
  })

  test('does not take an interval across a missed pulse for one', () => {
    const steady = new Array<number>(800).fill(0.8)
    const pulses = pulsesOf(steady.map((interval, i) => (i % 20 === 0 ? 2 * interval : interval)))
    const measured = of(run(createPrvChain(spec, chainOf(pulses)), pulses.length), 'prv-rmssd').filter(({ value }) => value !== null)
    expect(measured.length).toBeGreaterThan(0)
    for (const { value } of measured) expect(value).toBe(0)
  })

  test('of a wave comes through the chain of light, near that of the intervals which made it', () => {
    // 70 /min with a breath every 4 s that moves the interval by 40 ms: SDNN 28 ms.
    const peaks = [0.6]
    while (peaks.at(-1)! < 370) {
      const t = peaks.at(-1)!
      peaks.push(t + 0.857 + 0.04 * Math.sin((2 * Math.PI * t) / 4))
    }
    const wave = pulseTrain({ fs, seconds: 370, peaks, height: 1, noise: 0.01 })
    const said = listen(planStream(spec).chain, [wave])
    const sdnn = of(said, 'prv-sdnn').filter(({ value }) => value !== null)
    expect(sdnn.length).toBeGreaterThanOrEqual(2)
    for (const { value } of sdnn) expect(Math.abs(value! - 28.3)).toBeLessThan(2)
    expect(of(said, 'hrv-sdnn')).toEqual([])
  })
})
