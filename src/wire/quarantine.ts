import type { UpTopic } from './topics.js'

export interface Quarantined {
  readonly device: string
  readonly topic: UpTopic
  readonly stream: string
  readonly reason: string
  /** Receive time, microseconds. */
  readonly at: number
  readonly bytes: Uint8Array
}

/** Refused messages, as they came, in at most `capacityBytes` of payload (W1: 64 MiB); the oldest go. Counts stay. */
export class Quarantine {
  private items: (Quarantined | undefined)[] = []
  private head = 0
  private size = 0
  private counts = new Map<string, number>()
  private readonly capacityBytes: number

  constructor(capacityBytes = 64 * 1024 * 1024) {
    this.capacityBytes = capacityBytes
  }

  get bytes(): number {
    return this.size
  }

  /** Keeps a copy of the bytes. One that is larger than everything that may be kept is counted only. */
  add(item: Quarantined): void {
    this.counts.set(item.reason, (this.counts.get(item.reason) ?? 0) + 1)
    const cost = item.bytes.length + overheadBytes
    if (cost > this.capacityBytes) return
    this.items.push({ ...item, bytes: item.bytes.slice() })
    this.size += cost
    while (this.size > this.capacityBytes) {
      this.size -= this.items[this.head]!.bytes.length + overheadBytes
      this.items[this.head++] = undefined
    }
    if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
  }

  /** Oldest first. */
  list(): readonly Quarantined[] {
    return this.items.slice(this.head) as Quarantined[]
  }

  /** Refused since the start, by reason, whether still kept or not. */
  countsByReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts)
  }
}

/** What an entry costs besides its bytes, so that empty messages are bounded too. */
const overheadBytes = 256
