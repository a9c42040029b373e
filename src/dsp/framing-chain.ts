import type { StreamChain } from '../signal/chain.js'
import { frameRate, type Observation } from '../signal/observation.js'
import { hertz, type Rate } from '../signal/rate.js'
import { checkBlock, type SampleBlock, type StreamBlock, sampleFlags } from '../signal/sample-block.js'
import { ChannelSplitter } from '../signal/split-valid.js'
import type { Latency, Stage, StageState } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { createResampler } from './resampler.js'
import { secondOf, secondStart } from './second-grid.js'
import { copyState, restoreState } from './state.js'

/** Missing samples of a channel are bridged up to this long; the filter starts anew after more. */
const bridgeSeconds = 0.1
/** Below, a stream has not the band that frames are read for. */
const lowestFs = 8
const to: Rate = { num: frameRate, den: 1 }

type Emit = (observation: Observation) => void

/** A second under way: the values so far, by channel, NaN where none came. */
interface PendingFrame {
  readonly second: number
  readonly samples: Float64Array[]
}

/** Whether `withFrames` can frame a stream: one that is too slow, or of a rate with no handy fraction of `frameRate`, cannot be. */
export function canFrame({ fs }: StreamSpec): boolean {
  if (!(hertz(fs) >= lowestFs)) return false
  try {
    createResampler({ from: fs, to })
    return true
  } catch (cause) {
    // What the resampler says of a rate that it has no filter bank for.
    if (cause instanceof RangeError) return false
    throw cause
  }
}

/**
 * All that the inner chain says, and beside it each second of the stream at `frameRate` as a `frame`, once the filter has passed its
 * last sample. A second of which every sample was lost has no frame. Throws RangeError unless `canFrame`.
 */
export function withFrames(spec: StreamSpec, inner: StreamChain): StreamChain {
  if (!canFrame(spec)) throw new RangeError(`stream ${spec.id}: ${hertz(spec.fs)} Hz cannot be framed at ${frameRate} Hz`)
  return new FramingChain(spec, inner)
}

class FramingChain implements StreamChain {
  readonly name: string
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  readonly #spec: StreamSpec
  readonly #inner: StreamChain
  /** Samples from the one that an output stands for to the one with which it is known. */
  readonly #delay: number
  readonly #channels: readonly { readonly splitter: ChannelSplitter; readonly resampler: Stage<SampleBlock, SampleBlock> }[]
  readonly #state: { next: number; pending: PendingFrame[] } = { next: -1, pending: [] }

  constructor(spec: StreamSpec, inner: StreamChain) {
    this.#spec = spec
    this.#inner = inner
    this.name = inner.name
    this.parameters = { ...inner.parameters, frames: { frameRate, bridgeSeconds, version: 1 } }
    const bridge = Math.floor(bridgeSeconds * hertz(spec.fs))
    this.#channels = spec.channels.map(() => ({
      splitter: new ChannelSplitter(bridge),
      resampler: createResampler({ from: spec.fs, to }),
    }))
    this.#delay = bridge + (this.#channels[0]?.resampler.latency.max ?? 0)
    // The last output of a second stands up to 1 / frameRate before its end.
    const least = Math.max(0, this.#delay - Math.ceil(hertz(spec.fs) / frameRate))
    this.latency = { min: Math.min(inner.latency.min, least), max: Math.max(inner.latency.max, this.#delay + 1) }
  }

  push(block: StreamBlock, emit: Emit): void {
    checkBlock(block, this.#spec.channels.length, this.#state.next)
    if (block.length === 0) return
    const s = this.#state
    const said: Observation[] = []
    this.#inner.push(block, observation => said.push(observation))
    this.#open(block.start, block.start + block.length)
    const off = (block.flags & (sampleFlags.sensorOff | sampleFlags.leadOff)) !== 0
    const nothing = off ? new Float64Array(block.length).fill(Number.NaN) : null
    this.#channels.forEach(({ splitter, resampler }, c) => {
      const write = (output: SampleBlock) => this.#write(c, output)
      splitter.push(block.start, block.flags, nothing ?? block.channels[c]!.subarray(0, block.length), {
        block: piece => resampler.push(piece, write),
        gap: () => undefined,
      })
    })
    s.next = block.start + block.length
    let taken = 0
    while (s.pending.length > 0) {
      const frame = s.pending[0]!
      const known = this.#knownAt(frame.second)
      if (known >= s.next) break
      // The sample with which it would have been known may be lost.
      const decided = Math.max(known, block.start)
      for (; taken < said.length && said[taken]!.decided <= decided; taken += 1) emit(said[taken]!)
      this.#emitFrame(frame, decided, emit)
      s.pending.shift()
    }
    for (; taken < said.length; taken += 1) emit(said[taken]!)
  }

  flush(emit: Emit): void {
    const s = this.#state
    let end = s.next - 1
    this.#inner.flush(observation => {
      if (observation.decided > end) end = observation.decided
      emit(observation)
    })
    for (const frame of s.pending) this.#emitFrame(frame, end, emit)
    Object.assign(s, { next: -1, pending: [] })
    for (const { splitter, resampler } of this.#channels) {
      splitter.reset()
      resampler.flush(() => undefined)
    }
  }

  save(): StageState {
    return {
      inner: this.#inner.save(),
      state: copyState(this.#state),
      channels: this.#channels.map(({ splitter, resampler }) => ({ splitter: splitter.save(), resampler: resampler.save() })),
    }
  }

  load(saved: StageState): void {
    const from = saved as { inner: StageState; state: object; channels: { splitter: StageState; resampler: StageState }[] }
    this.#inner.load(from.inner)
    restoreState(this.#state, from.state)
    this.#channels.forEach(({ splitter, resampler }, c) => {
      splitter.load(from.channels[c]!.splitter)
      resampler.load(from.channels[c]!.resampler)
    })
  }

  /** The seconds that samples [start, end) lie in. */
  #open(start: number, end: number): void {
    const { pending, next } = this.#state
    let second = secondOf(start, this.#spec.fs)
    // Begun by the block before, whether or not its frame is still pending.
    if (next > 0 && secondOf(next - 1, this.#spec.fs) === second) second += 1
    for (; secondStart(second, this.#spec.fs) < end; second += 1) {
      pending.push({ second, samples: this.#spec.channels.map(() => new Float64Array(frameRate).fill(Number.NaN)) })
    }
  }

  #write(channel: number, output: SampleBlock): void {
    const { pending } = this.#state
    const { start, samples } = output
    let at = 0
    for (let i = 0; i < samples.length; i += 1) {
      const second = Math.floor((start + i) / frameRate)
      while (at < pending.length && pending[at]!.second < second) at += 1
      const frame = pending[at]
      if (frame?.second === second) frame.samples[channel]![start + i - second * frameRate] = samples[i]!
    }
  }

  /** Sample by which the last value of a second is known. */
  #knownAt(second: number): number {
    const { num, den } = this.#spec.fs
    const last = second * frameRate + frameRate - 1
    return Math.floor((last * num) / (frameRate * den)) + this.#delay
  }

  #emitFrame({ second, samples }: PendingFrame, decided: number, emit: Emit): void {
    const from = secondStart(second, this.#spec.fs)
    emit({ kind: 'frame', decided, channel: 0, from, to: secondStart(second + 1, this.#spec.fs), samples })
  }
}
