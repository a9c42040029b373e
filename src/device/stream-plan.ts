import type { SignalInfo } from '../recording/recording.js'
import { hertz, type Rate, roundHalfAway, samplesToMicros } from '../signal/rate.js'
import type { StreamSpec } from '../signal/stream.js'
import type { BirthStream } from '../wire/birth.js'
import { type Codec, codecs } from '../wire/chunk.js'
import { ChunkGrid } from './chunk-grid.js'
import { nameChannels, type SignalGroup } from './group-signals.js'
import type { SignalSource } from './signal-source.js'

/** One stream of a virtual device: what the birth says of it and where its chunks lie. */
export interface StreamPlan {
  readonly birth: BirthStream
  readonly signals: readonly number[]
  /** Sample of the source's signals that is index 0. */
  readonly firstSample: number
  readonly samples: number
  readonly chunkSamples: number
  readonly grid: ChunkGrid
}

/** Times in microseconds from the start of the source; `zero` is where the device clock reads 0. */
export interface Window {
  readonly from: number
  readonly to: number
  readonly zero: number
}

/** Worst case of codec 1: five bytes a sample in 65,536 bytes of payload (W1). */
const mostDeltaSamples = 13_107
const mostFloatSamples = 16_384

/** Null when the group has no sample in the window. */
export function planStream(source: SignalSource, group: SignalGroup, window: Window, chunkSeconds: number): StreamPlan | null {
  const first = group.signals[0]!
  const begin = sampleAtOrAfter(window.from, first)
  const samples = Math.max(0, sampleAtOrAfter(window.to, first) - begin)
  if (samples === 0) return null
  const codec = first.encoding === 'digital' ? codecs.delta : codecs.float32
  const chunkSamples = chooseChunkSamples(chunkSeconds, first.fs, group.signals.length, codec)
  return {
    birth: describeStream(source, group, codec, first.startMicros + samplesToMicros(begin, first.fs) - window.zero),
    signals: group.signals.map(signal => signal.index),
    firstSample: begin,
    samples,
    chunkSamples,
    grid: new ChunkGrid(samples, chunkSamples, flagsWithin(source, group, begin)),
  }
}

/** First sample whose time is `micros` or later, at most the length of the signal. */
export function sampleAtOrAfter(micros: number, signal: Pick<SignalInfo, 'fs' | 'startMicros' | 'length'>): number {
  if (micros === Number.POSITIVE_INFINITY) return signal.length
  const { num, den } = signal.fs
  const exact = ((micros - signal.startMicros) * num) / (den * 1e6)
  // Sample times are rounded to microseconds: one that lies within half of one counts as there.
  const nearest = roundHalfAway(exact)
  const sample = samplesToMicros(nearest, signal.fs) === micros - signal.startMicros ? nearest : Math.ceil(exact)
  return Math.max(0, Math.min(signal.length, sample))
}

function chooseChunkSamples(chunkSeconds: number, fs: Rate, channels: number, codec: Codec): number {
  const wanted = Math.max(1, roundHalfAway(chunkSeconds * hertz(fs)))
  return Math.max(1, Math.min(wanted, Math.floor((codec === codecs.delta ? mostDeltaSamples : mostFloatSamples) / channels)))
}

function describeStream(source: SignalSource, group: SignalGroup, codec: Codec, t0: number): BirthStream {
  const { id, signals } = group
  const first = signals[0]!
  const spec: StreamSpec = { id, kind: first.kind, channels: nameChannels(signals), unit: first.unit, fs: first.fs }
  const wavelengths = signals.map(signal => signal.wavelength).filter(wavelength => wavelength !== null)
  const told = wavelengths.length === signals.length
  return {
    ...spec,
    t0,
    gain: signals.map(signal => (codec === codecs.float32 ? 1 : signal.gain)),
    baseline: signals.map(signal => (codec === codecs.float32 ? 0 : signal.baseline)),
    // At least 16, so that a full-scale value of a narrow converter is never taken for the missing code.
    bits: signals.map(signal => (codec === codecs.float32 ? 32 : Math.max(16, signal.bits))),
    codec,
    ...(told ? { wavelengths } : {}),
    ...(told && source.calibration !== undefined ? { calibration: source.calibration } : {}),
  }
}

/** Flags of the source's stretches, in samples of the stream. */
function flagsWithin(source: SignalSource, group: SignalGroup, begin: number): { from: number; to: number; flags: number }[] {
  const indexes = group.signals.map(signal => signal.index)
  return (source.faults?.flags ?? [])
    .filter(stretch => indexes.includes(stretch.signal) && stretch.to > begin)
    .map(({ from, to, flags }) => ({ from: from - begin, to: to - begin, flags }))
}
