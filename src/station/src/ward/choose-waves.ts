import type { DeviceView } from '../../../server/feed-protocol.js'

export interface WaveChoice {
  readonly device: string
  readonly stream: string
  readonly channel: string
  readonly kind: string
  readonly unit: string
}

const kindOrder = ['ecg', 'ppg', 'pressure', 'respiration']
const leadOrder = ['II', 'MLII', 'I', 'III', 'V', 'V5', 'V1', 'V2']

/** The two waves of a tile: the best ECG lead, then a wave of another kind, or a second lead where there is none. */
export function chooseWaves(devices: readonly DeviceView[], count = 2): WaveChoice[] {
  const all = devices.flatMap(device =>
    device.streams.flatMap(stream =>
      stream.channels.map((channel, index) => ({
        device: device.id,
        stream: stream.id,
        channel,
        kind: stream.kind,
        unit: stream.unit,
        index,
      })),
    ),
  )
  all.sort(
    (a, b) =>
      rank(kindOrder, a.kind) - rank(kindOrder, b.kind) || rank(leadOrder, a.channel) - rank(leadOrder, b.channel) || a.index - b.index,
  )
  const chosen: typeof all = []
  for (const wave of all) if (!chosen.some(own => own.kind === wave.kind)) chosen.push(wave)
  for (const wave of all) if (!chosen.includes(wave)) chosen.push(wave)
  return chosen.slice(0, count).map(({ index: _, ...wave }) => wave)
}

function rank(order: readonly string[], word: string): number {
  const at = order.indexOf(word)
  return at < 0 ? order.length : at
}
