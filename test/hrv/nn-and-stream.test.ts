import { describe, expect, test } from 'vitest'
import { createHrvChain } from '../../src/hrv/hrv-chain.js'
import { measureHrv } from '../../src/hrv/measure-hrv.js'
import { type HrvBeat, selectNn } from '../../src/hrv/nn-series.js'
import { RunningHrv } from '../../src/hrv/running-hrv.js'
import { measureTimeDomain } from '../../src/hrv/time-domain.js'
import type { StreamChain } from '../../src/signal/chain.js'
import type { Observation } from '../../src/signal/observation.js'
import { seededRandom } from '../laws/random.js'
import { madeUpIntervals } from './intervals.js'

function beatsOf(intervals: readonly number[], change: (i: number) => Partial<HrvBeat> = () => ({})): HrvBeat[] {
  let time = 1
  return intervals.map((rrSeconds, i) => {
    time += rrSeconds
    return { time, rrSeconds, normal: true, quality: 1, ...change(i) }
  })
}

describe('NN intervals', () => {
  test('are those between two normal beats only, and nothing is joined across what was left out', () => {
    const { series, excludedShare } = selectNn(beatsOf(new Array<number>(20).fill(0.8), i => ({ normal: i !== 10 })))
    expect(series.intervals).toHaveLength(17)
    expect(series.joined.filter(joined => !joined)).toHaveLength(2)
    expect(excludedShare).toBeCloseTo(3 / 20, 9)
  })

  test('leave out an interval that no heart has, a sudden change, and poor signal', () => {
    const steady = new Array<number>(20).fill(0.8)
    steady[8] = 0.3
    steady[12] = 1.1
    const { series } = selectNn(beatsOf(steady, i => ({ quality: i === 16 ? 0.2 : 1 })))
    expect(series.intervals.every(interval => interval === 800_000)).toBe(true)
    expect(series.intervals).toHaveLength(15)
  })

  test('follow a new rate after a few beats', () => {
    const { series } = selectNn(beatsOf([...new Array<number>(10).fill(1), ...new Array<number>(10).fill(0.6)]))
    expect(series.intervals.filter(interval => interval === 600_000).length).toBeGreaterThanOrEqual(7)
  })

  test('do not hide how little there is: a window that they cover to less than 80 % measures nothing', () => {
    const beats = beatsOf(madeUpIntervals(1, 300), i => ({ normal: i % 4 !== 0 }))
    const result = measureHrv(beats, { from: 0, to: (beats.at(-1) as HrvBeat).time })
    expect(result.coverage).toBeLessThan(0.8)
    expect([result.time, result.lomb, result.sampleEntropy]).toEqual([null, null, null])
  })
})

describe('the running window', () => {
  test('equals the window computed anew, to the last bit, whatever came and went', () => {
    const random = seededRandom(11)
    const running = new RunningHrv()
    const beats = beatsOf(madeUpIntervals(3, 2000), () =>
      random() < 0.05 ? { normal: false } : random() < 0.02 ? { rrSeconds: null } : {},
    )
    const { series } = selectNn(beats)
    for (const [i, beat] of beats.entries()) {
      running.add(beat)
      if (i % 97 !== 0) continue
      const from = beat.time - 300
      running.forgetBefore(from)
      const keep = series.times.flatMap((time, k) => (time >= from && time <= beat.time ? [k] : []))
      const own = {
        times: keep.map(k => series.times[k] as number),
        intervals: keep.map(k => series.intervals[k] as number),
        joined: keep.map((k, place) => place > 0 && (series.joined[k] as boolean)),
      }
      expect(running.timeDomain).toEqual(measureTimeDomain(own))
    }
  })
})

/** A chain that says prepared beats, one a push. */
function chainOf(beats: readonly { index: number; rrSeconds: number | null }[]): StreamChain {
  let at = 0
  return {
    name: 'beats',
    latency: { min: 0, max: 0 },
    parameters: {},
    push(_block, emit) {
      const beat = beats[at++]
      if (beat === undefined) return
      const { index, rrSeconds } = beat
      emit({
        kind: 'beat',
        channel: 0,
        index,
        decided: index + 100,
        fraction: 0,
        beatClass: 'N',
        confidence: 1,
        reasons: [],
        rrSeconds,
        quality: 1,
      })
    },
    flush() {},
    save: () => at,
    load(state) {
      at = state as number
    },
  }
}

describe('the stream', () => {
  const fs = { num: 250, den: 1 }
  const spec = { id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs } as const
  const block = { start: 0, length: 1, flags: 0, channels: [new Float64Array(1)] }
  let index = 0
  const beats = madeUpIntervals(2, 1200).map(rr => {
    index += Math.round(rr * 250)
    return { index, rrSeconds: Math.round(rr * 250) / 250 }
  })
  const run = (chain: StreamChain, from: number, to: number, said: Observation[]): void => {
    for (let i = from; i < to; i++) chain.push(block, observation => said.push(observation))
  }

  test('tells the variability of the last five minutes each minute, null until there is enough', () => {
    const said: Observation[] = []
    run(createHrvChain(spec, chainOf(beats)), 0, beats.length, said)
    const rmssd = said.flatMap(one => (one.kind === 'measurement' && one.name === 'hrv-rmssd' ? [one] : []))
    expect(rmssd.length).toBeGreaterThanOrEqual(15)
    expect(rmssd.slice(0, 3).map(({ value, reason }) => [value, reason])).toEqual(new Array(3).fill([null, 'low-coverage']))
    const measured = rmssd.find(({ value }) => value !== null)!
    const expected = measureHrv(
      beats.map(({ index: at, rrSeconds }) => ({ time: at / 250, rrSeconds, normal: true, quality: 1 })),
      { from: measured.from / 250, to: measured.to / 250 },
    )
    expect(measured.value).toBeCloseTo(expected.time!.rmssd!, 6)
    const lf = said.flatMap(one => (one.kind === 'measurement' && one.name === 'hrv-lf' && one.value !== null ? [one.value] : []))
    expect(lf.length).toBeGreaterThanOrEqual(2)
  })

  test('goes on from a saved state', () => {
    const whole: Observation[] = []
    run(createHrvChain(spec, chainOf(beats)), 0, beats.length, whole)
    const first: Observation[] = []
    const before = createHrvChain(spec, chainOf(beats))
    run(before, 0, 700, first)
    const after = createHrvChain(spec, chainOf(beats))
    after.load(structuredClone(before.save()))
    run(after, 700, beats.length, first)
    expect(first).toEqual(whole)
  })

  test('does not tell the minutes of a long silence one by one', () => {
    const said: Observation[] = []
    const later = beats.slice(0, 10).map(beat => ({ ...beat, index: beat.index + 250 * 3600 * 24 }))
    run(createHrvChain(spec, chainOf([...beats.slice(0, 50), ...later])), 0, 60, said)
    expect(said.filter(one => one.kind === 'measurement').length).toBeLessThan(80)
  })
})
