import { readJsonFile, writeJsonFile } from '../journal/atomic-file.js'
import type { LocalEventLog } from '../journal/local-event-log.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { SessionInfo } from './engine-types.js'

/** Sessions kept; the oldest go. The event log has them all. */
const kept = 1000
/** A saved position is at least this old, so that events which workers were still telling of lie after it. */
const settleMs = 5000

interface SavedBook {
  version: 1
  position: string
  sessions: SessionInfo[]
}

/** The sessions that there were, newest last: from the event log at start, then as workers tell of them. */
export class SessionBook {
  readonly #path: string
  readonly #log: LocalEventLog
  #sessions = new Map<string, SessionInfo>()
  #position: string
  #next: { position: string; at: number } | null = null

  private constructor(path: string, log: LocalEventLog, saved: SavedBook | null) {
    this.#path = path
    this.#log = log
    this.#position = saved?.position ?? ''
    for (const session of saved?.sessions ?? []) this.#sessions.set(keyOf(session.session, session.openedAt), session)
  }

  /** Reads what was logged since the book was saved. */
  static async open(path: string, log: LocalEventLog): Promise<SessionBook> {
    const saved = readSaved(path)
    const book = new SessionBook(path, log, saved?.version === 1 ? saved : null)
    const reader = log.reader(book.#position)
    while (reader.bytesBehind() > 0) {
      const before = reader.position
      const batch = await Promise.race([reader.next(), new Promise<null>(resolve => setTimeout(resolve, 1000, null))])
      if (batch === null || batch.position === before) break
      for (const event of batch.events) if (event.type === 'session') book.note(event)
    }
    book.#position = reader.position
    reader.close()
    return book
  }

  list(): SessionInfo[] {
    return [...this.#sessions.values()]
  }

  note(event: LoggedEvent): void {
    const session = String(event.body.session ?? event.session)
    const state = event.body.state as SessionInfo['state']
    const open = state === 'opened' ? undefined : this.list().findLast(entry => entry.session === session)
    const record = typeof event.body.record === 'string' ? event.body.record : (open?.record ?? null)
    const devices = new Set(open?.devices ?? [])
    if (event.device !== '') devices.add(event.device)
    const openedAt = open?.openedAt ?? event.at
    this.#sessions.set(keyOf(session, openedAt), {
      session,
      patient: event.patient,
      devices: [...devices],
      state: open?.state === 'disordered' ? 'disordered' : state,
      eventHash: (event.body.eventHash as string | null | undefined) ?? null,
      eventCount: (event.body.eventCount as number | null | undefined) ?? null,
      record,
      openedAt,
      closedAt: state === 'opened' ? null : event.at,
    })
    for (const key of this.#sessions.keys()) {
      if (this.#sessions.size <= kept) break
      this.#sessions.delete(key)
    }
  }

  /** To be called every few seconds; a disk that refuses only makes the next start read more. */
  save(): void {
    const now = Date.now()
    if (this.#next !== null && now - this.#next.at >= settleMs) {
      this.#position = this.#next.position
      this.#next = null
      try {
        writeJsonFile(this.#path, { version: 1, position: this.#position, sessions: this.list() } satisfies SavedBook)
      } catch {}
    }
    try {
      this.#next ??= { position: this.#log.end(), at: now }
    } catch {}
  }
}

/** A device's recording that is replayed again has the same session id; each opening is an entry of its own. */
function keyOf(session: string, openedAt: number): string {
  return `${session} ${openedAt}`
}

/** What was saved; null when it is not there or not readable, for the event log has it all. */
function readSaved(path: string): SavedBook | null {
  try {
    return readJsonFile(path) as SavedBook | null
  } catch {
    return null
  }
}
