import { resendLimit } from './commands.js'

const triesPerRequest = 3
const patienceMicros = 1_000_000

/**
 * Asks a device for missing chunks: at most 64 at a time, three tries. A try is over when nothing of what was asked has
 * come for a second of receive time.
 */
export class ResendAsker {
  private asked: { from: number; to: number; tries: number; at: number; reached: number } | null = null

  /** Last seq of the request that is open, or null. */
  get openTo(): number | null {
    return this.asked?.to ?? null
  }

  /** `from`..`to` are missing. Emits a request unless one for `from` is open and may still be answered. */
  ask(from: number, to: number, at: number, emit: (from: number, to: number) => void): void {
    const { asked } = this
    if (asked !== null && from >= asked.from && from <= asked.to) {
      if (from > asked.reached) {
        asked.reached = from
        asked.at = at
      }
      if (asked.tries >= triesPerRequest || Math.abs(at - asked.at) < patienceMicros) return
      asked.tries++
      asked.at = at
      emit(from, asked.to)
      return
    }
    const last = Math.min(to, from + resendLimit - 1)
    this.asked = { from, to: last, tries: 1, at, reached: from }
    emit(from, last)
  }

  /** The link is new: what is still missing may be asked for again. */
  renew(): void {
    this.asked = null
  }

  save(): unknown {
    return this.asked === null ? null : { ...this.asked }
  }

  load(state: unknown): void {
    this.asked = state === null ? null : { ...(state as NonNullable<ResendAsker['asked']>) }
  }
}
