import type { EventBatch, EventLogReader } from '../journal/event-log.js'
import type { Store } from './store.js'

/** The event log as its consumers open it: each from its own position (null: the beginning). */
interface EventSource {
  /** Changes when the log is begun anew; positions of another epoch mean nothing. */
  readonly epoch: string
  events(position: string | null, options?: { maxEvents?: number }): EventLogReader
}

export interface StoreConsumerOptions {
  readonly store: Store
  readonly log: EventSource
  /** Events held in memory at most: one batch. Default 1000, about 15 ms of the embedded store's synchronous work. */
  readonly batchEvents?: number
  /** After a failure; doubles up to the maximum while it lasts. */
  readonly retryFirstMs?: number
  readonly retryMaxMs?: number
  /** Called when the state or its reason changes. */
  readonly onChange?: (lag: StoreLag) => void
}

export interface StoreLag {
  readonly store: string
  readonly state: 'starting' | 'running' | 'retrying' | 'stopped'
  /** Bytes of the event log that were not read for this store, the batch under way apart; null before it is open. */
  readonly bytesBehind: number | null
  /** Events of the batch that the store has not taken yet. */
  readonly eventsPending: number
  readonly failures: number
  readonly error: string | null
  /** Up to this wall time (microseconds) something of the log was deleted before the store had it; null: nothing. */
  readonly missingUntil: number | null
  readonly written: number
  readonly deadLettered: number
}

/**
 * Carries the event log into one store, batch by batch: read, append, and only then go on. While the store is down
 * nothing piles up here: the log on disk is the buffer, and the same batch is offered again until it is taken.
 */
export class StoreConsumer {
  private readonly stopping = new AbortController()
  private running: Promise<void> | null = null
  private reader: EventLogReader | null = null
  private state: StoreLag['state'] = 'starting'
  private eventsPending = 0
  private failures = 0
  private error: string | null = null
  private missingUntil: number | null = null
  private written = 0
  private deadLettered = 0

  constructor(private readonly options: StoreConsumerOptions) {}

  start(): void {
    // Until the store has said where it stands it may want all that there is.
    this.reader ??= this.options.log.events(null)
    this.running ??= this.run()
  }

  /** Ends after the attempt that is under way. The store stays open. */
  async stop(): Promise<void> {
    this.stopping.abort()
    this.reader?.close()
    await this.running
  }

  lag(): StoreLag {
    return {
      store: this.options.store.name,
      state: this.state,
      bytesBehind: this.reader?.bytesBehind() ?? null,
      eventsPending: this.eventsPending,
      failures: this.failures,
      error: this.error,
      missingUntil: this.missingUntil,
      written: this.written,
      deadLettered: this.deadLettered,
    }
  }

  private async run(): Promise<void> {
    try {
      while (!this.stopping.signal.aborted) {
        const reader = await this.retry(() => this.openReader())
        if (!reader) return
        // The one before has kept the log from being shortened until now.
        this.reader?.close()
        this.reader = reader
        this.noteMissing(reader)
        // Stopped while it was being opened.
        if (this.stopping.signal.aborted) reader.close()
        try {
          await this.carry(reader)
        } catch (problem) {
          // The log could not be read: begin again from what the store has.
          await this.pause(problem, this.options.retryMaxMs ?? 15_000)
        }
      }
    } finally {
      this.reader?.close()
      this.change('stopped')
    }
  }

  /** The store goes on with the oldest that there is, and says that something is missing. */
  private noteMissing({ missingUntil }: EventLogReader): void {
    if (missingUntil === null || missingUntil === this.missingUntil) return
    this.missingUntil = missingUntil
    this.options.onChange?.(this.lag())
  }

  private async openReader(): Promise<EventLogReader> {
    const stored = await this.options.store.position()
    const from = stored !== null && stored.epoch === this.options.log.epoch ? stored.position : null
    return this.options.log.events(from, { maxEvents: this.options.batchEvents ?? 1000 })
  }

  private async carry(reader: EventLogReader): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const batch = await reader.next()
      if (batch === null) {
        this.stopping.abort()
        return
      }
      this.eventsPending = batch.events.length
      await this.retry(() => this.append(batch))
    }
  }

  private async append(batch: EventBatch): Promise<true> {
    const result = await this.options.store.append(batch, { epoch: this.options.log.epoch, position: batch.position })
    this.written += result.written
    this.deadLettered += result.deadLettered
    this.eventsPending = 0
    return true
  }

  /** Until it works, or the consumer stops (then undefined). */
  private async retry<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    let waitMs = this.options.retryFirstMs ?? 250
    while (!this.stopping.signal.aborted) {
      try {
        const result = await attempt()
        this.error = null
        this.change('running')
        return result
      } catch (problem) {
        await this.pause(problem, waitMs)
        waitMs = Math.min(waitMs * 2, this.options.retryMaxMs ?? 15_000)
      }
    }
    return undefined
  }

  private async pause(problem: unknown, waitMs: number): Promise<void> {
    this.failures += 1
    this.error = problem instanceof Error ? problem.message : String(problem)
    this.change('retrying')
    await waitAbortable(waitMs, this.stopping.signal)
  }

  private change(state: StoreLag['state']): void {
    if (state === this.state && state !== 'retrying') return
    this.state = state
    this.options.onChange?.(this.lag())
  }
}

async function waitAbortable(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
