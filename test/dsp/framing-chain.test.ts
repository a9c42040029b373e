import { describe, expect, test } from 'vitest'
import { canFrame, withFrames } from '../../src/dsp/framing-chain.js'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import type { StreamChain } from '../../src/signal/chain.js'
import type { FrameObservation, Observation } from '../../src/signal/observation.js'
import { type StreamBlock, sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { seededNormal } from '../laws/random.js'
import { checkStageLaws } from '../laws/stage-laws.js'
import { pulseTrain, steadyPeaks } from '../ppg/synthetic-pulses.js'

const spec = (num: number, den: number, channels: number): StreamSpec => ({
  id: 'a',
  kind: 'ppg',
  channels: Array.from({ length: channels }, (_, c) => `c${c}`),
  unit: 'NU',
  fs: { num, den },
})

/** Says nothing of its own. */
const mute: StreamChain = {
  name: 'mute',
  latency: { min: 0, max: 0 },
  parameters: {},
  push: () => undefined,
  flush: () => undefined,
  save: () => null,
  load: () => undefined,
}

const block = (start: number, channels: Float64Array[], flags = 0): StreamBlock => ({ start, length: channels[0]!.length, flags, channels })

function framesOf(chain: StreamChain, blocks: readonly StreamBlock[]): FrameObservation[] {
  const frames: FrameObservation[] = []
  const take = (observation: Observation) => {
    if (observation.kind === 'frame') frames.push(observation)
  }
  for (const each of blocks) chain.push(each, take)
  chain.flush(take)
  return frames
}

const missing = (values: Float64Array) => values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0)

describe('frames', () => {
  for (const [num, den] of [
    [25, 1],
    [64, 1],
    [125, 1],
    [624_725, 10_000],
    [10, 1],
  ] as const) {
    test(`hold the signal at the times they say, from ${num / den} Hz`, () => {
      const fs = num / den
      const wave = (index: number) => Math.cos((2 * Math.PI * 1.7 * index) / fs)
      const samples = Float64Array.from({ length: Math.round(20 * fs) }, (_, i) => wave(i))
      const frames = framesOf(withFrames(spec(num, den, 1), mute), [block(0, [samples])])
      expect(frames).toHaveLength(20)
      for (const { from, to, samples: channels } of frames.slice(2, 18)) {
        // Where the second begins between two samples, `from` is the one after it.
        const slack = Number.isInteger(fs) ? 2e-3 : (2 * Math.PI * 1.7) / fs
        for (let i = 0; i < 25; i++) expect(Math.abs(channels[0]![i]! - wave(from + (i * (to - from)) / 25))).toBeLessThan(slack)
      }
    })
  }

  test('hold nothing of what is missing, too long to bridge, or said with the sensor off', () => {
    const samples = new Float64Array(125 * 12).fill(5)
    samples.fill(Number.NaN, 125 * 4, 125 * 5)
    // Short enough to bridge.
    samples.fill(Number.NaN, 125 * 8, 125 * 8 + 12)
    const two = [samples, new Float64Array(samples.length).fill(1)]
    const part = (from: number, to: number, flags: number) =>
      block(
        from,
        two.map(channel => channel.slice(from, to)),
        flags,
      )
    const frames = framesOf(withFrames(spec(125, 1, 2), mute), [
      part(0, 1250, 0),
      part(1250, 1375, sampleFlags.sensorOff),
      part(1375, 1500, 0),
    ])
    expect(frames.map(frame => missing(frame.samples[0]!))).toEqual([16, 0, 0, 16, 25, 16, 0, 0, 0, 16, 25, 25])
    expect(frames.map(frame => missing(frame.samples[1]!))).toEqual([16, 0, 0, 0, 0, 0, 0, 0, 0, 16, 25, 25])
    for (const { samples: channels } of frames) {
      for (const value of channels[0]!) expect(Number.isNaN(value) || Math.abs(value - 5) < 1e-9).toBe(true)
    }
  })

  test('are left out for whole seconds that were lost, however many', () => {
    const second = () => [new Float64Array(50).fill(1)]
    const frames = framesOf(withFrames(spec(50, 1, 1), mute), [block(0, second()), block(50 * 1_000_000, second())])
    expect(frames.map(({ from }) => from)).toEqual([0, 50 * 1_000_000])
  })

  test('come with what the inner chain says, and take nothing from it', () => {
    const samples = pulseTrain({ fs: 125, seconds: 30, peaks: steadyPeaks(80, 30), height: 1, noise: 0.01 })
    const alone: Observation[] = []
    const beside: Observation[] = []
    const inner = createPpgChain(spec(125, 1, 1))
    const framed = withFrames(spec(125, 1, 1), createPpgChain(spec(125, 1, 1)))
    for (const [chain, said] of [
      [inner, alone],
      [framed, beside],
    ] as const) {
      chain.push(block(0, [samples]), observation => said.push(observation))
      chain.flush(observation => said.push(observation))
    }
    expect(beside.filter(({ kind }) => kind !== 'frame')).toEqual(alone)
    expect(beside.filter(({ kind }) => kind === 'frame')).toHaveLength(30)
  })

  test('are not made of a stream that is too slow for them', () => {
    expect(canFrame(spec(4, 1, 1))).toBe(false)
    expect(() => withFrames(spec(4, 1, 1), mute)).toThrow('4 Hz cannot be framed')
  })
})

describe('framing chain', () => {
  const fs = 125
  const normal = seededNormal(11)
  const pulses = pulseTrain({ fs, seconds: 60, peaks: steadyPeaks(80, 60), height: 1, noise: 0.01 })
  pulses.fill(Number.NaN, 1500, 1506)
  pulses.fill(Number.NaN, 2000, 2400)
  const other = Float64Array.from(pulses, () => normal())
  const piece = (from: number, to: number, start: number) => block(start, [pulses.slice(from, to), other.slice(from, to)])
  // Lost: a few samples, most of a second, and many seconds.
  const input = [piece(0, 3000, 37), piece(3000, 4500, 3045), piece(4500, 6000, 4640), piece(6000, 7500, 9000)]

  const create = () => withFrames(spec(fs, 1, 2), createPpgChain(spec(fs, 1, 2)))
  checkStageLaws({ create, input, fs })
  describe('without gaps', () => {
    checkStageLaws({ create, input: [piece(2500, 7400, 0)], fs })
  })
  describe('at 64 Hz over a silent chain', () => {
    const wave = pulseTrain({ fs: 64, seconds: 30, peaks: steadyPeaks(70, 30), height: 1 })
    checkStageLaws({ create: () => withFrames(spec(64, 1, 1), mute), input: [block(0, [wave])], fs: 64 })
  })
})
