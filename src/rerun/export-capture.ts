import { CaptureWriter } from '../capture/capture-writer.js'
import { buildTopic } from '../wire/topics.js'
import { JournalFolder, type ReadProblem } from './journal-folder.js'

export interface ExportedCapture {
  readonly messages: number
  /** Of them; without one the capture cannot be played. */
  readonly births: number
  readonly problems: readonly ReadProblem[]
}

export interface CaptureRequest {
  readonly dir: string
  /** Of the capture; made anew. */
  readonly file: string
  readonly device: string
}

/** Tenant of the topics in an exported capture: the journal keeps the device, not under which tenant it spoke. */
const tenant = 'default'

/** Writes what a device sent as a capture: the bytes as they came, at the times at which they came. Throws `disk-write`. */
export async function exportCapture({ dir, file, device }: CaptureRequest): Promise<ExportedCapture> {
  const folder = new JournalFolder(dir)
  const writer = await CaptureWriter.create(file)
  let messages = 0
  let births = 0
  try {
    for (const { topic: kind, stream, payload, at } of folder.messagesOf(device)) {
      messages += 1
      if (kind === 'birth') births += 1
      await writer.add({ topic: buildTopic({ tenant, device, kind, stream }), payload, at })
    }
    await writer.finish()
  } catch (error) {
    await writer.abandon()
    throw error
  }
  return { messages, births, problems: folder.problems }
}
