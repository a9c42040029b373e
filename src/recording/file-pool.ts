import { type FileHandle, open, stat } from 'node:fs/promises'
import { VitalwireError } from '../errors.js'

interface OpenFile {
  readonly handle: Promise<FileHandle>
  users: number
}

/** Files that stay open between window reads, at most `limit` idle ones: a record of hundreds of segments must not hold hundreds. */
export class FilePool {
  // In the order of last use, oldest first.
  readonly #files = new Map<string, OpenFile>()

  constructor(readonly limit = 16) {}

  /** Reads up to `length` bytes from `position`; fewer only at the end of the file. Throws `recording-missing`. */
  async read(path: string, position: number, length: number): Promise<Uint8Array> {
    const file = this.#files.get(path) ?? { handle: open(path, 'r'), users: 0 }
    this.#files.delete(path)
    this.#files.set(path, file)
    file.users++
    try {
      const handle = await file.handle
      const bytes = new Uint8Array(length)
      let done = 0
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, position + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return done === length ? bytes : bytes.subarray(0, done)
    } catch (cause) {
      if (this.#files.get(path) === file) this.#files.delete(path)
      throw unreadable(path, cause)
    } finally {
      file.users--
      // Given up after an error: nobody else will close it.
      if (file.users === 0 && this.#files.get(path) !== file) await (await file.handle.catch(() => null))?.close()
      await this.#trim()
    }
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    // A file that is being read is closed by its reader.
    for (const { handle, users } of files) if (users === 0) await (await handle.catch(() => null))?.close()
  }

  async #trim(): Promise<void> {
    if (this.#files.size <= this.limit) return
    for (const [path, file] of this.#files) {
      if (file.users > 0) continue
      this.#files.delete(path)
      await (await file.handle.catch(() => null))?.close()
      if (this.#files.size <= this.limit) return
    }
  }
}

/** Size in bytes of a regular file. Throws `recording-missing`, saying what was looked for. */
export async function fileSize(path: string, expected: string): Promise<number> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) throw new VitalwireError('recording-missing', `${path} is not there; expected ${expected}`)
  return found.size
}

/** Whole text of a small file. Throws `recording-missing`, or `recording-format` above `maxBytes`. */
export async function readSmallText(path: string, expected: string, maxBytes = 16 * 1024 * 1024): Promise<string> {
  return Buffer.from(await readSmallFile(path, expected, maxBytes)).toString('utf8')
}

export async function readSmallFile(path: string, expected: string, maxBytes: number): Promise<Uint8Array> {
  const size = await fileSize(path, expected)
  if (size > maxBytes)
    throw new VitalwireError('recording-format', `${path} has ${size} bytes; accepted: at most ${maxBytes} for ${expected}`)
  const pool = new FilePool()
  try {
    return await pool.read(path, 0, size)
  } finally {
    await pool.close()
  }
}

function unreadable(path: string, cause: unknown): VitalwireError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new VitalwireError('recording-missing', `${path} is not readable: ${reason}`, { cause })
}
