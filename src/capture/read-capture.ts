import { type FileHandle, open } from 'node:fs/promises'
import { McapStreamReader } from '@mcap/core'
import { VitalwireError } from '../errors.js'
import { type CapturedMessage, captureProfile } from './capture-writer.js'

const blockBytes = 1 << 20

export interface CaptureEnd {
  /** Whether the file was finished by who wrote it; else its last chunk may be missing. */
  readonly whole: boolean
}

/**
 * The messages of a capture in the order in which they came; the generator's return value says whether the file is whole.
 * Checksums are held. Throws `recording-format` for a file that is no capture or is damaged, `recording-missing` when it
 * is not there.
 */
export async function* readCapture(path: string): AsyncGenerator<CapturedMessage, CaptureEnd> {
  const handle = await openFile(path)
  try {
    const reader = new McapStreamReader({ validateCrcs: true })
    const topics = new Map<number, string>()
    const buffer = Buffer.alloc(blockBytes)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, blockBytes)
      if (bytesRead === 0) return { whole: reader.done() }
      // The reader keeps what is not complete yet.
      feed(path, () => reader.append(buffer.subarray(0, bytesRead)))
      for (;;) {
        const record = feed(path, () => reader.nextRecord())
        if (record === undefined) break
        if (record.type === 'Header' && record.profile !== captureProfile)
          throw refusal(path, `has the profile ${JSON.stringify(record.profile)}`)
        if (record.type === 'Channel') topics.set(record.id, record.topic)
        if (record.type !== 'Message') continue
        const topic = topics.get(record.channelId)
        if (topic === undefined) throw refusal(path, `has a message of channel ${record.channelId}, which it does not name`)
        yield { topic, payload: Uint8Array.from(record.data), at: Number(record.logTime / 1000n) }
      }
    }
  } finally {
    await handle.close()
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new VitalwireError(
      'recording-missing',
      `capture ${path} ${missing ? 'is not there' : `cannot be read: ${(cause as Error).message}`}; accepted is a file that vitalwire has captured`,
      { cause },
    )
  }
}

function feed<T>(path: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw refusal(path, `cannot be read: ${(cause as Error).message}`, cause)
  }
}

function refusal(path: string, why: string, cause?: unknown): VitalwireError {
  return new VitalwireError('recording-format', `capture ${path} ${why}; accepted is an MCAP file with the profile ${captureProfile}`, {
    cause,
  })
}
