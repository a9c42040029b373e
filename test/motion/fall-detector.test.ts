import { describe, expect, it } from 'vitest'
import { createMotionChain } from '../../src/motion/motion-chain.js'
import type { EpisodeObservation, Observation } from '../../src/signal/observation.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { checkChainLaws } from '../laws/chain-laws.js'
import { type Direction, type Part, wearer } from './wearer.js'

const fs = 50
const spec: StreamSpec = { id: 'acc', kind: 'acceleration', channels: ['x', 'y', 'z'], unit: '[g]', fs: { num: fs, den: 1 } }

const upright: Direction = [0, 1, 0]
const lying: Direction = [0.1, 0.05, 0.99]

function falls(channels: readonly Float64Array[], cut = 25): EpisodeObservation[] {
  const said: Observation[] = []
  const chain = createMotionChain(spec)
  for (let start = 0; start < channels[0]!.length; start += cut) {
    const pieces = channels.map(axis => axis.slice(start, start + cut))
    chain.push({ start, length: pieces[0]!.length, flags: 0, channels: pieces }, observation => said.push(observation))
  }
  chain.flush(observation => said.push(observation))
  return said.filter(each => each.kind === 'episode').filter(({ episode }) => episode === 'fall')
}

const walk: Part = { seconds: 12, gravity: upright, steps: 2, swing: 0.3 }

describe('falls', () => {
  it('are told once the wearer has lain for eight seconds, with the place and strength of the blow', () => {
    const told = falls(wearer(fs, [walk, { seconds: 20, gravity: lying, blow: 3 }]))
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ on: true, unit: '[g]' })
    expect(told[0]!.index / fs).toBeGreaterThan(12)
    expect(told[0]!.index / fs).toBeLessThan(12.3)
    expect((told[0]!.decided - told[0]!.index) / fs).toBeCloseTo(8, 1)
    expect(told[0]!.value).toBeGreaterThan(2.2)
  })

  it('are over when the wearer is up again', () => {
    const told = falls(wearer(fs, [walk, { seconds: 30, gravity: lying, blow: 3 }, { seconds: 20, gravity: upright }]))
    expect(told.map(({ on }) => on)).toEqual([true, false])
    expect(told[1]!.index / fs - 42).toBeCloseTo(5, -1)
  })

  it('are not told of one who is up again within eight seconds, who lies down gently, jumps or runs', () => {
    expect(falls(wearer(fs, [walk, { seconds: 5, gravity: lying, blow: 3 }, { seconds: 20, gravity: upright }]))).toEqual([])
    expect(falls(wearer(fs, [walk, { seconds: 20, gravity: lying }]))).toEqual([])
    expect(falls(wearer(fs, [walk, { seconds: 2, gravity: upright, blow: 5 }, { seconds: 15, gravity: upright }]))).toEqual([])
    expect(falls(wearer(fs, [{ seconds: 60, gravity: upright, steps: 2.8, swing: 1.5 }]))).toEqual([])
  })

  it('are judged by what there is when the recording ends or is interrupted soon after', () => {
    expect(falls(wearer(fs, [walk, { seconds: 3, gravity: lying, blow: 3 }]))).toHaveLength(1)
    expect(falls(wearer(fs, [walk, { seconds: 1, gravity: lying, blow: 3 }]))).toEqual([])
    const channels = wearer(fs, [walk, { seconds: 20, gravity: lying, blow: 3 }])
    for (const axis of channels) axis.fill(Number.NaN, 15 * fs, 22 * fs)
    expect(falls(channels).map(({ decided }) => decided)).toEqual([22 * fs])
  })

  describe('and walks', () => {
    const minute = [walk, { seconds: 20, gravity: lying, blow: 3 }, { seconds: 12, gravity: upright }, { ...walk, seconds: 16 }]
    checkChainLaws({ create: () => createMotionChain(spec), channels: wearer(fs, minute), fs })
  })

  it('need three axes of a unit of acceleration', () => {
    expect(() => createMotionChain({ ...spec, channels: ['x'] })).toThrow('1 channels are no acceleration; accepted: three axes')
    expect(() => createMotionChain({ ...spec, unit: 'mV' })).toThrow('unit mV is none for acceleration')
    expect(() => createMotionChain({ ...spec, fs: { num: 5, den: 1 } })).toThrow('5 Hz is no rate for the motion chain')
  })
})
