/** A group is synced at the latest after this long, and once nothing more has come for the pause: senders wait by then. */
const longestMs = 50
const pauseMs = 5
/** Earlier when so much waits. */
const mostBytes = 1024 * 1024
const mostMessages = 256

export interface GroupSyncOptions<T> {
  /** Has everything that was written until now on the disk, then calls back. */
  readonly sync: (done: (error: Error | null) => void) => void
  readonly syncNow: () => void
  /** These are on the disk, in the order in which they were added. */
  readonly onKept: (entries: T[]) => void
  /** These may not be on the disk and never will be from where they were written: they are to be written again, elsewhere. */
  readonly onFailed: (entries: T[], error: Error) => void
}

/**
 * Gathers what was written to the journal and is not on the disk yet, so that one `fdatasync` serves many messages. While
 * one is under way the next group gathers.
 */
export class GroupSync<T> {
  readonly #options: GroupSyncOptions<T>
  #gathering: T[] = []
  #syncing: T[] | null = null
  #bytes = 0
  #messages = 0
  #begunAt = 0
  #cameSince = false
  #timer: NodeJS.Timeout | null = null

  constructor(options: GroupSyncOptions<T>) {
    this.#options = options
  }

  get length(): number {
    return this.#gathering.length + (this.#syncing?.length ?? 0)
  }

  add(entry: T, bytes: number, messages: number): void {
    if (this.#gathering.length === 0) this.#begunAt = performance.now()
    this.#gathering.push(entry)
    this.#bytes += bytes
    this.#messages += messages
    this.#cameSince = true
    if (this.#isFull()) this.#begin()
    else this.#timer ??= setTimeout(() => this.#look(), pauseMs)
  }

  /** Everything that was added is on the disk when it returns, and told to `onKept`; or told to `onFailed`. */
  settle(): void {
    const entries = this.#takeAll()
    if (entries.length === 0) return
    try {
      this.#options.syncNow()
    } catch (error) {
      this.#options.onFailed(entries, error as Error)
      return
    }
    this.#options.onKept(entries)
  }

  #isFull(): boolean {
    return this.#bytes >= mostBytes || this.#messages >= mostMessages
  }

  #look(): void {
    this.#timer = null
    if (this.#gathering.length === 0) return
    if (!this.#cameSince || performance.now() - this.#begunAt >= longestMs) this.#begin()
    else {
      this.#cameSince = false
      this.#timer = setTimeout(() => this.#look(), pauseMs)
    }
  }

  #begin(): void {
    if (this.#syncing !== null) return
    const group = this.#gathering
    this.#syncing = group
    this.#gathering = []
    this.#bytes = 0
    this.#messages = 0
    this.#options.sync(error => {
      // Settled meanwhile by somebody in a hurry.
      if (this.#syncing !== group) return
      if (error !== null) {
        this.#options.onFailed(this.#takeAll(), error)
        return
      }
      this.#syncing = null
      this.#options.onKept(group)
      if (this.#isFull()) this.#begin()
      else if (this.#gathering.length > 0) this.#timer ??= setTimeout(() => this.#look(), pauseMs)
    })
  }

  #takeAll(): T[] {
    const all = [...(this.#syncing ?? []), ...this.#gathering]
    this.#syncing = null
    this.#gathering = []
    this.#bytes = 0
    this.#messages = 0
    return all
  }
}
