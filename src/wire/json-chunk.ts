import { crc32c } from '../signal/crc32c.js'
import { type Chunk, type ChunkBuffers, type ChunkFormat, type Decoded, maxPayloadBytes, maxSamples, sampleFlagBits } from './chunk.js'
import type { ChunkReason } from './reasons.js'
import { attempt, Mistake, Shape } from './shape.js'

/**
 * The JSON chunk, for experiments (first byte `{`): `{boot, seq, index, t0, flags?, paceMarks?, values: [[..], ..]}` with one
 * list a channel of physical values in the stream's unit, null where there is none; `paceMarks` count from `index`. It has no
 * CRC: the CRC-32C of the message stands in, so that duplicates are told from conflicts.
 */
export interface JsonChunk {
  readonly boot: number
  readonly seq: number
  readonly index: number
  readonly t0: number
  readonly flags: number
  /** Counted from the chunk's first sample, as they came. */
  readonly paceMarks: readonly unknown[]
  readonly values: readonly (readonly unknown[])[]
}

export function isJsonChunk(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b
}

/** Everything that can be checked without the birth. */
export function readJsonChunk(bytes: Uint8Array): Decoded<JsonChunk, ChunkReason> {
  if (bytes.length > maxPayloadBytes) return { reason: 'too-long' }
  let document: unknown
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return { reason: 'json-syntax' }
  }
  const read = attempt(() => {
    const s = new Shape(document, '')
    const values = s.list('values', 1, 256).map(list => {
      if (!Array.isArray(list)) throw new Mistake('values')
      return list as unknown[]
    })
    const chunk: JsonChunk = {
      boot: s.whole('boot', 0, 0xffffffff),
      seq: s.whole('seq', 0, 0xffffffff),
      index: s.whole('index', 0, Number.MAX_SAFE_INTEGER),
      t0: s.whole('t0', 0, Number.MAX_SAFE_INTEGER),
      flags: s.optional('flags', name => s.whole(name, 0, sampleFlagBits)) ?? 0,
      paceMarks: s.optional('paceMarks', name => s.list(name, 0, maxSamples)) ?? [],
      values,
    }
    s.refuseIdentity()
    return chunk
  })
  return 'ok' in read ? { ok: read.ok } : { reason: 'json-shape' }
}

/** The same order of checks as W1, as far as they apply; 64 KiB of text cannot hold more than 32,768 numbers. */
export function decodeJsonChunk(
  bytes: Uint8Array,
  format: ChunkFormat | 'unknown-boot' | 'unknown-stream',
  buffers: ChunkBuffers,
): Decoded<Chunk, ChunkReason> {
  const read = readJsonChunk(bytes)
  if ('reason' in read) return read
  if (typeof format === 'string') return { reason: format }
  const { values, paceMarks, ...header } = read.ok
  const n = values[0]!.length
  if (values.length !== format.gain.length) return { reason: 'channels' }
  if (n === 0 && (header.flags & 8) === 0) return { reason: 'empty' }
  const marks = placeMarks(paceMarks, header.index, n)
  if (marks === null) return { reason: 'pace-marks' }
  if (header.index + n > Number.MAX_SAFE_INTEGER) return { reason: 'range' }
  for (const list of values) {
    if (list.length !== n) return { reason: 'size' }
    for (const value of list) if (value !== null && !Number.isFinite(value)) return { reason: 'json-shape' }
  }
  const channels = buffers.take(values.length, n)
  let invalid = 0
  for (let channel = 0; channel < channels.length; channel++) {
    const list = values[channel]!
    const out = channels[channel]!
    for (let k = 0; k < n; k++) {
      if (list[k] === null) invalid++
      out[k] = list[k] === null ? Number.NaN : (list[k] as number)
    }
  }
  return {
    ok: { ...header, codec: format.codec, n, ...(marks.length > 0 && { paceMarks: marks }), crc: crc32c(bytes), invalid, channels },
  }
}

/** As samples since boot, or null when they are not ascending places among the `n` samples. */
function placeMarks(offsets: readonly unknown[], index: number, n: number): number[] | null {
  const marks: number[] = []
  let before = -1
  for (const offset of offsets) {
    if (!Number.isInteger(offset)) return null
    const place = offset as number
    if (place <= before || place >= n) return null
    before = place
    marks.push(index + place)
  }
  return marks
}
