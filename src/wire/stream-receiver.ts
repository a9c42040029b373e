import { resendLimit } from './commands.js'
import { type SampleCounts, zeroSamples } from './ledger.js'
import type { OrderReason } from './reasons.js'
import type { GapReason } from './receiver-actions.js'
import { ResendAsker } from './resend-asker.js'
import { type SavedSeen, SeenChunks } from './seen-chunks.js'

/** A readable chunk, pack or event as its place in the order sees it. Packs and events have index = seq and n = 1. */
export interface Arrival {
  readonly seq: number
  readonly index: number
  readonly n: number
  readonly crc: number
  readonly last: boolean
  /** Receive time, microseconds. */
  readonly at: number
  readonly payload: Uint8Array
  /** It was taken in before and had to wait. */
  readonly waited?: boolean
}

export type StreamStep =
  | { readonly type: 'release'; readonly arrival: Arrival; readonly gapBefore: number; readonly gapReason: GapReason | null }
  | { readonly type: 'gap'; readonly index: number; readonly count: number; readonly reason: GapReason | 'seq-jump' }
  | { readonly type: 'late'; readonly arrival: Arrival }
  | { readonly type: 'held' }
  | { readonly type: 'duplicate' }
  | { readonly type: 'refused'; readonly arrival: Arrival; readonly reason: OrderReason }
  | { readonly type: 'resend'; readonly from: number; readonly to: number }
  /** Second conflict in a row: the device has restarted under its old boot. The arrival is not counted here. */
  | { readonly type: 'restart'; readonly arrival: Arrival }
  | { readonly type: 'disordered' }
  | { readonly type: 'close' }

type Emit = (step: StreamStep) => void

export interface StreamOrder {
  /** Signal for which a chunk waits for those before it (W2: 2 s); 0: never. Samples. */
  readonly holdSamples: number
  /** W7: gaps are declared when the resend failed only; after `disorderSamples` (60 s) the session is disordered. */
  readonly recorded: boolean
  readonly disorderSamples: number
  /** W3: after this much signal (60 s; packs and events: 60 of them) what was before the first contact is not waited for. */
  readonly contactSamples: number
  /** A boot without a birth of its own starts where it is first seen, even when recorded. */
  readonly implied: boolean
}

/** One chunk with a wild index must not put all that follow behind it. */
const longestJump = 2 ** 40
const mostHeld = 4096
const mostHeldBytes = 4 * 1024 * 1024

/** Rules W2, W3, W4 and W7 for one stream and boot: puts chunks in order and keeps the ledger of samples. */
export class StreamReceiver {
  readonly counts: SampleCounts = zeroSamples()
  private readonly order: StreamOrder
  private readonly seen = new SeenChunks()
  private readonly asker = new ResendAsker()
  private held: Arrival[] = []
  private heldBytes = 0
  private phase: 'new' | 'open' | 'closed' | 'retired' = 'new'
  private nextSeq = 0
  private nextIndex = 0
  /** Seqs below are given up by the device. */
  private givenUp = 0
  private conflicts = 0
  private disordered = false
  /** First chunk seen; null as long as chunks of before it may still be put in front of it in order. */
  private contact: { readonly index: number; readonly askedFrom: number; open: boolean; told?: boolean } | null = null
  private rejectedSpans: (readonly [number, number])[] = []

  constructor(order: StreamOrder) {
    this.order = order
  }

  /** Everything below is kept or given up. */
  position(): { seq: number; index: number } {
    return { seq: this.nextSeq, index: this.nextIndex }
  }

  get closed(): boolean {
    return this.phase === 'closed' || this.phase === 'retired'
  }

  get holding(): boolean {
    return this.held.length > 0
  }

  receive(arrival: Arrival, emit: Emit): void {
    if (this.phase === 'new') this.meet(arrival, emit)
    const { seq } = arrival
    if (seq < this.nextSeq) this.receiveSeen(arrival, this.seen.look(seq, arrival.crc), emit)
    else if (this.phase === 'closed') this.refuse(arrival, 'after-last', emit)
    else {
      const twin = this.held.find(other => other.seq === seq)
      if (twin !== undefined) this.receiveSeen(arrival, twin.crc === arrival.crc ? 'same' : 'other', emit)
      else this.receiveNew(arrival, emit)
    }
    this.pump(arrival.at, emit)
  }

  /** Goes on with what is held: to be called when receive time has passed, too. */
  pump(at: number, emit: Emit): void {
    while (this.held.length > 0) {
      const head = this.held[0]!
      if (this.phase === 'closed') this.refuseHeld('after-last', emit)
      else if (head.index < this.nextIndex) this.refuseHeld('index-backwards', emit)
      else if (head.seq === this.nextSeq) this.releaseHeld('device', emit)
      else if (head.seq <= this.givenUp || this.overdue(head, emit)) this.releaseHeld('transit', emit)
      else {
        this.asker.ask(this.nextSeq, head.seq - 1, at, (from, to) => emit({ type: 'resend', from, to }))
        return
      }
    }
  }

  /** The device cannot send `from`..`to` again; without bounds: what was asked last. */
  resendFailed(from: number | undefined, to: number | undefined, at: number, emit: Emit): void {
    if ((from ?? 0) > this.nextSeq) return
    const last = to ?? this.asker.openTo
    if (last !== null) this.givenUp = Math.max(this.givenUp, last + 1)
    this.pump(at, emit)
  }

  /** Nothing more comes for now: chunks that wait go on, with their gaps. */
  giveUp(at: number, emit: Emit): void {
    this.givenUp = Math.max(this.givenUp, this.held.at(-1)?.seq ?? 0)
    this.pump(at, emit)
  }

  /** After a reconnect three tries begin anew. */
  renew(): void {
    this.asker.renew()
  }

  /** A newer boot began. Chunks that still come are late. */
  retire(at: number, emit: Emit): void {
    if (this.phase === 'retired') return
    if (this.order.recorded && this.held.length > 0) emit({ type: 'disordered' })
    this.giveUp(at, emit)
    this.leaveContact(emit)
    const wasOpen = this.phase !== 'closed'
    this.phase = 'retired'
    this.seen.forgetCrcs()
    if (wasOpen) emit({ type: 'close' })
  }

  /** First contact (W3). A recorded source, and whoever starts at 0, is counted from 0. */
  private meet(arrival: Arrival, emit: Emit): void {
    this.phase = 'open'
    if (arrival.seq === 0 || (this.order.recorded && !this.order.implied)) return
    this.nextSeq = arrival.seq
    this.nextIndex = arrival.index
    this.counts.beforeContact = arrival.index
    const askedFrom = Math.max(0, arrival.seq - resendLimit)
    this.contact = { index: arrival.index, askedFrom, open: true }
    emit({ type: 'resend', from: askedFrom, to: arrival.seq - 1 })
  }

  private receiveNew(arrival: Arrival, emit: Emit): void {
    if (arrival.index < this.nextIndex) this.refuse(arrival, 'index-backwards', emit)
    else if (arrival.index - this.nextIndex > longestJump) this.refuse(arrival, 'index-jump', emit)
    else {
      this.conflicts = 0
      this.counts.offered += arrival.n
      if (this.phase === 'retired') this.takeAfterRetiring(arrival, emit)
      else if (arrival.seq === this.nextSeq) this.release(arrival, 'device', emit)
      else this.hold(arrival, emit)
    }
  }

  private hold(arrival: Arrival, emit: Emit): void {
    // The bytes belong to the receiver of messages, which reuses them.
    const copy = { ...arrival, payload: arrival.payload.slice(), waited: true }
    let at = this.held.length
    while (at > 0 && this.held[at - 1]!.seq > arrival.seq) at--
    this.held.splice(at, 0, copy)
    this.heldBytes += copy.payload.length
    this.counts.held += arrival.n
    emit({ type: 'held' })
  }

  private receiveSeen(arrival: Arrival, look: 'unseen' | 'same' | 'other' | 'unknown', emit: Emit): void {
    if (look === 'same' || look === 'unknown') {
      this.conflicts = 0
      this.counts.offered += arrival.n
      this.counts.duplicate += arrival.n
      emit({ type: 'duplicate' })
    } else if (look === 'other' || !this.takeLate(arrival, emit)) this.conflict(arrival, emit)
  }

  private conflict(arrival: Arrival, emit: Emit): void {
    this.conflicts++
    if (this.conflicts === 2 && this.phase !== 'retired') emit({ type: 'restart', arrival })
    else this.refuse(arrival, 'seq-conflict', emit)
  }

  private takeLate(arrival: Arrival, emit: Emit): boolean {
    const { seq, index, n, crc } = arrival
    const first = this.seen.oldest
    // What nobody asked for and lies before the first contact is a device that counts from 0 again.
    const unasked = this.contact !== null && (seq < this.contact.askedFrom || !this.contact.open)
    if (first !== undefined && seq < first.fromSeq && unasked) return false
    const filled = this.seen.fill(seq, index, n, crc)
    if (filled === null) return false
    this.conflicts = 0
    const beforeContact = this.contact !== null && index < this.contact.index
    if (beforeContact && filled.found === 0) this.counts.beforeContact = Math.max(0, this.counts.beforeContact - n)
    this.counts.lost -= filled.found
    this.counts.offered += n - filled.found
    this.counts.late += n
    emit({ type: 'late', arrival })
    return true
  }

  private takeAfterRetiring(arrival: Arrival, emit: Emit): void {
    this.counts.late += arrival.n
    this.seen.append(arrival.seq, arrival.index, arrival.n, arrival.crc, 0)
    this.advance(arrival)
    emit({ type: 'late', arrival })
  }

  private refuse(arrival: Arrival, reason: OrderReason, emit: Emit): void {
    if (reason !== 'seq-conflict') this.conflicts = 0
    if (arrival.waited) this.counts.held -= arrival.n
    else this.counts.offered += arrival.n
    this.counts.rejected += arrival.n
    const end = arrival.index + arrival.n
    if (reason !== 'seq-conflict' && end > this.nextIndex && this.rejectedSpans.length < 64) this.rejectedSpans.push([arrival.index, end])
    emit({ type: 'refused', arrival, reason })
  }

  private refuseHeld(reason: OrderReason, emit: Emit): void {
    this.refuse(this.unhold(), reason, emit)
  }

  private releaseHeld(reason: GapReason, emit: Emit): void {
    const head = this.unhold()
    this.counts.held -= head.n
    const before = reason === 'transit' && this.seen.oldest === undefined ? 'before-contact' : reason
    if (head.index === this.nextIndex && head.seq > this.nextSeq) {
      emit({ type: 'gap', index: head.index, count: head.seq - this.nextSeq, reason: 'seq-jump' })
    }
    this.release(head, before, emit)
  }

  private unhold(): Arrival {
    const head = this.held.shift()!
    this.heldBytes -= head.payload.length
    return head
  }

  private release(arrival: Arrival, reason: GapReason, emit: Emit): void {
    const gap = arrival.index - this.nextIndex
    let lost = 0
    if (gap > 0) {
      if (reason === 'before-contact') this.counts.beforeContact = gap
      else {
        lost = Math.max(0, gap - this.rejectedInside(this.nextIndex, arrival.index))
        this.counts.lost += lost
        this.counts.offered += lost
      }
      emit({ type: 'gap', index: this.nextIndex, count: gap, reason })
    }
    this.rejectedSpans = []
    this.counts.stored += arrival.n
    this.seen.append(arrival.seq, arrival.index, arrival.n, arrival.crc, lost)
    this.advance(arrival)
    emit({ type: 'release', arrival, gapBefore: gap, gapReason: gap > 0 ? reason : null })
    if (this.contact?.open && this.nextIndex - this.contact.index >= this.order.contactSamples) this.leaveContact(emit)
    if (!arrival.last) return
    // What was asked for may still come: nothing of the stream is left to be monitored that it could be taken for.
    this.tellContact(emit)
    this.phase = 'closed'
    emit({ type: 'close' })
  }

  private advance(arrival: Arrival): void {
    this.nextSeq = arrival.seq + 1
    this.nextIndex = arrival.index + arrival.n
  }

  private leaveContact(emit: Emit): void {
    if (!this.contact?.open) return
    this.contact.open = false
    this.tellContact(emit)
  }

  private tellContact(emit: Emit): void {
    if (this.contact === null || this.contact.told === true) return
    this.contact.told = true
    if (this.counts.beforeContact > 0) emit({ type: 'gap', index: 0, count: this.counts.beforeContact, reason: 'before-contact' })
  }

  private rejectedInside(from: number, to: number): number {
    let sum = 0
    for (const [start, end] of this.rejectedSpans) sum += Math.max(0, Math.min(end, to) - Math.max(start, from))
    return sum
  }

  /** Has the hole before `head` been waited for long enough? */
  private overdue(head: Arrival, emit: Emit): boolean {
    let end = head.index
    for (const { index, n } of this.held) end = Math.max(end, index + n)
    const span = end - head.index
    const full = this.held.length > mostHeld || this.heldBytes > mostHeldBytes
    if (!this.order.recorded || this.disordered) return full || span >= this.order.holdSamples
    if (!full && span <= this.order.disorderSamples) return false
    this.disordered = true
    emit({ type: 'disordered' })
    return true
  }

  save(): unknown {
    return {
      counts: { ...this.counts },
      seen: this.seen.save(),
      asker: this.asker.save(),
      held: this.held.map(arrival => ({ ...arrival })),
      phase: this.phase,
      nextSeq: this.nextSeq,
      nextIndex: this.nextIndex,
      givenUp: this.givenUp,
      conflicts: this.conflicts,
      disordered: this.disordered,
      contact: this.contact === null ? null : { ...this.contact },
      rejectedSpans: this.rejectedSpans.map(([from, to]) => [from, to]),
    }
  }

  load(state: unknown): void {
    const s = state as {
      counts: SampleCounts
      seen: SavedSeen
      asker: unknown
      held: Arrival[]
      phase: 'new' | 'open' | 'closed' | 'retired'
      nextSeq: number
      nextIndex: number
      givenUp: number
      conflicts: number
      disordered: boolean
      contact: StreamReceiver['contact']
      rejectedSpans: [number, number][]
    }
    Object.assign(this.counts, s.counts)
    this.seen.load(s.seen)
    this.asker.load(s.asker)
    this.held = s.held.map(arrival => ({ ...arrival, payload: arrival.payload.slice() }))
    this.heldBytes = this.held.reduce((sum, arrival) => sum + arrival.payload.length, 0)
    this.phase = s.phase
    this.nextSeq = s.nextSeq
    this.nextIndex = s.nextIndex
    this.givenUp = s.givenUp
    this.conflicts = s.conflicts
    this.disordered = s.disordered
    this.contact = s.contact === null ? null : { ...s.contact }
    this.rejectedSpans = s.rejectedSpans.map(([from, to]) => [from, to])
  }
}
