import type { StreamSpec } from '../signal/stream.js'
import type { Clock } from '../wire/birth.js'

/**
 * A recording or a simulation that speaks like a device: the only door through which either enters the pipeline, so that
 * `replay`, `simulate`, `analyze` and `evaluate` hand the same bytes to the same decoder. Everything it says is a pure
 * function of (source, options, sequence number): called twice it gives identical bytes, and any message can be made again.
 */
export interface VirtualDevice {
  /** Device id, `[a-z0-9-]{1,64}`. */
  readonly device: string
  /** Name of the source. */
  readonly record: string
  readonly boot: number
  readonly clock: Clock
  /** Seconds of signal from the first to the last message; Infinity for an endless simulation. */
  readonly durationSeconds: number
  readonly streams: readonly VirtualStream[]
  /** Whether numerics (stream `n`) are sent. */
  readonly numerics: boolean
  /** The birth certificate (JSON). */
  birth(): Uint8Array
  /** All messages in the order in which a device sends them (rule N5). */
  messages(): AsyncIterable<DeviceMessage>
  /** As `messages`, without what lies below these positions; streams that are not named start at their first message. */
  fromPosition(position: SentPosition): AsyncIterable<DeviceMessage>
  /** Messages `fromSeq` to `toSeq` (inclusive) of a stream or of `n`, made again; those that never existed are left out. */
  resend(stream: string, fromSeq: number, toSeq: number): Promise<DeviceMessage[]>
  /** Device clock, microseconds, at a `time` of the session as messages have it (seconds). */
  clockAt(time: number): number
  /** Gives the source back. */
  close(): Promise<void>
}

interface VirtualStream {
  readonly spec: StreamSpec
  /** Indices of the source's signals, in the order of the channels. */
  readonly signals: readonly number[]
  /** Sample of the source's signals that is index 0 of the stream. */
  readonly firstSample: number
  /** Samples a channel; Infinity for an endless simulation. */
  readonly samples: number
  /** Device clock of index 0, microseconds: time from the start of the source. */
  readonly t0: number
  /** Samples a chunk and channel, but for shorter chunks where flags change and at the end. */
  readonly chunkSamples: number
}

export interface DeviceMessage {
  /** Topic below the device: chunk, numerics, event. */
  readonly topic: 'w' | 'n' | 'e'
  /** Stream id for chunks, `n` for numerics, `e` for events: the names under which positions are kept. */
  readonly stream: string
  readonly seq: number
  readonly payload: Uint8Array
  /** Seconds from the start of the session at which a live device sends it: the end of its last sample. */
  readonly time: number
}

/** Next sequence number by stream id (`n` for numerics, `e` for events), as the `hw` topic gives it. */
export type SentPosition = Readonly<Record<string, { readonly seq: number }>>
