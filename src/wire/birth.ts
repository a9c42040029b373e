import { canonicalJson } from '../signal/canonical-json.js'
import { type StreamKind, type StreamSpec, streamKinds } from '../signal/stream.js'
import type { ChunkFormat, Codec, Decoded } from './chunk.js'
import { decodeDocument, type Encoding, encodeDocument } from './document.js'
import type { BirthReason } from './reasons.js'
import { attempt, Mistake, realNumber, Shape, wholeNumber } from './shape.js'
import { identifier } from './topics.js'

export const clocks = ['monotonic', 'utc', 'recorded'] as const
export type Clock = (typeof clocks)[number]

/** A stream as its device declared it. gain, baseline and bits have one number a channel, however they were sent. */
export interface BirthStream extends StreamSpec, ChunkFormat {
  /** Device clock of index 0, microseconds. */
  readonly t0: number
  readonly codec: Codec
  readonly mdc?: string
}

/** What a device says of itself before any data (rules B1 to B5). Times are microseconds of the device clock. */
export interface Birth {
  readonly boot: number
  readonly model: string
  readonly firmware: string
  readonly serial?: string
  readonly clock: Clock
  /** UTC of device clock 0, microseconds. */
  readonly epoch?: number
  /** Per cent. */
  readonly battery?: number
  /** Recorded sources: boots with the same session are one session, another one ends it. */
  readonly session?: string
  readonly streams: readonly BirthStream[]
  /** `t0` of the first pack; `every`: longest expected pause, seconds. */
  readonly numerics?: { readonly t0: number; readonly every: number }
}

/** Device clock of the earliest first sample or pack, microseconds: where the boot's time begins. */
export function firstClock({ streams, numerics }: Birth): number {
  const clocks = streams.map(({ t0 }) => t0)
  if (numerics !== undefined) clocks.push(numerics.t0)
  return Math.min(...clocks)
}

const highest = Number.MAX_SAFE_INTEGER
const widest = [16, 32, 24, 32]
/** Of all streams together: 64 streams of 256 channels would keep a worker busy for seconds with one second of signal. */
const mostChannels = 1024
/** Stream ids that the numerics and event topics take in hw, resend and close. */
const reserved = ['n', 'e']

/** Reads a birth strictly; `detail` names the first field that is wrong and what is accepted. */
export function decodeBirth(bytes: Uint8Array): Decoded<Birth, BirthReason> & { readonly detail?: string } {
  const document = decodeDocument(bytes)
  if (document === undefined) return { reason: 'birth-syntax', detail: 'neither JSON nor CBOR of at most 256 KiB' }
  const read = attempt(() => readBirth(new Shape(document, '')))
  return 'ok' in read ? { ok: read.ok } : { reason: 'birth-shape', detail: read.mistake }
}

function readBirth(s: Shape): Birth {
  const birth: Birth = {
    boot: s.whole('boot', 0, 0xffffffff),
    model: s.text('model'),
    firmware: s.text('firmware'),
    ...present('serial', s.optional('serial', s.text)),
    clock: s.oneOf('clock', clocks),
    ...present(
      'epoch',
      s.optional('epoch', name => readEpoch(s, name)),
    ),
    ...present(
      'battery',
      s.optional('battery', name => s.whole(name, 0, 100)),
    ),
    ...present('session', s.optional('session', s.text)),
    streams: s.list('streams', 0, 64).map((item, k) => readStream(new Shape(item, `streams[${k}]`))),
    ...present(
      'numerics',
      s.optional('numerics', name => readNumerics(new Shape(s.get(name), name))),
    ),
  }
  s.refuseIdentity()
  const ids = birth.streams.map(stream => stream.id)
  const channels = birth.streams.reduce((sum, stream) => sum + stream.channels.length, 0)
  if (channels > mostChannels) throw new Mistake(`streams has ${channels} channels; accepted are at most ${mostChannels} in all`)
  const twice = ids.find((id, k) => ids.indexOf(id) !== k)
  if (twice !== undefined) throw new Mistake(`streams has ${twice} twice; accepted are different ids`)
  if (ids.length === 0 && birth.numerics === undefined) throw new Mistake('streams is empty; accepted is at least one stream, or numerics')
  if (birth.session !== undefined && birth.clock !== 'recorded') throw new Mistake('session is not accepted; only a recorded clock has one')
  return birth
}

function readNumerics(s: Shape): { t0: number; every: number } {
  const numerics = { t0: s.whole('t0', 0, highest), every: s.real('every') }
  if (!(numerics.every > 0)) throw s.mistake('every', 'seconds above 0')
  s.refuseIdentity()
  return numerics
}

function readStream(s: Shape): BirthStream {
  const id = s.match('id', identifier)
  if (reserved.includes(id)) throw s.mistake('id', `any id but ${reserved.join(' and ')}`)
  const channels = s.list('channels', 1, 256).map((name, k) => {
    if (typeof name !== 'string' || name === '' || name.length > 64) throw s.mistake(`channels[${k}]`, 'a name of 1 to 64 characters')
    return name
  })
  if (new Set(channels).size !== channels.length) throw s.mistake('channels', 'different names')
  const codec = s.oneOf('codec', [0, 1, 2, 3] as const)
  const count = channels.length
  const stream: BirthStream = {
    id,
    kind: kindOf(s.text('kind', 64)),
    channels,
    unit: s.text('unit', 32),
    fs: readRate(s),
    t0: s.whole('t0', 0, highest),
    gain: perChannel(s, 'gain', count, gainOf),
    baseline: perChannel(s, 'baseline', count, realNumber),
    bits: perChannel(s, 'bits', count, (value, where) => wholeNumber(value, 2, widest[codec]!, where)),
    codec,
    ...present('mdc', s.optional('mdc', s.text)),
    ...present('site', s.optional('site', s.text)),
    ...present(
      'wavelengths',
      s.optional('wavelengths', name => s.list(name, count, count).map((value, k) => positive(value, `${s.path}.${name}[${k}]`))),
    ),
    ...present('calibration', s.optional('calibration', s.text)),
  }
  s.refuseIdentity()
  return stream
}

/** Microseconds, or an ISO 8601 time with its zone. */
function readEpoch(s: Shape, name: string): number {
  const value = s.get(name)
  if (typeof value !== 'string') return s.whole(name, 0, highest)
  const milliseconds = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/.test(value) ? Date.parse(value) : Number.NaN
  if (!(milliseconds >= 0)) throw s.mistake(name, 'microseconds since 1970, or a time such as 2026-01-02T03:04:05Z')
  return milliseconds * 1000
}

const otherWords: Readonly<Record<string, StreamKind>> = {
  ekg: 'ecg',
  pleth: 'ppg',
  resp: 'respiration',
  abp: 'pressure',
  art: 'pressure',
  acc: 'acceleration',
  accelerometer: 'acceleration',
  temp: 'temperature',
}

/** A kind that is not known is kept and shown, not interpreted: one such stream must not silence its device. */
function kindOf(word: string): StreamKind {
  const known = streamKinds.find(kind => kind === word)
  return known ?? (Object.hasOwn(otherWords, word) ? otherWords[word]! : 'other')
}

function readRate(s: Shape): { num: number; den: number } {
  const [num, den] = s.list('fs', 2, 2)
  return {
    num: wholeNumber(num, 1, 0x7fffffff, `${s.path}.fs[0]`),
    den: wholeNumber(den, 1, 0x7fffffff, `${s.path}.fs[1]`),
  }
}

function perChannel(s: Shape, name: string, count: number, read: (value: unknown, where: string) => number): number[] {
  const value = s.get(name)
  const where = `${s.path}.${name}`
  if (!Array.isArray(value)) return new Array<number>(count).fill(read(value, where))
  if (value.length !== count) throw s.mistake(name, `one number, or one for each of the ${count} channels`)
  return value.map((item, k) => read(item, `${where}[${k}]`))
}

function gainOf(value: unknown, where: string): number {
  const gain = realNumber(value, where)
  if (gain === 0) throw new Mistake(`${where} is not accepted; accepted is a finite number other than 0`)
  return gain
}

function positive(value: unknown, where: string): number {
  const number = realNumber(value, where)
  if (!(number > 0)) throw new Mistake(`${where} is not accepted; accepted is a number above 0`)
  return number
}

function present<K extends string, T>(name: K, value: T | undefined): { [key in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]: T })
}

/** Bytes of a birth; numbers that all channels share are sent once. */
export function encodeBirth(birth: Birth, encoding: Encoding = 'json'): Uint8Array {
  const streams = birth.streams.map(stream => ({
    ...stream,
    fs: [stream.fs.num, stream.fs.den],
    gain: shared(stream.gain),
    baseline: shared(stream.baseline),
    bits: shared(stream.bits),
  }))
  return encodeDocument({ ...birth, streams }, encoding)
}

function shared(values: readonly number[]): number | readonly number[] {
  return values.every(value => value === values[0]) ? values[0]! : values
}

/** Rule B5: do two births under one boot say the same, but for the battery? */
export function sameBirth(a: Birth, b: Birth): boolean {
  return canonicalJson({ ...a, battery: null }) === canonicalJson({ ...b, battery: null })
}
