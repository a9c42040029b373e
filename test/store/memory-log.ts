import type { EventBatch, EventLogReader } from '../../src/journal/event-log.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { WaveSegment } from '../../src/journal/wave-segment.js'

interface Entry {
  readonly event?: LoggedEvent
  readonly segment?: WaveSegment
}

/** An event log in memory that behaves as the one on disk does for its readers: own positions, waiting at the end. */
export class MemoryLog {
  readonly epoch: string
  private readonly entries: Entry[] = []
  private waiting: (() => void)[] = []
  /** Readers that are open. */
  readers = 0

  constructor(epoch = 'epoch-1') {
    this.epoch = epoch
  }

  append(...events: readonly LoggedEvent[]): void {
    for (const event of events) this.entries.push({ event })
    this.wake()
  }

  appendSegment(segment: WaveSegment): void {
    this.entries.push({ segment })
    this.wake()
  }

  eventsEnd(): string {
    return String(this.entries.length)
  }

  events(position: string | null, options: { maxEvents?: number } = {}): EventLogReader {
    let at = Number(position ?? 0)
    let closed = false
    this.readers += 1
    const next = async (): Promise<EventBatch | null> => {
      while (!closed && at >= this.entries.length) await new Promise<void>(resolve => this.waiting.push(resolve))
      if (closed) return null
      const taken = this.entries.slice(at, at + (options.maxEvents ?? 1000))
      at += taken.length
      const events = taken.flatMap(entry => (entry.event ? [entry.event] : []))
      return { events, segments: taken.flatMap(entry => (entry.segment ? [entry.segment] : [])), position: String(at) }
    }
    const close = (): void => {
      if (!closed) this.readers -= 1
      closed = true
      this.wake()
    }
    return {
      next,
      close,
      get position() {
        return String(at)
      },
      missingUntil: null,
      bytesBehind: () => (this.entries.length - at) * 100,
    }
  }

  private wake(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const resolve of waiting) resolve()
  }
}
