import type { FileHandle } from 'node:fs/promises'
import { open, rename, rm } from 'node:fs/promises'
import { McapWriter } from '@mcap/core'
import { VitalwireError } from '../errors.js'

/** A message as it was on the bus: exact bytes, full topic, wall time of its arrival in microseconds. */
export interface CapturedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly at: number
}

export const captureProfile = 'vitalwire-1'

/**
 * Writes a capture: an MCAP file (mcap.dev) in chunks of 1 MB with checksums and index, a channel for each topic, messages
 * in the order in which they came. The file takes its name when it is complete; until then it is `NAME.part`, of which
 * all but the last chunk can be read.
 */
export class CaptureWriter {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #writer: McapWriter
  readonly #channels = new Map<string, number>()
  #sequence = 0

  private constructor(path: string, handle: FileHandle) {
    let position = 0n
    this.#path = path
    this.#handle = handle
    this.#writer = new McapWriter({
      chunkSize: 1 << 20,
      writable: {
        write: async bytes => {
          // A file handle may write less than it was given.
          for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten
          position += BigInt(bytes.length)
        },
        position: () => position,
      },
    })
  }

  /** Throws `disk-write`. */
  static async create(path: string): Promise<CaptureWriter> {
    try {
      const writer = new CaptureWriter(path, await open(`${path}.part`, 'w'))
      await writer.#writer.start({ profile: captureProfile, library: 'vitalwire' })
      return writer
    } catch (cause) {
      throw refusal(path, cause)
    }
  }

  /** Throws `disk-write`. */
  async add({ topic, payload, at }: CapturedMessage): Promise<void> {
    try {
      let channelId = this.#channels.get(topic)
      if (channelId === undefined) {
        channelId = await this.#writer.registerChannel({ schemaId: 0, topic, messageEncoding: 'vitalwire', metadata: new Map() })
        this.#channels.set(topic, channelId)
      }
      const time = BigInt(Math.round(at)) * 1000n
      await this.#writer.addMessage({ channelId, sequence: this.#sequence++ % 2 ** 32, logTime: time, publishTime: time, data: payload })
    } catch (cause) {
      throw refusal(this.#path, cause)
    }
  }

  /** Throws `disk-write`, and then the file does not take its name. */
  async finish(): Promise<void> {
    try {
      await this.#writer.end()
      await this.#handle.sync()
      await this.#handle.close()
      await rename(`${this.#path}.part`, this.#path)
    } catch (cause) {
      throw refusal(this.#path, cause)
    }
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {})
    await rm(`${this.#path}.part`, { force: true })
  }
}

function refusal(path: string, cause: unknown): VitalwireError {
  return new VitalwireError('disk-write', `capture ${path} cannot be written: ${(cause as Error).message}`, { cause })
}
