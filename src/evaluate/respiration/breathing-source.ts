import { openRecording } from '../../recording/open-recording.js'
import type { StreamChain } from '../../signal/chain.js'
import type { MeasurementObservation } from '../../signal/observation.js'
import { hertz } from '../../signal/rate.js'
import type { StreamKind, StreamSpec } from '../../signal/stream.js'

/** What the chain of one stream said of breathing, in the order told. */
export interface BreathingSource {
  readonly spec: StreamSpec
  readonly rates: readonly MeasurementObservation[]
  /** Length of the stream. */
  readonly seconds: number
  readonly parameters: unknown
}

/** Hands a chain its samples packet by packet and keeps the respiratory rates. `pull` gives samples [from, from + length), fewer at the end. */
export async function observeBreathing(
  chain: StreamChain,
  spec: StreamSpec,
  packetSeconds: number,
  pull: (from: number, length: number) => Promise<readonly Float64Array[]>,
): Promise<BreathingSource> {
  const packet = Math.max(1, Math.round(packetSeconds * hertz(spec.fs)))
  const piece = packet * Math.max(1, Math.round(60 / packetSeconds))
  const rates: MeasurementObservation[] = []
  const keep: Parameters<StreamChain['push']>[1] = said => {
    if (said.kind === 'measurement' && said.name === 'respiratory-rate') rates.push(said)
  }
  let samples = 0
  for (let from = 0; ; from += piece) {
    const channels = await pull(from, piece)
    const length = channels[0]?.length ?? 0
    for (let at = 0; at < length; at += packet) {
      const part = channels.map(samples => samples.subarray(at, Math.min(at + packet, length)))
      chain.push({ start: from + at, length: Math.min(packet, length - at), flags: 0, channels: part }, keep)
    }
    samples += length
    if (length < piece) break
  }
  chain.flush(keep)
  return { spec, rates, seconds: samples / hertz(spec.fs), parameters: { chain: chain.name, parameters: chain.parameters } }
}

/** A record whose signals are of one kind and rate, as one stream through its chain. */
export async function observeRecordBreathing(
  file: string,
  kind: StreamKind,
  create: (spec: StreamSpec) => StreamChain,
  packetSeconds: number,
): Promise<BreathingSource> {
  const recording = await openRecording(file)
  try {
    const signals = recording.signals.map(({ index }) => index)
    const { fs, unit } = recording.signals[0]!
    const spec = { id: kind, kind, channels: recording.signals.map(({ name }) => name), unit, fs }
    return await observeBreathing(create(spec), spec, packetSeconds, (from, length) => recording.readPhysical(signals, from, length))
  } finally {
    await recording.close()
  }
}
