import { missingSample, type NumericSeries, type Recording, type SignalInfo } from '../recording/recording.js'
import { catalogue, type VitalName } from '../signal/catalogue.js'
import { sameRate, samplesToMicros } from '../signal/rate.js'
import { type Birth, firstClock } from '../wire/birth.js'
import { codecs } from '../wire/chunk.js'
import { DeviceReceiver } from '../wire/device-receiver.js'
import type { NumericsAction, ReceivedChunk, ReceiverAction } from '../wire/receiver-actions.js'
import { JournalFolder, type ReadProblem } from './journal-folder.js'
import { SparseSamples } from './sparse-samples.js'

interface Channel {
  readonly info: Omit<SignalInfo, 'index' | 'length'>
  /** Digital values where the signal is stored so, else physical ones. */
  readonly samples: SparseSamples
}

interface Boot {
  readonly birth: Birth
  readonly zero: number
  readonly channels: Map<string, Channel[]>
  readonly numerics: Map<VitalName, { times: number[]; values: number[] }>
}

/**
 * What a journal holds of a device, a recording for each of its boots, in the order in which they began: the samples as the
 * device sent them (late ones in their place), what never came missing. `device` names the device.
 */
export function readJournalRecordings(dir: string, device: string): { recordings: Recording[]; problems: readonly ReadProblem[] } {
  const receiver = new DeviceReceiver(device)
  const boots = new Map<number, Boot>()
  let latest = 0
  const take = (action: ReceiverAction) => {
    if (action.type === 'boot') boots.set(action.boot, openBoot(action.birth))
    else if (action.type === 'block' || action.type === 'late') takeChunk(boots.get(action.boot), action.stream, action.chunk)
    else if (action.type === 'numerics') takeNumerics(boots.get(action.boot), action)
  }
  const folder = new JournalFolder(dir)
  for (const { topic, stream, payload, at } of folder.messagesOf(device)) {
    latest = at
    receiver.receive(topic, stream, payload, at, take)
  }
  // What still waits for a chunk that did not come is told now: the recording ends here.
  for (const { birth } of boots.values()) for (const { id } of birth.streams) receiver.declareSilent(id, latest, take)
  return { recordings: [...boots].map(([boot, content]) => recordingOf(`${device}-${boot}`, content)), problems: folder.problems }
}

function openBoot(birth: Birth): Boot {
  const zero = firstClock(birth)
  const channels = new Map<string, Channel[]>()
  for (const { id, kind, unit, fs, codec, gain, baseline, bits, t0, channels: names, wavelengths } of birth.streams) {
    const encoding = codec === codecs.float32 ? 'float' : 'digital'
    const own = names.map((name, k): Channel => {
      const stored = encoding === 'float' ? { gain: 1, baseline: 0, bits: 64 } : { gain: gain[k]!, baseline: baseline[k]!, bits: bits[k]! }
      const info = {
        name,
        kind,
        unit,
        fs,
        encoding,
        ...stored,
        startMicros: t0 - zero,
        stream: id,
        wavelength: wavelengths?.[k] ?? null,
      } as const
      return { info, samples: new SparseSamples() }
    })
    channels.set(id, own)
  }
  return { birth, zero, channels, numerics: new Map() }
}

function takeChunk(boot: Boot | undefined, stream: string, { index, n, channels }: ReceivedChunk): void {
  const own = boot?.channels.get(stream)
  if (own === undefined) return
  for (const [k, { info, samples }] of own.entries()) {
    const values = channels[k]!
    for (let i = 0; i < n; i += 1) {
      const value = values[i]!
      samples.set(index + i, info.encoding === 'digital' && !Number.isNaN(value) ? Math.round(value * info.gain + info.baseline) : value)
    }
  }
}

function takeNumerics(boot: Boot | undefined, { samples }: NumericsAction): void {
  if (boot === undefined) return
  for (const { name, value, t } of samples) {
    if (typeof value !== 'number') continue
    let series = boot.numerics.get(name)
    if (series === undefined) boot.numerics.set(name, (series = { times: [], values: [] }))
    series.times.push(t - boot.zero)
    series.values.push(value)
  }
}

function recordingOf(name: string, { birth, zero, channels, numerics }: Boot): Recording {
  const all = [...channels.values()].flat()
  const signals = all.map(({ info, samples }, index): SignalInfo => ({ ...info, index, length: samples.length }))
  const ends = signals.map(({ startMicros, length, fs }) => startMicros + samplesToMicros(length, fs))
  const series = [...numerics].map(([id, { times, values }]): NumericSeries => {
    const order = times.map((_, k) => k).sort((a, b) => times[a]! - times[b]!)
    return {
      name: id,
      unit: catalogue[id].unit,
      times: Float64Array.from(order, k => times[k]!),
      values: Float64Array.from(order, k => values[k]!),
    }
  })
  const read = (indexes: readonly number[], from: number, length: number, of: (channel: Channel, at: number) => number) => {
    const [first] = indexes
    const picked = indexes.map(index => ({ channel: all[index]!, signal: signals[index]! }))
    if (first !== undefined && picked.some(({ signal }) => !sameRate(signal.fs, signals[first]!.fs)))
      throw new RangeError('signals of different rates in one read; accepted: those of one rate')
    return picked.map(({ channel, signal }) => {
      const count = Math.max(0, Math.min(length, signal.length - from))
      return Array.from({ length: count }, (_, k) => of(channel, from + k))
    })
  }
  return {
    name,
    durationSeconds: Math.max(0, ...ends, ...series.map(({ times }) => times.at(-1) ?? 0)) / 1e6,
    startTime: birth.epoch === undefined ? null : new Date((birth.epoch + zero) / 1000),
    signals,
    numerics: series.length === 0 ? null : series,
    readDigital: async (indexes, from, length) =>
      read(indexes, from, length, ({ samples }, at) => {
        const value = samples.at(at)
        return Number.isNaN(value) ? missingSample : value
      }).map(values => Int32Array.from(values)),
    readPhysical: async (indexes, from, length) =>
      read(indexes, from, length, ({ samples, info }, at) =>
        info.encoding === 'digital' ? (samples.at(at) - info.baseline) / info.gain : samples.at(at),
      ).map(values => Float64Array.from(values)),
    close: async () => {},
  }
}
