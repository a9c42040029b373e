import { CaptureWriter } from '../capture/capture-writer.js'
import { buildTopic } from '../wire/topics.js'
import { JournalFolder, type ReadProblem } from './journal-folder.js'

export interface ExportedCapture {
  readonly file: string
  readonly messages: number
  readonly devices: readonly string[]
  readonly problems: readonly ReadProblem[]
}

export interface CaptureRequest {
  readonly dir: string
  /** Of the capture; made anew. */
  readonly file: string
  /** Devices to take; null: all. */
  readonly devices: ReadonlySet<string> | null
}

/** Tenant of the topics in an exported capture: the journal keeps the device, not under which tenant it spoke. */
const tenant = 'default'

/**
 * Writes the messages of a journal as a capture: the bytes as they came, at the times at which they came. Between
 * partitions the order is that of the files. Throws `disk-write`.
 */
export async function exportCapture({ dir, file, devices }: CaptureRequest): Promise<ExportedCapture> {
  const folder = new JournalFolder(dir)
  const writer = await CaptureWriter.create(file)
  const found = new Set<string>()
  let messages = 0
  try {
    for (const { record } of folder.records()) {
      if (record.type !== 'message' || (devices !== null && !devices.has(record.device))) continue
      const { device, topic: kind, stream, payload, at } = record
      found.add(device)
      messages += 1
      await writer.add({ topic: buildTopic({ tenant, device, kind, stream }), payload, at })
    }
    await writer.finish()
  } catch (error) {
    await writer.abandon()
    throw error
  }
  return { file, messages, devices: [...found].sort(), problems: folder.problems }
}
