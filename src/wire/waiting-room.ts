import type { UpTopic } from './topics.js'

export interface WaitingMessage {
  readonly topic: UpTopic
  readonly stream: string
  readonly boot: number
  readonly payload: Uint8Array
  /** Receive time, microseconds. */
  readonly at: number
}

const mostBytes = 16 * 1024 * 1024
const longestMicros = 600_000_000
const rebirthEveryMicros = 10_000_000
/** What a message costs besides its payload: many empty ones are bounded too. */
const overheadBytes = 128

/** Rule B1: data without a birth waits, at most 16 MiB and 10 min of receive time a device; oldest leave first. */
export class WaitingRoom {
  private messages: WaitingMessage[] = []
  private size = 0
  private askedAt: number | null = null

  get count(): number {
    return this.messages.length
  }

  get bytes(): number {
    return this.size
  }

  /** Keeps a copy. True when the device is to be asked for its birth: at most once in 10 s. */
  add(message: WaitingMessage): boolean {
    this.messages.push({ ...message, payload: message.payload.slice() })
    this.size += message.payload.length + overheadBytes
    if (this.askedAt !== null && Math.abs(message.at - this.askedAt) < rebirthEveryMicros) return false
    this.askedAt = message.at
    return true
  }

  /** Takes out what may not wait any longer at `at`. */
  expire(at: number): WaitingMessage[] {
    let bytes = this.size
    let count = 0
    for (const { at: since, payload } of this.messages) {
      if (bytes <= mostBytes && at - since <= longestMicros) break
      bytes -= payload.length + overheadBytes
      count++
    }
    this.size = bytes
    return this.messages.splice(0, count)
  }

  /** Takes out the older half (in bytes): others need the room. */
  halve(): WaitingMessage[] {
    const before = this.size
    let count = 0
    for (const { payload } of this.messages) {
      if (this.size * 2 <= before) break
      this.size -= payload.length + overheadBytes
      count++
    }
    return this.messages.splice(0, count)
  }

  /** A birth has come: takes out everything up to its boot; what belongs to a later one stays. */
  release(boot: number): WaitingMessage[] {
    const released = this.messages.filter(message => message.boot <= boot)
    this.messages = this.messages.filter(message => message.boot > boot)
    this.size = this.messages.reduce((sum, { payload }) => sum + payload.length + overheadBytes, 0)
    return released
  }

  save(): unknown {
    return { messages: this.messages.map(message => ({ ...message })), askedAt: this.askedAt }
  }

  load(state: unknown): void {
    const s = state as { messages: WaitingMessage[]; askedAt: number | null }
    this.messages = s.messages.map(message => ({ ...message, payload: message.payload.slice() }))
    this.size = this.messages.reduce((sum, { payload }) => sum + payload.length + overheadBytes, 0)
    this.askedAt = s.askedAt
  }
}
