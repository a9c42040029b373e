import type { Recording, SignalInfo } from '../../recording/recording.js'
import type { StreamChain } from '../../signal/chain.js'
import type { Observation } from '../../signal/observation.js'
import { hertz } from '../../signal/rate.js'
import type { StreamKind, StreamSpec } from '../../signal/stream.js'

export interface ObservedStream {
  readonly fsHz: number
  readonly seconds: number
  readonly observations: readonly Observation[]
  readonly chain: { readonly name: string; readonly parameters: unknown }
}

/** Signals of a recording, of one rate, as one stream through a fresh chain, in packets of `packetSeconds`. */
export async function observeSignals(
  recording: Recording,
  signals: readonly SignalInfo[],
  kind: StreamKind,
  create: (spec: StreamSpec) => StreamChain,
  packetSeconds: number,
): Promise<ObservedStream> {
  const indexes = signals.map(({ index }) => index)
  const { fs, unit } = signals[0] as SignalInfo
  const chain = create({ id: kind, kind, channels: signals.map(({ name }) => name), unit, fs })
  const observations: Observation[] = []
  const feed = feedOf(chain, hertz(fs), packetSeconds, observations)
  const piece = Math.round(60 * hertz(fs))
  for (let from = 0; ; from += piece) {
    const channels = await recording.readPhysical(indexes, from, piece)
    const length = channels[0]?.length ?? 0
    feed.push(from, channels)
    if (length < piece) return feed.end(from + length)
  }
}

/** Samples in memory as one stream through a chain. */
export function observeSamples(chain: StreamChain, fsHz: number, channels: readonly Float64Array[], packetSeconds: number): ObservedStream {
  const feed = feedOf(chain, fsHz, packetSeconds, [])
  feed.push(0, channels)
  return feed.end(channels[0]?.length ?? 0)
}

function feedOf(chain: StreamChain, fsHz: number, packetSeconds: number, observations: Observation[]) {
  const packet = Math.max(1, Math.round(packetSeconds * fsHz))
  const keep = (observation: Observation): void => void observations.push(observation)
  return {
    push(from: number, channels: readonly Float64Array[]): void {
      const length = channels[0]?.length ?? 0
      for (let at = 0; at < length; at += packet) {
        const pieces = channels.map(samples => samples.subarray(at, Math.min(length, at + packet)))
        chain.push({ start: from + at, length: Math.min(packet, length - at), flags: 0, channels: pieces }, keep)
      }
    },
    end(samples: number): ObservedStream {
      chain.flush(keep)
      return { fsHz, seconds: samples / fsHz, observations, chain: { name: chain.name, parameters: chain.parameters } }
    },
  }
}
