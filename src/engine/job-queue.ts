import { VitalwireError } from '../errors.js'

const retryMs = 250

/** A piece of work that may be tried again: what it has done already it does not do twice. Throws `disk-write` while the disk refuses. */
export type Job = () => void

/**
 * Does jobs one after the other. While the disk refuses one, it is tried again four times a second and the others wait:
 * nothing is acknowledged, so those who send hold back.
 */
export class JobQueue {
  readonly #jobs: Job[] = []
  readonly #onBlocked: (reason: string | null) => void
  #blocked = false
  #running = false
  #idle: (() => void)[] = []

  /** `onBlocked` is told why, and null once it goes on. */
  constructor(onBlocked: (reason: string | null) => void) {
    this.#onBlocked = onBlocked
  }

  get blocked(): boolean {
    return this.#blocked
  }

  get length(): number {
    return this.#jobs.length
  }

  add(job: Job): void {
    this.#jobs.push(job)
    if (!this.#blocked) this.#run()
  }

  /** Before all that wait, among them the one that the disk refuses. Not to be called by a job. */
  addFirst(job: Job): void {
    this.#jobs.unshift(job)
    if (!this.#blocked) this.#run()
  }

  /** Resolves when everything is done. */
  idle(): Promise<void> {
    return this.#jobs.length === 0 ? Promise.resolve() : new Promise(resolve => this.#idle.push(resolve))
  }

  #run(): void {
    // A job may add another one.
    if (this.#running) return
    this.#running = true
    try {
      for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
        job()
        this.#jobs.shift()
        if (this.#blocked) {
          this.#blocked = false
          this.#onBlocked(null)
        }
      }
    } catch (error) {
      if (!(error instanceof VitalwireError) || error.code !== 'disk-write') throw error
      if (!this.#blocked) this.#onBlocked(error.message)
      this.#blocked = true
      setTimeout(() => this.#run(), retryMs)
      return
    } finally {
      this.#running = false
    }
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
