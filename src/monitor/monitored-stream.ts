import type { StreamChain } from '../signal/chain.js'
import type { Observation } from '../signal/observation.js'
import { isMissing, type StreamBlock, sampleFlags } from '../signal/sample-block.js'
import type { StreamSpec } from '../signal/stream.js'
import { tellsWear, WearTime, type WornHour } from '../vitals/wear-time.js'
import { Timeline } from './timeline.js'

/** Samples `[index, index + count)` are missing in a channel. */
export interface ChannelGap {
  readonly channel: number
  readonly index: number
  readonly count: number
}

export interface StreamSink {
  observation(observation: Observation): void
  gap(gap: ChannelGap): void
}

/** A device said by event (not by chunk flag) that a lead or sensor is off from an index on. */
interface FlagOverride {
  readonly from: number
  readonly flags: number
}

/** One waveform stream in the monitor: its place in time, its chain, what is missing in it, and how long it was worn. */
export class MonitoredStream {
  readonly spec: StreamSpec
  readonly timeline: Timeline
  readonly #chain: StreamChain
  readonly #wear: WearTime | null
  readonly #origin: number
  /** Index after the last sample pushed; -1 before the first. */
  #end = -1
  /** Per channel the index since which samples are missing; -1 while there are samples. */
  #missingSince: number[]
  #overrides: FlagOverride[] = []

  /** `origin`: patient time of the session's beginning, from which hours are counted: the wall clock has no part in them. */
  constructor(spec: StreamSpec, chain: StreamChain, origin = 0) {
    this.spec = spec
    this.#origin = origin
    this.timeline = new Timeline(spec.fs)
    this.#chain = chain
    this.#wear = tellsWear(spec.kind) ? new WearTime(spec.kind) : null
    this.#missingSince = spec.channels.map(() => -1)
  }

  get end(): number {
    return this.#end
  }

  push(block: StreamBlock, sink: StreamSink): void {
    this.#followGaps(block, sink)
    this.#end = block.start + block.length
    for (const piece of this.#flagged(block)) this.#chain.push(piece, observation => this.#tell(observation, sink))
  }

  /** Ends the stream: pending outputs come out, and what was missing at the end becomes a gap. */
  flush(sink: StreamSink): void {
    for (const [channel, since] of this.#missingSince.entries()) {
      if (since >= 0 && this.#end > since) sink.gap({ channel, index: since, count: this.#end - since })
      this.#missingSince[channel] = -1
    }
    this.#chain.flush(observation => this.#tell(observation, sink))
    this.#tellWorn(this.#wear?.end() ?? [], Math.max(0, this.#end - 1), sink)
  }

  /** Sets (`on`) or clears flags for all samples from `index` on. */
  override(index: number, flags: number, on: boolean): void {
    const current = this.#overrides[this.#overrides.length - 1]?.flags ?? 0
    this.#overrides = [...this.#overrides.slice(-1), { from: Math.max(index, this.#end), flags: on ? current | flags : current & ~flags }]
  }

  save(): unknown {
    return {
      timeline: this.timeline.save(),
      chain: this.#chain.save(),
      wear: this.#wear?.save() ?? null,
      end: this.#end,
      missingSince: [...this.#missingSince],
      overrides: this.#overrides.map(override => ({ ...override })),
    }
  }

  load(state: unknown): void {
    const saved = state as {
      timeline: unknown
      chain: unknown
      wear: unknown
      end: number
      missingSince: number[]
      overrides: FlagOverride[]
    }
    this.timeline.load(saved.timeline)
    this.#chain.load(saved.chain)
    this.#wear?.load(saved.wear)
    this.#end = saved.end
    this.#missingSince = [...saved.missingSince]
    this.#overrides = saved.overrides.map(override => ({ ...override }))
  }

  /** Hands on what the chain says, and behind it the hours that are settled by it. */
  #tell(observation: Observation, sink: StreamSink): void {
    sink.observation(observation)
    if (this.#wear === null) return
    if (observation.kind === 'quality') {
      const { from, to, reason, decided } = observation
      const span = { from, to, start: this.#sinceOrigin(from), end: this.#sinceOrigin(to) }
      this.#tellWorn(this.#wear.quality(span, reason), decided, sink)
    } else if (observation.kind === 'episode' && observation.episode === 'non-wear') {
      this.#wear.nonWear(observation.on, this.#sinceOrigin(observation.index))
    }
  }

  #sinceOrigin(index: number): number {
    return this.timeline.timeOf(index) - this.#origin
  }

  #tellWorn(hours: readonly WornHour[], decided: number, sink: StreamSink): void {
    for (const { wornMinutes, knownMinutes, from, to } of hours) {
      const about = { kind: 'measurement', name: 'wear-time', algorithm: 'wear-time', decided, channel: 0, from, to } as const
      sink.observation({ ...about, value: wornMinutes, quality: knownMinutes / 60 })
    }
  }

  /** Missing values and index jumps are one gap per channel, however the stream was cut into chunks. */
  #followGaps(block: StreamBlock, sink: StreamSink): void {
    for (let channel = 0; channel < block.channels.length; channel++) {
      const samples = block.channels[channel]!
      let since = this.#missingSince[channel]!
      if (since < 0 && this.#end >= 0 && block.start > this.#end) since = this.#end
      for (let i = 0; i < block.length; i++) {
        const value = samples[i]!
        if (isMissing(value)) {
          if (since < 0) since = block.start + i
        } else if (since >= 0) {
          sink.gap({ channel, index: since, count: block.start + i - since })
          since = -1
        }
      }
      this.#missingSince[channel] = since
    }
  }

  /** The block with the device's overrides in its flags, split where an override begins. */
  #flagged(block: StreamBlock): StreamBlock[] {
    if (this.#overrides.length === 0) return [block]
    const pieces: StreamBlock[] = []
    let from = block.start
    const end = block.start + block.length
    for (let k = 0; k < this.#overrides.length; k++) {
      const override = this.#overrides[k]!
      const until = Math.min(end, this.#overrides[k + 1]?.from ?? end)
      if (until <= from) continue
      if (override.from > from) {
        pieces.push(slice(block, from, Math.min(override.from, end), block.flags))
        from = Math.min(override.from, end)
      }
      if (until > from) pieces.push(slice(block, from, until, block.flags | override.flags))
      from = Math.max(from, until)
    }
    if (from < end) pieces.push(slice(block, from, end, block.flags))
    return pieces
  }
}

/** Flag of the chunk header that a device event stands for. */
export const eventFlags: Readonly<Record<string, number>> = { 'lead-off': sampleFlags.leadOff, 'sensor-off': sampleFlags.sensorOff }

function slice(block: StreamBlock, from: number, to: number, flags: number): StreamBlock {
  return {
    start: from,
    length: to - from,
    flags,
    channels: block.channels.map(samples => samples.subarray(from - block.start, to - block.start)),
    ...(block.paceMarks && { paceMarks: block.paceMarks }),
  }
}
