import { createHash } from 'node:crypto'
import type { PatientEvent } from '../monitor/event.js'
import { canonicalJson } from '../signal/canonical-json.js'

const minuteMicros = 60_000_000
/**
 * A minute is hashed once the session has moved this far past its end. It is more than any stage's latency, search-back
 * and onset delay together, so nothing that belongs to the minute can still come.
 */
const settleMicros = 5 * minuteMicros

export interface SessionHashState {
  origin: number
  /** Lines of minutes that are not hashed yet, by minute. */
  open: [number, string[]][]
  minutes: [number, string][]
  count: number
  newest: number
  late: number
}

/**
 * `eventHash` of a session: each event of the patient log is one line, {t, type, stream, ...body} with t in microseconds
 * since the session's origin; lines are sorted by (t, line bytes) within their minute of t; a minute's hash is the
 * SHA-256 of its lines, the session's the SHA-256 of the minute hashes in order. Minutes without lines have no hash.
 */
export class SessionHash {
  #origin: number
  #open = new Map<number, { t: number; line: string }[]>()
  #minutes = new Map<number, string>()
  #count = 0
  #newest = Number.NEGATIVE_INFINITY
  #late = 0

  /** `origin`: earliest anchor of the session, microseconds of patient time. */
  constructor(origin: number) {
    this.#origin = origin
  }

  get count(): number {
    return this.#count
  }

  add(event: PatientEvent): void {
    const t = event.t - this.#origin
    const line = eventLine(event, this.#origin)
    const minute = Math.floor(t / minuteMicros)
    this.#count += 1
    if (this.#minutes.has(minute)) {
      this.#late += 1
      return
    }
    const lines = this.#open.get(minute)
    if (lines === undefined) this.#open.set(minute, [{ t, line }])
    else lines.push({ t, line })
    if (t > this.#newest) {
      this.#newest = t
      this.#settle(t - settleMicros)
    }
  }

  /** The session's hash, or null if an event came for a minute that was hashed already. */
  close(): { eventHash: string | null; eventCount: number; minutes: { minute: number; hash: string }[] } {
    this.#settle(Number.POSITIVE_INFINITY)
    const minutes = [...this.#minutes].sort((a, b) => a[0] - b[0])
    const hash = createHash('sha256')
    for (const [, minuteHash] of minutes) hash.update(minuteHash, 'hex')
    return {
      eventHash: this.#late === 0 ? hash.digest('hex') : null,
      eventCount: this.#count,
      minutes: minutes.map(([minute, minuteHash]) => ({ minute, hash: minuteHash })),
    }
  }

  save(): SessionHashState {
    return {
      origin: this.#origin,
      open: [...this.#open].map(([minute, lines]) => [minute, lines.map(entry => entry.line)]),
      minutes: [...this.#minutes],
      count: this.#count,
      newest: this.#newest,
      late: this.#late,
    }
  }

  load(state: SessionHashState): void {
    this.#origin = state.origin
    this.#open = new Map(
      state.open.map(([minute, lines]) => [minute, lines.map(line => ({ t: (JSON.parse(line) as { t: number }).t, line }))]),
    )
    this.#minutes = new Map(state.minutes)
    this.#count = state.count
    this.#newest = state.newest
    this.#late = state.late
  }

  /** Hashes the minutes that end at or before `until`. */
  #settle(until: number): void {
    for (const [minute, lines] of this.#open) {
      if ((minute + 1) * minuteMicros > until) continue
      lines.sort((a, b) => a.t - b.t || compareBytes(a.line, b.line))
      const hash = createHash('sha256')
      for (const { line } of lines) hash.update(line + '\n')
      this.#minutes.set(minute, hash.digest('hex'))
      this.#open.delete(minute)
    }
  }
}

/** The line of an event as it enters the hash, without the line feed. */
function eventLine(event: PatientEvent, origin: number): string {
  return canonicalJson({ ...event.body, t: event.t - origin, type: event.type, stream: event.stream })
}

/** Order of the UTF-8 bytes, which is the order of code points. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
