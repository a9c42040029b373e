import type { LoggedEvent } from '../journal/logged-event.js'
import type { EngineDevice } from './engine-port.js'
import type { DeviceView, StreamView } from './feed-protocol.js'

const linkWords = ['init', 'ready', 'sleeping', 'disconnected', 'lost'] as const

interface StreamOverlay {
  closed: boolean
  lost: number
  quality: Record<string, { quality: number; reason: string; at: number }>
}

/** Events count channels, people name them. */
function named<T>(byChannel: Readonly<Record<string, T>>, channels: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(byChannel).map(([channel, value]) => [channels[Number(channel)] ?? channel, value]))
}

/** What events say of a device beside what its birth said. */
export class DeviceOverlay {
  private link: DeviceView['link'] = 'unknown'
  private linkAt: number | null = null
  private battery: number | null = null
  private boot: number | null = null
  private readonly streams = new Map<string, StreamOverlay>()

  apply(event: LoggedEvent): void {
    const body = event.body
    if (event.log === 'patient') {
      if (event.type === 'quality') this.noteQuality(event)
      else if (event.type === 'measurement' && body.name === 'battery' && typeof body.value === 'number') this.battery = body.value
      return
    }
    if (event.type === 'link') {
      this.link = linkWords.find(word => word === body.state) ?? 'unknown'
      this.linkAt = event.at
    } else if ((event.type === 'birth' || event.type === 'boot') && typeof body.boot === 'number' && body.boot !== this.boot) {
      this.boot = body.boot
      this.streams.clear()
    } else if (event.type === 'stream') {
      this.stream(String(body.stream)).closed = body.closed === true
    } else if (event.type === 'lost' && typeof body.count === 'number') {
      this.stream(String(body.stream)).lost += body.count
    }
  }

  view(device: EngineDevice): DeviceView {
    return {
      id: device.device,
      model: device.model,
      firmware: device.firmware,
      boot: device.boot,
      clock: device.clock,
      link: this.link,
      linkAt: this.linkAt,
      battery: this.battery,
      streams: device.streams.map((spec): StreamView => {
        const overlay = this.streams.get(spec.id)
        return {
          id: spec.id,
          kind: spec.kind,
          channels: spec.channels,
          unit: spec.unit,
          fs: [spec.fs.num, spec.fs.den],
          closed: overlay?.closed ?? false,
          lost: overlay?.lost ?? 0,
          quality: named(overlay?.quality ?? {}, spec.channels),
        }
      }),
    }
  }

  private noteQuality(event: LoggedEvent): void {
    const { channel, quality, reason } = event.body
    this.stream(event.stream).quality[String(channel)] = {
      quality: typeof quality === 'number' ? quality : 0,
      reason: String(reason),
      at: event.at,
    }
  }

  private stream(id: string): StreamOverlay {
    let stream = this.streams.get(id)
    if (!stream) this.streams.set(id, (stream = { closed: false, lost: 0, quality: {} }))
    return stream
  }
}
