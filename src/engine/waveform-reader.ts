import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeRecord } from '../journal/record-codec.js'
import { parseRecord } from '../journal/segment-format.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import { roundHalfAway, samplesToMicros } from '../signal/rate.js'
import type { Birth, BirthStream } from '../wire/birth.js'
import { type Chunk, ChunkBuffers, decodeChunk } from '../wire/chunk.js'
import { decodeJsonChunk, isJsonChunk } from '../wire/json-chunk.js'
import type { WaveStretch } from './engine-types.js'
import { folders } from './partition-host.js'

/**
 * Samples in [from, to) of patient time from the journal records that `segments` refer to, one stretch per channel and
 * run of chunks without a gap. References whose file is gone, whose record is damaged or whose birth is not known any
 * more are left out.
 */
export async function readWaveform(
  dataDir: string,
  segments: readonly WaveSegment[],
  range: { from: number; to: number },
  birthOf: (device: string, boot: number) => Birth | undefined,
): Promise<WaveStretch[]> {
  const stretches: WaveStretch[] = []
  const files = new Map<string, FileHandle | null>()
  try {
    for (const source of bySource(segments)) {
      const first = source[0]!
      const spec = birthOf(first.device, first.boot)?.streams.find(stream => stream.id === first.stream)
      if (spec !== undefined) stretches.push(...(await readSource(dataDir, source, spec, range, files)))
    }
  } finally {
    for (const handle of files.values()) await handle?.close()
  }
  return stretches
}

/** Rows of one device, boot and stream, in order of their time. */
function bySource(segments: readonly WaveSegment[]): WaveSegment[][] {
  const sources = new Map<string, WaveSegment[]>()
  for (const segment of segments) {
    const key = `${segment.device}/${segment.boot}/${segment.stream}`
    const rows = sources.get(key)
    if (rows === undefined) sources.set(key, [segment])
    else rows.push(segment)
  }
  return [...sources.values()].map(rows => rows.sort((a, b) => a.from - b.from))
}

interface Part {
  start: number
  t: number
  channels: Float64Array[]
}

async function readSource(
  dataDir: string,
  rows: readonly WaveSegment[],
  spec: BirthStream,
  range: { from: number; to: number },
  files: Map<string, FileHandle | null>,
): Promise<WaveStretch[]> {
  const parts = new Map<number, Part>()
  for (const row of rows) {
    for (const [index, n, position, length] of row.chunks) {
      const t = row.from + samplesToMicros(index - row.chunks[0]![0], spec.fs)
      if (t >= range.to || t + samplesToMicros(n, spec.fs) <= range.from || parts.has(index)) continue
      const chunk = await readChunk(join(dataDir, folders.journal, row.file), position, length, spec, files)
      if (chunk !== null) parts.set(index, cut({ start: index, t, channels: chunk.channels.map(values => values.slice()) }, spec, range))
    }
  }
  const stretches: WaveStretch[] = []
  let run: Part[] = []
  const close = () => {
    if (run.length === 0) return
    const { start, t } = run[0]!
    const length = run.reduce((sum, part) => sum + part.channels[0]!.length, 0)
    for (const [k, channel] of spec.channels.entries()) {
      const values = new Float64Array(length)
      let at = 0
      for (const part of run) {
        values.set(part.channels[k]!, at)
        at += part.channels[k]!.length
      }
      stretches.push({ boot: rows[0]!.boot, channel, unit: spec.unit, fs: [spec.fs.num, spec.fs.den], start, t, values })
    }
    run = []
  }
  for (const part of [...parts.values()].sort((a, b) => a.start - b.start)) {
    if (part.channels[0]!.length === 0) continue
    const last = run.at(-1)
    if (last !== undefined && part.start !== last.start + last.channels[0]!.length) close()
    run.push(part)
  }
  close()
  return stretches
}

/** The samples of a part that lie in the range. */
function cut(part: Part, spec: BirthStream, range: { from: number; to: number }): Part {
  const perMicro = spec.fs.num / (spec.fs.den * 1e6)
  const length = part.channels[0]!.length
  let skip = Math.max(0, Math.floor((range.from - part.t) * perMicro))
  while (skip < length && part.t + samplesToMicros(skip, spec.fs) < range.from) skip += 1
  let end = Math.min(length, Math.max(skip, roundHalfAway((range.to - part.t) * perMicro) + 1))
  while (end > skip && part.t + samplesToMicros(end - 1, spec.fs) >= range.to) end -= 1
  const channels = part.channels.map(values => values.subarray(skip, end))
  return { start: part.start + skip, t: part.t + samplesToMicros(skip, spec.fs), channels }
}

async function readChunk(
  path: string,
  position: number,
  length: number,
  spec: BirthStream,
  files: Map<string, FileHandle | null>,
): Promise<Chunk | null> {
  if (!files.has(path)) files.set(path, await open(path, 'r').catch(() => null))
  const handle = files.get(path) ?? null
  if (handle === null) return null
  const bytes = Buffer.allocUnsafe(length)
  const { bytesRead } = await handle.read(bytes, 0, length, position)
  const raw = parseRecord(bytes, 0, bytesRead, position)
  if (raw === 'short' || raw === 'bad') return null
  const record = decodeRecord(raw.type, raw.body)
  if (record.type !== 'message' || record.topic !== 'w') return null
  const buffers = new ChunkBuffers()
  const decoded = isJsonChunk(record.payload) ? decodeJsonChunk(record.payload, spec, buffers) : decodeChunk(record.payload, spec, buffers)
  return 'ok' in decoded ? decoded.ok : null
}
