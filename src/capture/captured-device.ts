import path from 'node:path'
import type { PlayedDevice } from '../device/played-device.js'
import type { DeviceMessage, SentPosition, VirtualDevice } from '../device/virtual-device.js'
import { VitalwireError } from '../errors.js'
import { samplesToMicros } from '../signal/rate.js'
import { type Birth, type BirthStream, decodeBirth, firstClock } from '../wire/birth.js'
import { isIntact } from '../wire/chunk.js'
import { readChunkPlace } from '../wire/chunk-place.js'
import { decodeDeviceEvent } from '../wire/device-event.js'
import { isJsonChunk } from '../wire/json-chunk.js'
import { decodePack } from '../wire/pack.js'
import { parseTopic } from '../wire/topics.js'
import { readCapture } from './read-capture.js'

/** One boot of a device in a capture. */
interface CapturedBoot {
  readonly birth: Birth
  readonly payload: Uint8Array
  /** Wall time of the birth, microseconds. */
  readonly at: number
  /** Device clock from which its times are counted, microseconds. */
  readonly zero: number
  /** Seconds of its last message. */
  seconds: number
  messages: number
  readonly samples: Map<string, { samples: number; chunk: number }>
}

/**
 * The devices of a capture, each with its boots, to be played again byte for byte; messages that came twice are sent once,
 * and what is not readable as the wire protocol has it is left out. Throws `recording-format` when there is none.
 */
export async function readCapturedDevices(file: string, rename: (device: string) => string = id => id): Promise<PlayedDevice[]> {
  const devices = new Map<string, Map<number, CapturedBoot>>()
  for await (const { topic: text, payload, at } of readCapture(file)) {
    const topic = parseTopic(text)
    if (topic === null) continue
    let boots = devices.get(topic.device)
    if (boots === undefined) devices.set(topic.device, (boots = new Map()))
    if (topic.kind === 'birth') noteBirth(boots, payload, at)
    else noteMessage(boots, topic.kind, topic.stream, payload, at)
  }
  const played = [...devices].flatMap(([device, boots]) =>
    boots.size === 0 ? [] : [playBoots(file, device, rename(device), [...boots.values()])],
  )
  if (played.length === 0)
    throw new VitalwireError(
      'recording-format',
      `capture ${file} holds no birth of a device; accepted is one that begins before a device connects`,
    )
  return played
}

function noteBirth(boots: Map<number, CapturedBoot>, payload: Uint8Array, at: number): void {
  const read = decodeBirth(payload)
  if (!('ok' in read) || boots.has(read.ok.boot)) return
  const birth = read.ok
  boots.set(birth.boot, { birth, payload, at, zero: firstClock(birth), seconds: 0, messages: 0, samples: new Map() })
}

function noteMessage(boots: Map<number, CapturedBoot>, kind: string, stream: string, payload: Uint8Array, at: number): void {
  const placed = placeOf(kind, stream, payload)
  const boot = placed === null ? undefined : boots.get(placed.boot)
  if (placed === null || boot === undefined) return
  boot.messages += 1
  boot.seconds = Math.max(boot.seconds, timeOf(boot, placed, at))
  if (kind !== 'w') return
  const known = boot.samples.get(stream)
  boot.samples.set(stream, {
    samples: Math.max(known?.samples ?? 0, placed.index + placed.n),
    chunk: Math.max(known?.chunk ?? 0, placed.n),
  })
}

interface Placed {
  readonly topic: DeviceMessage['topic']
  readonly stream: string
  readonly boot: number
  readonly seq: number
  readonly index: number
  readonly n: number
  /** Device clock of its first sample; null where the message does not say it in its frame. */
  readonly clock: number | null
}

function placeOf(kind: string, stream: string, payload: Uint8Array): Placed | null {
  if (kind === 'w') {
    const place = readChunkPlace(payload)
    // One that was damaged on the way came again.
    return place === null || !(isJsonChunk(payload) || isIntact(payload)) ? null : { ...place, topic: 'w', stream, clock: place.t0 }
  }
  if (kind === 'n') {
    const pack = decodePack(payload)
    return 'ok' in pack ? { topic: 'n', stream: 'n', boot: pack.ok.boot, seq: pack.ok.seq, index: 0, n: 0, clock: null } : null
  }
  if (kind !== 'e') return null
  const event = decodeDeviceEvent(payload)
  if (!('ok' in event)) return null
  // An answer to a resend command was for that engine alone; the player gives its own.
  if (event.ok.event.event === 'resend-failed') return null
  return { topic: 'e', stream: 'e', boot: event.ok.boot, seq: event.ok.seq, index: 0, n: 0, clock: event.ok.event.t }
}

/** Seconds of the boot at which a message was sent: by the device's clock where it says it, else by the wall. */
function timeOf(boot: CapturedBoot, { clock, stream, n }: Placed, at: number): number {
  const spec = boot.birth.streams.find(({ id }) => id === stream)
  if (clock !== null) return Math.max(0, (clock - boot.zero + (spec === undefined ? 0 : samplesToMicros(n, spec.fs))) / 1e6)
  return boot.birth.clock === 'recorded' ? 0 : Math.max(0, (at - boot.at) / 1e6)
}

function playBoots(file: string, source: string, device: string, boots: readonly CapturedBoot[]): PlayedDevice {
  const [first] = boots
  const record = path.basename(file).replace(/\.mcap$/, '')
  const lives = boots.map(boot => ({
    virtual: virtualOf(file, source, device, record, boot),
    startsAt: boot.birth.clock === 'recorded' ? 0 : (boot.at - first!.at) / 1e6,
  }))
  return {
    device,
    record,
    lives: round => {
      if (round > 0)
        throw new VitalwireError(
          'usage-option',
          `--loop: a capture is played as it was, with the boots that it has; accepted: to play it once`,
        )
      return lives
    },
  }
}

function virtualOf(file: string, source: string, device: string, record: string, boot: CapturedBoot): VirtualDevice {
  const { birth, payload, zero, seconds, samples } = boot
  async function* from(position: SentPosition, to: { stream: string; seq: number } | null): AsyncGenerator<DeviceMessage> {
    const sent = new Map<string, Set<number>>()
    let time = 0
    for await (const message of readCapture(file)) {
      const topic = parseTopic(message.topic)
      if (topic === null || topic.device !== source) continue
      const placed = placeOf(topic.kind, topic.stream, message.payload)
      if (placed === null || placed.boot !== birth.boot) continue
      const { stream, seq } = placed
      time = Math.max(time, timeOf(boot, placed, message.at))
      if (seq < (position[stream]?.seq ?? 0) || (to !== null && (stream !== to.stream || seq > to.seq))) continue
      let own = sent.get(stream)
      if (own === undefined) sent.set(stream, (own = new Set()))
      if (own.has(seq)) continue
      own.add(seq)
      yield { topic: placed.topic, stream, seq, payload: message.payload, time }
    }
  }
  return {
    device,
    record,
    boot: birth.boot,
    clock: birth.clock,
    durationSeconds: seconds,
    streams: birth.streams.map((spec: BirthStream) => ({
      spec,
      signals: [],
      firstSample: 0,
      samples: samples.get(spec.id)?.samples ?? 0,
      t0: spec.t0,
      chunkSamples: samples.get(spec.id)?.chunk ?? 0,
    })),
    numerics: birth.numerics !== undefined,
    birth: () => payload.slice(),
    messages: () => from({}, null),
    fromPosition: position => from(position, null),
    resend: async (stream, fromSeq, toSeq) => {
      const found: DeviceMessage[] = []
      for await (const message of from({ [stream]: { seq: fromSeq } }, { stream, seq: toSeq })) found.push(message)
      return found.sort((a, b) => a.seq - b.seq)
    },
    clockAt: time => zero + Math.round(time * 1e6),
    close: async () => {},
  }
}
