import type { DeviceMessage, VirtualDevice } from '../../src/device/virtual-device.js'
import { DeviceReceiver } from '../../src/wire/device-receiver.js'
import type { ReceiverAction } from '../../src/wire/receiver-actions.js'

/** What the receiving end made of a stream: every sample with its flag, by channel, and the gaps. */
interface Received {
  readonly samples: number[][]
  readonly flags: number[]
  readonly gaps: { index: number; count: number }[]
  closed: boolean
}

/** What the receiving end made of a device. `actions` are those that are neither blocks nor numerics. */
export interface Reception {
  readonly receiver: DeviceReceiver
  readonly streams: Map<string, Received>
  readonly numerics: { t: number; values: [string, unknown, number][] }[]
  readonly actions: ReceiverAction[]
}

export async function collect(messages: AsyncIterable<DeviceMessage>): Promise<DeviceMessage[]> {
  const all: DeviceMessage[] = []
  for await (const message of messages) all.push(message)
  return all
}

/** Hands everything that a device says to the receiver of the engine. */
export async function receiveAll(device: VirtualDevice): Promise<Reception> {
  const receiver = new DeviceReceiver(device.device)
  const reception: Reception = { receiver, streams: new Map(), numerics: [], actions: [] }
  const take = (action: ReceiverAction) => note(reception, action)
  receiver.receive('birth', '', device.birth(), 0, take)
  for await (const { topic, stream, payload, time } of device.messages()) {
    receiver.receive(topic, topic === 'w' ? stream : '', payload, Math.round(time * 1e6), take)
  }
  return reception
}

function note(reception: Reception, action: ReceiverAction): void {
  if (action.type === 'block') {
    const { index, flags, channels } = action.chunk
    let stream = reception.streams.get(action.stream)
    if (stream === undefined) {
      stream = { samples: channels.map(() => []), flags: [], gaps: [], closed: false }
      reception.streams.set(action.stream, stream)
    }
    if (action.gapBefore > 0) stream.gaps.push({ index: index - action.gapBefore, count: action.gapBefore })
    // The flag `last` belongs to the message, not to its samples.
    for (let i = 0; i < (channels[0]?.length ?? 0); i++) stream.flags.push(flags & ~8)
    channels.forEach((samples, channel) => {
      for (const sample of samples) stream.samples[channel]!.push(sample)
    })
  } else if (action.type === 'numerics') {
    reception.numerics.push({ t: action.t, values: action.samples.map(({ name, value, t }) => [name, value, t]) })
  } else if (action.type === 'close') {
    const stream = reception.streams.get(action.stream)
    if (stream !== undefined) stream.closed = true
    reception.actions.push(action)
  } else reception.actions.push(action)
}
