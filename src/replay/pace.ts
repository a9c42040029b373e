/**
 * When a second of the session falls due on the wall: at `speed` times real time from the moment the device first
 * connected, or at once with `max`. A device that fell behind (no link) sends what is overdue without waiting.
 */
export class Pace {
  readonly #speed: number | 'max'
  #start: number | null = null

  constructor(speed: number | 'max') {
    this.#speed = speed
  }

  start(): void {
    this.#start ??= performance.now()
  }

  /** Milliseconds until `seconds` of the session are due; 0 or less: now. */
  untilDue(seconds: number): number {
    if (this.#speed === 'max' || this.#start === null) return 0
    return this.#start + (seconds * 1000) / this.#speed - performance.now()
  }
}

/** Sleeps, but no longer than until the signal aborts; then it returns early. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds <= 0) return Promise.resolve()
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    // Node fires timers beyond 2^31 ms at once.
    const timer = setTimeout(end, Math.min(milliseconds, 2_000_000_000))
    signal.addEventListener('abort', end, { once: true })
  })
}
