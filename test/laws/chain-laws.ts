import { serialize } from 'node:v8'
import { describe, expect, test } from 'vitest'
import type { StreamChain } from '../../src/signal/chain.js'
import type { Observation } from '../../src/signal/observation.js'
import { isMissing, type StreamBlock, sampleFlags } from '../../src/signal/sample-block.js'
import { cutBlocks } from './blocks.js'
import { seededRandom } from './random.js'
import { run } from './stage-laws.js'

/** Whole signals of a stream, one array a channel. */
export type Channels = readonly Float64Array[]

export interface ChainLawOptions {
  readonly create: () => StreamChain
  /** A minute or so of what the chain is made for. */
  readonly channels: Channels
  /** Hz. */
  readonly fs: number
  readonly seed?: number
  /** Whether the signal is such that everything that can be said of it is said again after half a minute. */
  readonly steady?: boolean
}

/** A missing stretch up to this long may be bridged. */
const bridgedSeconds = 0.15

/**
 * Laws of chains beyond those of stages, under what devices really send: losses, dead channels, numbers that are none, flags, indices far
 * out. Registered as tests of the surrounding `describe`.
 */
export function checkChainLaws(options: ChainLawOptions): void {
  const { create, channels, fs } = options
  const seed = options.seed ?? 20261125

  describe('chain laws', () => {
    for (const [name, input] of Object.entries(hostileInputs(channels, fs, seed))) {
      test(`under ${name}: the same however cut and wherever saved, in order, finite, nothing out of nothing (seed ${seed})`, () => {
        const random = seededRandom(seed)
        const whole = run(create(), input)
        const said = whole.map(({ output }) => output)

        const pieces = cutBlocks(input, () => (random() < 0.3 ? 1 : random() * fs * 2))
        expect(run(create(), pieces).map(({ output }) => output)).toEqual(said)

        const restored: Observation[] = []
        let chain = create()
        for (const [number, piece] of pieces.entries()) {
          if (random() < 0.05 || number === 1) {
            const state = structuredClone(chain.save())
            chain = create()
            chain.load(state)
          }
          chain.push(piece, observation => restored.push(structuredClone(observation)))
        }
        chain.flush(observation => restored.push(structuredClone(observation)))
        expect(restored).toEqual(said)

        let previous = -1
        for (const { output, last } of whole) {
          expect(output.decided, describeObservation(output)).toBeGreaterThanOrEqual(previous)
          expect(output.decided, describeObservation(output)).toBeLessThanOrEqual(last)
          previous = output.decided
          expect(allNumbers(output), describeObservation(output)).toBe(true)
        }

        const held = heldSamples(input)
        for (const output of said) expect(supported(output, held, fs), `${describeObservation(output)} lies where nothing was`).toBe(true)
      })
    }

    if (options.steady ?? true)
      test('speaks again after a second of the codes that converters send for what is none', () => {
        const kinds = (observations: readonly Observation[]) =>
          new Set(observations.filter(speaks).map(one => (one.kind === 'measurement' ? one.name : one.kind)))
        const length = channels[0]!.length
        const broken = channels.map(samples => [
          ...samples,
          ...Array.from({ length: Math.round(fs) }, (_, i) => codes[i % codes.length]!),
          ...samples,
        ])
        const long = broken.map(samples => Float64Array.from(samples))
        const said = run(create(), [block(long, 0, long[0]!.length)]).map(({ output }) => output)
        const first = kinds(said.filter(({ decided }) => decided < length))
        const again = kinds(said.filter(({ decided }) => decided >= length + fs))
        // Rhythms and episodes come or not with what the signal shows; all else comes with any signal.
        for (const kind of first) if (kind !== 'rhythm' && kind !== 'episode') expect([...again]).toContain(kind)
      })

    test('keeps no more after 24 minutes than after 12', () => {
      const chain = create()
      const minutes: number[] = []
      const length = channels[0]!.length
      const rounds = Math.ceil((12 * 60 * fs) / length)
      for (let round = 0; round < 2 * rounds; round++) {
        for (const piece of cutBlocks([{ ...block(channels, 0, length), start: round * length }], () => fs)) chain.push(piece, () => {})
        if (round + 1 === rounds) minutes.push(serialize(chain.save()).length)
      }
      expect(serialize(chain.save()).length).toBeLessThan(minutes[0]! * 1.1 + 2000)
    })
  })
}

/** Lowest and highest of 16, 24 and 32 bits, as some devices send them unmarked. */
const codes = [-32768, 32767, -8388608, 8388607, -2147483648, 2147483647, 0, 0, -2147483648]

const extremes = [1e29, -1e29, 3e30, Number.MAX_VALUE, Number.NEGATIVE_INFINITY, 5e-324, 0, 1e29, 1e29, Number.NaN, -1e15, 1e15]

/** Inputs that no chain is made for and every chain meets. */
function hostileInputs(channels: Channels, fs: number, seed: number): Record<string, StreamBlock[]> {
  const random = seededRandom(seed)
  const length = channels[0]!.length
  const changed = (change: (value: number, index: number, channel: number) => number): Channels =>
    channels.map((samples, channel) => samples.map((value, index) => change(value, index, channel)))
  const from = Math.floor(length / 3)
  const until = Math.floor(length / 2)

  const lost: StreamBlock[] = []
  const holes = changed(value => value)
  for (const samples of holes)
    for (let at = 0; at < length; at += Math.ceil(random() * 9 * fs)) samples.fill(Number.NaN, at, at + Math.ceil(random() ** 4 * 6 * fs))
  for (let at = 3; at < length; ) {
    const to = Math.min(length, at + 1 + Math.floor(random() * 8 * fs))
    lost.push(block(holes, at, to))
    at = to + Math.floor(random() ** 3 * 4 * fs)
  }

  const flagged: StreamBlock[] = []
  const flags = [0, sampleFlags.leadOff, 0, sampleFlags.sensorOff, sampleFlags.motion, 0, sampleFlags.saturated, sampleFlags.historical]
  for (let at = 0, k = 0; at < length; k++) {
    const to = Math.min(length, at + 1 + Math.floor(random() * 9 * fs))
    flagged.push(block(channels, at, to, flags[k % flags.length]))
    at = to
  }

  return {
    'losses and missing samples': lost,
    'one channel missing': [
      block(
        changed((value, _, channel) => (channel === 0 ? Number.NaN : value)),
        0,
        length,
      ),
    ],
    'all channels missing': [
      block(
        changed(() => Number.NaN),
        0,
        length,
      ),
    ],
    'all channels missing for a while': [
      block(
        changed((value, index) => (index >= from && index < until ? Number.NaN : value)),
        0,
        length,
      ),
    ],
    'numbers that are none': [
      block(
        changed((value, index, channel) => (index >= from && index < until ? extremes[(index + channel) % extremes.length]! : value)),
        0,
        length,
      ),
    ],
    'one value for ever': [
      block(
        changed(() => 0),
        0,
        length,
      ),
    ],
    'flags of the device': flagged,
    'indices far out': [
      { ...block(channels, 0, from), start: 2 ** 40 + 17 },
      { ...block(channels, from, until), start: 2 ** 40 + 2 ** 31 },
      { ...block(channels, until, length), start: 2 ** 47 },
    ],
  }
}

function block(channels: Channels, from: number, to: number, flags = 0): StreamBlock {
  return { start: from, length: to - from, flags, channels: channels.map(samples => samples.slice(from, to)) }
}

/** Whether a sample of any channel in [from, to) was there. */
type Held = (from: number, to: number) => boolean

function heldSamples(input: readonly StreamBlock[]): Held {
  return (from, to) =>
    input.some(({ start, length, channels }) => {
      const low = Math.max(0, Math.floor(from) - start)
      const high = Math.min(length, Math.ceil(to) - start)
      for (let i = low; i < high; i++) if (channels.some(samples => !isMissing(samples[i]!))) return true
      return false
    })
}

/** A number or an event lies where there were samples; a carried-on value, a quality, a state need none. */
function supported(output: Observation, held: Held, fs: number): boolean {
  const reach = bridgedSeconds * fs
  switch (output.kind) {
    case 'measurement':
      return output.value === null || output.held === true || held(output.from, output.to)
    case 'beat':
    case 'fast-beat':
    case 'pulse':
    case 'breath':
      return held(output.index - reach, output.index + reach + 1)
    case 'quality':
      return output.quality < 0.5 || held(output.from, output.to)
    default:
      return true
  }
}

function speaks(output: Observation): boolean {
  return output.kind === 'measurement' ? output.value !== null : output.kind !== 'quality' || output.quality >= 0.5
}

/** Frames say by NaN what is missing; nothing else does, and nothing is infinite. */
function allNumbers(output: Observation): boolean {
  const finite = (value: unknown): boolean => {
    if (typeof value === 'number') return Number.isFinite(value)
    if (value instanceof Float64Array) return value.every(one => Number.isFinite(one) || (output.kind === 'frame' && Number.isNaN(one)))
    return typeof value !== 'object' || value === null || Object.values(value).every(finite)
  }
  return finite(output)
}

function describeObservation(output: Observation): string {
  return JSON.stringify(output, (_, value) => (value instanceof Float64Array ? `${value.length} samples` : value))
}
