import type { UpTopic } from './topics.js'

/**
 * Samples per stream and boot. After every message `offered = stored + late + duplicate + rejected + held + lost`.
 * `invalid` are values without a measurement (over all channels), `beforeContact` samples before the first chunk seen that
 * have not come (W3); both stand outside the sum.
 */
export interface SampleCounts {
  offered: number
  stored: number
  late: number
  duplicate: number
  rejected: number
  held: number
  lost: number
  invalid: number
  beforeContact: number
}

/** Messages of a topic: `received = accepted + duplicate + sum of refused`. */
export interface MessageCounts {
  received: number
  accepted: number
  duplicate: number
  refused: Record<string, number>
}

export interface WireLedger extends SampleCounts {
  /** All topics together. */
  messages: MessageCounts
  byTopic: Record<UpTopic, MessageCounts>
  /** Waveform messages that were JSON chunks; part of `messages`. */
  jsonChunks: number
  /** Messages that wait for a birth (B1); they count as received once they are settled. */
  waiting: { messages: number; bytes: number }
  /** Records refused inside accepted packs, by reason. */
  records: Record<string, number>
  /** Samples of streams of boots that are still kept, `boot/stream`. */
  streams: Record<string, SampleCounts>
}

export function zeroSamples(): SampleCounts {
  return { offered: 0, stored: 0, late: 0, duplicate: 0, rejected: 0, held: 0, lost: 0, invalid: 0, beforeContact: 0 }
}

export function zeroMessages(): MessageCounts {
  return { received: 0, accepted: 0, duplicate: 0, refused: {} }
}

export function addSamples(to: SampleCounts, from: SampleCounts): void {
  for (const key of Object.keys(from) as (keyof SampleCounts)[]) to[key] += from[key]
}

export function addMessages(to: MessageCounts, from: MessageCounts): void {
  to.received += from.received
  to.accepted += from.accepted
  to.duplicate += from.duplicate
  for (const [reason, count] of Object.entries(from.refused)) to.refused[reason] = (to.refused[reason] ?? 0) + count
}

/** Does the sum of the ledger hold? */
export function balances(counts: SampleCounts): boolean {
  return counts.offered === counts.stored + counts.late + counts.duplicate + counts.rejected + counts.held + counts.lost
}

export function messagesBalance(counts: MessageCounts): boolean {
  const refused = Object.values(counts.refused).reduce((sum, count) => sum + count, 0)
  return counts.received === counts.accepted + counts.duplicate + refused
}
