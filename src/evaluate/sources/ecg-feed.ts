import { createVirtualDevice } from '../../device/create-virtual-device.js'
import { groupSignals } from '../../device/group-signals.js'
import { selectSignals } from '../../device/select-signals.js'
import type { SignalSource } from '../../device/signal-source.js'
import type { VirtualDevice } from '../../device/virtual-device.js'
import { VitalwireError } from '../../errors.js'
import type { SignalInfo } from '../../recording/recording.js'
import { hertz } from '../../signal/rate.js'
import type { StreamBlock } from '../../signal/sample-block.js'
import type { StreamSpec } from '../../signal/stream.js'
import { DeviceReceiver } from '../../wire/device-receiver.js'
import { PacketCutter } from './packet-cutter.js'

/** Seconds of signal in a chunk on the wire, which the decoder gives back at a time. */
const chunkSeconds = 2

export interface EcgFeed {
  /** The stream as the device declares it, of kind `ecg`. */
  readonly spec: StreamSpec
  /** Signals of the recording, in the order of the channels. */
  readonly signals: readonly number[]
  /** Sample of the recording's signals that is index 0 of the stream. */
  readonly firstSample: number
  /** Samples a channel. */
  readonly samples: number
  /**
   * All packets in order: encoded and decoded as in `analyze`, then cut to packets. `turn` is called with the packets of about
   * two seconds and hands each of them over; whoever takes CPU time takes it around that call.
   */
  run(onPacket: (packet: StreamBlock) => void, turn: (handOver: () => void) => void | Promise<void>): Promise<void>
}

/**
 * The ECG of a recording through the door that all recordings take: its device's encoded bytes and the same decoder. Named channels
 * are taken as ECG whatever the file calls them; otherwise all ECG signals are, of the largest group of equal rate and
 * unit. Throws `recording-format` where there is no ECG, `usage-option` for channels that do not go together.
 */
export function openEcgFeed(source: SignalSource, channels: readonly (string | number)[] | null, packetSeconds: number): EcgFeed {
  const signals = chooseSignals(source, channels)
  const device = createVirtualDevice({ source, boot: 1, chunkSeconds, channels: signals.map(signal => signal.index) })
  const stream = device.streams[0]
  if (stream === undefined) throw new VitalwireError('recording-format', `${source.name} has no samples; accepted: a recording with ECG`)
  const spec: StreamSpec = { ...stream.spec, kind: 'ecg' }
  const packetSamples = Math.max(1, packetSeconds * hertz(spec.fs))
  return {
    spec,
    signals: stream.signals,
    firstSample: stream.firstSample,
    samples: stream.samples,
    run: (onPacket, turn) => decodeAll(device, spec, new PacketCutter(spec.channels.length, packetSamples, onPacket), turn),
  }
}

function chooseSignals(source: SignalSource, channels: readonly (string | number)[] | null): readonly SignalInfo[] {
  if (channels !== null) {
    const chosen = selectSignals(source.name, source.signals, channels)
    if (groupSignals(chosen).length === 1) return chosen
    throw new VitalwireError(
      'usage-option',
      `channels ${channels.join(', ')} of ${source.name} differ in rate, unit or kind; accepted: channels of one stream`,
    )
  }
  const groups = groupSignals(source.signals.filter(signal => signal.kind === 'ecg')).map(group => group.signals)
  const [largest] = groups.sort((a, b) => b.length - a.length)
  if (largest !== undefined) return largest
  const there = source.signals.map(signal => `${signal.index} (${signal.name})`).join(', ')
  throw new VitalwireError('recording-format', `${source.name} has no ECG signal; accepted for --channels: ${there || 'none'}`)
}

async function decodeAll(
  device: VirtualDevice,
  spec: StreamSpec,
  cutter: PacketCutter,
  turn: (handOver: () => void) => void | Promise<void>,
): Promise<void> {
  const receiver = new DeviceReceiver(device.device)
  receiver.receive('birth', '', device.birth(), 0, () => undefined)
  for await (const message of device.messages()) {
    if (message.topic !== 'w' || message.stream !== spec.id) continue
    const blocks: { start: number; flags: number; channels: readonly Float64Array[] }[] = []
    receiver.receive('w', message.stream, message.payload, Math.round(message.time * 1e6), action => {
      if (action.type === 'refused')
        throw new VitalwireError('recording-format', `${device.record} was refused by the decoder: ${action.reason}`)
      if (action.type !== 'block') return
      const { index, n, flags, channels } = action.chunk
      blocks.push({ start: index, flags, channels: channels.map(samples => samples.slice(0, n)) })
    })
    await turn(() => {
      for (const block of blocks) cutter.push(block.start, block.flags, block.channels)
    })
  }
  await turn(() => cutter.flush())
}
