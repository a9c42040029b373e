import { join } from 'node:path'
import { EventLogWriter, mainLog } from '../journal/event-log-writer.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { noPartition } from '../journal/segment-format.js'
import { indexSegments } from '../journal/segment-index.js'
import { folders } from './partition-host.js'
import type { SystemEventType } from './system-event.js'

/** What waits for a disk that refuses; beyond it the engine's own words are lost, nobody's data. */
const mostWaitingBytes = 4 * 1024 * 1024

/** What the engine's main thread says of itself, in an event log of its own. */
export class EngineLog {
  readonly #writer: EventLogWriter
  readonly #run: number
  readonly #onWritten: () => void
  #count = 0
  /** Why nothing can be written, while nothing can. */
  failing: string | null = null

  constructor(dataDir: string, run: number, segmentBytes: number, onWritten: () => void) {
    const own = { run, worker: mainLog }
    this.#writer = new EventLogWriter(indexSegments('events', join(dataDir, folders.events), own), own, segmentBytes)
    this.#run = run
    this.#onWritten = onWritten
  }

  say(type: SystemEventType, about: { device?: string; patient?: string }, body: Readonly<Record<string, unknown>>): void {
    const at = Date.now() * 1000
    const event: LoggedEvent = {
      id: `engine-${this.#run}-${this.#count}`,
      log: 'system',
      partition: -1,
      patient: about.patient ?? '',
      device: about.device ?? '',
      session: '',
      t: at,
      at,
      type,
      stream: '',
      body,
      note: {},
    }
    this.#count += 1
    if (this.#writer.waitingBytes < mostWaitingBytes) this.#writer.addEvents(noPartition, this.#count, JSON.stringify(event) + '\n')
    this.flush()
  }

  /** To be called now and then: what a full disk refused is tried again. */
  flush(): void {
    try {
      if (this.#writer.flush()) this.#onWritten()
      this.failing = null
    } catch (error) {
      // It is kept and tried again.
      this.failing = (error as Error).message
    }
  }

  close(): void {
    this.flush()
    this.#writer.close()
  }
}
