import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { VitalwireError } from '../errors.js'
import type { DatasetFile } from './dataset-manifest.js'
import { hashFile, readManifest } from './datasets.js'

export interface DownloadProgress {
  readonly path: string
  /** Files done, of `files`. */
  readonly done: number
  readonly files: number
  /** Bytes at hand of the whole set, of `totalBytes`. */
  readonly bytes: number
  readonly totalBytes: number
}

export interface DownloadOptions {
  /** Where the files are, under their paths; default: the manifest's `filesUrl`. */
  readonly baseUrl?: string
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Tries for each file after a broken connection; each goes on where the one before stopped. Default 3. */
  readonly attempts?: number
  readonly signal?: AbortSignal
  readonly manifests?: string
}

/**
 * Brings a set into the folder `dest`. A file grows under `NAME.part` and gets its name only once its size and checksum
 * are right, so a broken download is never taken for the file; the next run goes on where this one stopped (HTTP Range).
 * Throws `network-http`, `dataset-corrupt`, `dataset-missing` or `disk-write`.
 */
export async function getDataset(name: string, dest: string, options: DownloadOptions = {}): Promise<void> {
  const manifest = await readManifest(name, options.manifests)
  const base = options.baseUrl ?? manifest.filesUrl
  if (base === null || manifest.files === null) {
    const how = `${manifest.selection} Published at: ${manifest.url ?? 'no page of its own'}`
    throw new VitalwireError('dataset-missing', `dataset ${name} cannot be fetched file by file; ${how}`)
  }
  const { files } = manifest
  let bytes = 0
  for (const [done, file] of files.entries()) {
    const report = (received: number): void =>
      options.onProgress?.({ path: file.path, done, files: files.length, bytes: bytes + received, totalBytes: manifest.bytes })
    await getFile(file, dest, base, report, options)
    bytes += file.bytes
  }
  const last = files.at(-1)
  if (last !== undefined)
    options.onProgress?.({ path: last.path, done: files.length, files: files.length, bytes, totalBytes: manifest.bytes })
}

async function getFile(
  file: DatasetFile,
  dest: string,
  base: string,
  report: (received: number) => void,
  options: DownloadOptions,
): Promise<void> {
  const target = join(dest, file.path)
  if ((await sizeOf(target)) === file.bytes && (await hashFile(target)) === file.sha256) return
  await onDisk(target, () => mkdir(dirname(target), { recursive: true }))
  const part = `${target}.part`
  const url = `${base.replace(/\/+$/, '')}/${file.path.split('/').map(encodeURIComponent).join('/')}`
  const attempts = options.attempts ?? 3
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchRest(url, part, file, report, options.signal)
      break
    } catch (error) {
      const fatal = !(error instanceof VitalwireError) || error.code !== 'network-http' || options.signal?.aborted === true
      if (fatal || attempt >= attempts) throw error
    }
  }
  const size = await sizeOf(part)
  const digest = await hashFile(part)
  if (size !== file.bytes || digest !== file.sha256) {
    await rm(part, { force: true })
    const expected = `expected ${file.bytes} bytes with SHA-256 ${file.sha256}, found ${size ?? 0} bytes with ${digest}`
    throw new VitalwireError('dataset-corrupt', `${url} is not the file of the manifest: ${expected}; it was discarded`)
  }
  await onDisk(target, () => rename(part, target))
}

/** Appends what is missing to `part`; a server that does not know ranges sends the whole again, and the part starts anew. */
async function fetchRest(
  url: string,
  part: string,
  file: DatasetFile,
  report: (received: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let have = (await sizeOf(part)) ?? 0
  if (have > file.bytes) {
    await rm(part, { force: true })
    have = 0
  }
  if (have === file.bytes && have > 0) return
  const init: RequestInit =
    have > 0 ? { headers: { range: `bytes=${have}-`, 'accept-encoding': 'identity' } } : { headers: { 'accept-encoding': 'identity' } }
  if (signal !== undefined) init.signal = signal
  const response = await fetch(url, init).catch((cause: unknown) => {
    throw failed(url, cause instanceof Error ? cause.message : String(cause), cause)
  })
  if (response.status === 416) await rm(part, { force: true })
  if ((response.status !== 200 && response.status !== 206) || response.body === null) {
    await response.body?.cancel()
    throw failed(url, `HTTP status ${response.status}; expected 200 or 206`)
  }
  const resumed = response.status === 206 && have > 0
  if (response.status === 206 && !new RegExp(`^bytes ${have}-`).test(response.headers.get('content-range') ?? '')) {
    await response.body.cancel()
    throw failed(url, `a range other than asked for: ${response.headers.get('content-range')}`)
  }
  let received = resumed ? have : 0
  const count = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      received += chunk.length
      // A server that never ends must not fill the disk.
      if (received > file.bytes)
        throw new VitalwireError('dataset-corrupt', `${url} sends more than the ${file.bytes} bytes of the manifest`)
      report(received)
      yield chunk
    }
  }
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]) as AsyncIterable<Uint8Array>
  await pipeline(count(body), createWriteStream(part, { flags: resumed ? 'a' : 'w' })).catch(async (cause: unknown) => {
    if (cause instanceof VitalwireError) {
      await rm(part, { force: true })
      throw cause
    }
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (/^(ENOSPC|EACCES|EROFS|EDQUOT|EPERM|EISDIR)$/.test(code)) {
      throw new VitalwireError('disk-write', `${part} cannot be written: ${code}`, { cause })
    }
    throw failed(url, cause instanceof Error ? cause.message : String(cause), cause)
  })
  if (received < file.bytes) throw failed(url, `the connection ended after ${received} of ${file.bytes} bytes`)
}

function failed(url: string, reason: string, cause?: unknown): VitalwireError {
  return new VitalwireError('network-http', `${url} could not be fetched: ${reason}`, { cause })
}

async function onDisk(path: string, act: () => Promise<unknown>): Promise<void> {
  await act().catch((cause: unknown) => {
    throw new VitalwireError('disk-write', `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  })
}

async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null)
  return found?.isFile() ? found.size : null
}
