import { checkHeader } from './chunk.js'
import { isJsonChunk, readJsonChunk } from './json-chunk.js'

/** Where a chunk belongs, read without its birth: `index` counts samples since boot, `t0` is device clock in microseconds. */
export interface ChunkPlace {
  readonly boot: number
  readonly seq: number
  readonly index: number
  /** Samples a channel. */
  readonly n: number
  readonly t0: number
  readonly flags: number
}

/** Null when the bytes have no header of a chunk; the samples are not looked at. */
export function readChunkPlace(bytes: Uint8Array): ChunkPlace | null {
  if (isJsonChunk(bytes)) {
    const chunk = readJsonChunk(bytes)
    return 'ok' in chunk ? { ...chunk.ok, n: chunk.ok.values[0]?.length ?? 0 } : null
  }
  if (checkHeader(bytes) !== null) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const index = Number(view.getBigUint64(16, true))
  const t0 = Number(view.getBigUint64(24, true))
  const n = view.getUint16(32, true)
  if (index + n > Number.MAX_SAFE_INTEGER || t0 > Number.MAX_SAFE_INTEGER) return null
  return { boot: view.getUint32(8, true), seq: view.getUint32(12, true), index, n, t0, flags: view.getUint16(4, true) }
}
