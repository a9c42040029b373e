import type { DeviceView, FeedEvent, StreamView } from '../../../server/feed-protocol.js'

/** Where the devices of the ward are kept while a batch of events is applied. */
export interface DevicesByPatient {
  find(id: string): { readonly patient: string; readonly device: DeviceView } | null
  remove(id: string): void
  put(patient: string, device: DeviceView): void
}

const linkWords = ['init', 'ready', 'sleeping', 'disconnected', 'lost'] as const

/** What the system log says of a device: birth, boot, link, closed and lost streams, and whose it is. */
export function applyDeviceEvent(event: FeedEvent, devices: DevicesByPatient): void {
  if (event.device === '') return
  const { body } = event
  const found = devices.find(event.device)
  if (event.type === 'assignment') {
    devices.remove(event.device)
    const patient = typeof body.patient === 'string' ? body.patient : null
    if (patient !== null) devices.put(patient, found?.device ?? newDevice(event.device))
    return
  }
  const patient = found?.patient ?? event.patient
  if (patient === '') return
  const device = changedDevice(found?.device ?? newDevice(event.device), event)
  if (device !== null) devices.put(patient, device)
}

function changedDevice(device: DeviceView, event: FeedEvent): DeviceView | null {
  const { body } = event
  switch (event.type) {
    case 'birth':
      return {
        ...device,
        model: String(body.model ?? device.model),
        firmware: String(body.firmware ?? device.firmware),
        boot: whole(body.boot) ?? device.boot,
        clock: body.clock === 'recorded' || body.clock === 'monotonic' || body.clock === 'utc' ? body.clock : device.clock,
        streams: Array.isArray(body.streams) ? body.streams.map(bornStream) : device.streams,
      }
    case 'boot':
      return {
        ...device,
        boot: whole(body.boot) ?? device.boot,
        streams: device.streams.map(stream => ({ ...stream, closed: false, lost: 0 })),
      }
    case 'link':
      return { ...device, link: linkWords.find(word => word === body.state) ?? 'unknown', linkAt: event.at }
    case 'stream':
      return { ...device, streams: changeStream(device, body.stream, stream => ({ ...stream, closed: body.closed === true })) }
    case 'lost':
      return {
        ...device,
        streams: changeStream(device, body.stream, stream => ({ ...stream, lost: stream.lost + (whole(body.count) ?? 0) })),
      }
    default:
      return null
  }
}

function changeStream(device: DeviceView, id: unknown, change: (stream: StreamView) => StreamView): readonly StreamView[] {
  return device.streams.map(stream => (stream.id === id ? change(stream) : stream))
}

/** A stream as the birth event lists it: `fs` as `{num, den}`. */
function bornStream(value: unknown): StreamView {
  const { id, kind, channels, unit, fs } = value as Record<string, unknown>
  const rate = fs as { num?: unknown; den?: unknown } | undefined
  return {
    id: String(id),
    kind: String(kind),
    channels: Array.isArray(channels) ? channels.map(String) : [],
    unit: String(unit ?? ''),
    fs: [whole(rate?.num) ?? 0, whole(rate?.den) ?? 1],
    closed: false,
    lost: 0,
    quality: {},
  }
}

function newDevice(id: string): DeviceView {
  return { id, model: '', firmware: '', boot: null, clock: null, link: 'unknown', linkAt: null, battery: null, streams: [] }
}

function whole(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
