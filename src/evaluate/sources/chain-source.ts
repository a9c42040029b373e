import { createEcgChain } from '../../ecg/ecg-chain.js'
import { VitalwireError } from '../../errors.js'
import { chooseKernel } from '../../kernel/choose-kernel.js'
import type { NewAnnotation } from '../../recording/wfdb-annotation-writer.js'
import { canonicalJson } from '../../signal/canonical-json.js'
import type { StreamChain } from '../../signal/chain.js'
import type { Observation } from '../../signal/observation.js'
import { hertz, type Rate } from '../../signal/rate.js'
import type { StreamSpec } from '../../signal/stream.js'
import type { TestInput, TestOutput, TestSource } from '../test-source.js'
import { openEcgFeed } from './ecg-feed.js'
import { LatencyMeter } from './latency-meter.js'
import { rejectedStretches } from './rejected-stretches.js'

export type ChainFactory = (spec: StreamSpec) => StreamChain

export interface ChainSourceOptions {
  readonly name: string
  readonly create: ChainFactory
  readonly channels: readonly (string | number)[] | null
  readonly packetSeconds: number
  readonly windowSeconds: number
  /** Files that the factory is made of. */
  readonly files?: readonly string[]
}

/** Our own pipeline. */
export function pipelineSource(options: Omit<ChainSourceOptions, 'name' | 'create'>): TestSource {
  const kernel = chooseKernel(process.env.VITALWIRE_KERNEL).name
  return new ChainSource({ ...options, name: 'vitalwire', create: spec => createEcgChain(spec, { kernel }) })
}

/** Runs a chain over recordings, packet by packet, and takes what it says of beats, quality and its own CPU time. */
export class ChainSource implements TestSource {
  readonly name: string
  readonly #options: ChainSourceOptions
  readonly #parameters = new Set<string>()

  constructor(options: ChainSourceOptions) {
    this.name = options.name
    this.#options = options
  }

  async read(input: TestInput): Promise<TestOutput> {
    const { create, channels, packetSeconds, windowSeconds } = this.#options
    const source = await input.open()
    try {
      const { spec, signals, firstSample, samples, run } = openEcgFeed(source, channels, packetSeconds)
      const chain = makeChain(create, spec, input.name)
      this.#parameters.add(canonicalJson({ chain: chain.name, parameters: chain.parameters }))
      const fsHz = hertz(spec.fs)
      const meter = new LatencyMeter(fsHz, Math.round(windowSeconds * fsHz))
      const observations: Observation[] = []
      let arrival = -1
      const emit = (observation: Observation): void => {
        observations.push(observation)
        if (observation.kind === 'beat') meter.confirmed(observation.index, arrival)
        else if (observation.kind === 'fast-beat') meter.fast(observation.index, arrival)
      }
      let micros = 0
      const timed = (work: () => void): void => {
        const before = process.cpuUsage()
        work()
        const { user, system } = process.cpuUsage(before)
        micros += user + system
      }
      await run(packet => {
        arrival = packet.start + packet.length - 1
        chain.push(packet, emit)
      }, timed)
      timed(() => chain.flush(emit))
      return {
        annotations: annotate(observations, spec.fs, firstSample, input.fs, signals),
        fastBeats: fastBeats(observations, spec.fs, firstSample, input.fs),
        rejected: rejectedStretches(observations, spec.channels.length).map(({ from, to }) => ({
          from: toFrames(from, spec.fs, firstSample, input.fs),
          to: toFrames(to, spec.fs, firstSample, input.fs),
        })),
        latency: meter.latency(),
        cpuSeconds: micros / 1e6,
        signalSeconds: samples / fsHz,
        observations: { fs: spec.fs, firstSample, observations },
      }
    } finally {
      await source.close()
    }
  }

  parameters(): readonly unknown[] | null {
    if (this.#parameters.size === 0) return null
    return [...this.#parameters].sort().map(text => JSON.parse(text) as unknown)
  }

  files(): readonly string[] {
    return this.#options.files ?? []
  }

  async close(): Promise<void> {}
}

/** A chain says by a RangeError that it cannot read a stream. */
function makeChain(create: ChainFactory, spec: StreamSpec, record: string): StreamChain {
  try {
    return create(spec)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new VitalwireError(
      'recording-format',
      `${record} cannot be read: ${cause.message}; accepted: what docs/algorithms/ecg-qrs.md says`,
      {
        cause,
      },
    )
  }
}

/** Confirmed beats as annotations. */
function annotate(
  observations: readonly Observation[],
  fs: Rate,
  firstSample: number,
  frames: Rate,
  signals: readonly number[],
): NewAnnotation[] {
  const beats: NewAnnotation[] = []
  for (const observation of observations) {
    if (observation.kind !== 'beat') continue
    const { index, beatClass, channel } = observation
    beats.push({ sample: toFrames(index, fs, firstSample, frames), symbol: beatClass, channel: signals[channel] ?? 0 })
  }
  return beats.sort((a, b) => a.sample - b.sample)
}

function fastBeats(observations: readonly Observation[], fs: Rate, firstSample: number, frames: Rate): number[] | null {
  const beats = observations.flatMap(one => (one.kind === 'fast-beat' ? [toFrames(one.index, fs, firstSample, frames)] : []))
  return beats.length === 0 ? null : beats.sort((a, b) => a - b)
}

/** Frames of the record, of a sample of the stream. */
function toFrames(index: number, fs: Rate, firstSample: number, frames: Rate): number {
  const sample = index + firstSample
  const scale = (frames.num * fs.den) / (frames.den * fs.num)
  return scale === 1 ? sample : Math.round(sample * scale)
}
