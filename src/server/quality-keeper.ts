import { readJsonFile, writeJsonFile } from '../journal/atomic-file.js'
import type { EventBatch } from '../journal/event-log.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import { QualityBook } from '../quality/quality-book.js'
import { isLaterEvent, parseEventId } from '../store/event-id.js'
import type { EnginePort } from './engine-port.js'

const comeBackMicros = 60e6

interface Saved {
  readonly version: 1
  readonly epoch: string
  readonly position: string
  readonly newest: [string, string][]
  readonly book: unknown
}

/**
 * Keeps the book of quality on disk and up to date: what was saved, then the event log from there, then each batch that the feed's
 * hub passes on. An event that comes again goes no further, so the hub may begin anywhere before. Raises the issues of groups.
 */
export class QualityKeeper {
  readonly book = new QualityBook()
  readonly #file: string
  readonly #engine: EnginePort
  readonly #newest = new Map<string, string>()
  #position: string | null = null
  #changed = false
  /** Wall time at which issues of groups were last said: until they come back through the log they would be said again. */
  #saidAt = 0

  private constructor(file: string, engine: EnginePort) {
    this.#file = file
    this.#engine = engine
  }

  /** A file that is not readable, or of another event log, is begun anew. */
  static async open(file: string, engine: EnginePort): Promise<QualityKeeper> {
    const keeper = new QualityKeeper(file, engine)
    const saved = readSaved(file)
    if (saved?.version !== 1 || saved.epoch !== engine.epoch) return keeper
    keeper.book.load(saved.book)
    for (const [partition, id] of saved.newest) keeper.#newest.set(partition, id)
    const reader = engine.events(saved.position, { maxEvents: 1000 })
    try {
      while (reader.bytesBehind() > 0) {
        const batch = await reader.next()
        if (batch === null) break
        keeper.take(batch)
      }
    } finally {
      reader.close()
    }
    return keeper
  }

  take({ events, position }: Pick<EventBatch, 'events' | 'position'>): void {
    this.#position = position
    for (const event of events) if (this.#isNew(event)) this.#apply(event)
  }

  /** To be called now and then: says the issues of groups that are due, and saves. `now`: wall time, microseconds. */
  tend(now: number): void {
    if (now - this.#saidAt >= comeBackMicros) {
      for (const body of this.book.dueGroups(now)) {
        this.#saidAt = now
        this.#engine.sayIssue(body)
      }
    }
    if (!this.#changed || this.#position === null) return
    this.#changed = false
    const { epoch } = this.#engine
    writeJsonFile(this.#file, {
      version: 1,
      epoch,
      position: this.#position,
      newest: [...this.#newest],
      book: this.book.save(),
    } satisfies Saved)
  }

  #isNew({ id }: LoggedEvent): boolean {
    const { partition } = parseEventId(id)
    const before = this.#newest.get(partition)
    if (before !== undefined && !isLaterEvent(id, before)) return false
    this.#newest.set(partition, id)
    return true
  }

  #apply(event: LoggedEvent): void {
    if (event.log !== 'system' || !['quality-report', 'issue', 'correction'].includes(event.type)) return
    this.#changed = true
    this.book.apply(event)
  }
}

/** The event log has it all; what cannot be read is begun anew with what the hub passes on. */
function readSaved(file: string): Saved | null {
  try {
    return readJsonFile(file) as Saved | null
  } catch {
    return null
  }
}
