import type { Birth } from '../wire/birth.js'
import {
  addMessages,
  addSamples,
  type MessageCounts,
  type SampleCounts,
  type WireLedger,
  zeroMessages,
  zeroSamples,
} from '../wire/ledger.js'
import { type CorrectedSum, coverageOf, type DeviceHour } from './device-hour.js'
import { type RuleEffect, reviewAfter, ruleKey } from './rules.js'

const hourMicros = 3600e6
const usableQuality = 0.5
const leastCoverage = 0.5
/** Fewer samples than this say nothing of an hour's coverage. */
const leastSamples = 1000
/** Rules are a bounded table; corrections are a person's or a rule's, and what goes beyond is counted under `other`. */
const mostCorrections = 64

interface Counts {
  hour: number | null
  samples: SampleCounts
  messages: MessageCounts
  stored: number
  lost: number
  gaps: number
  judgedSeconds: number
  usableSeconds: number
  qualitySum: number
  accepted: number
  refused: number
  flagged: number
  rules: Record<string, number>
  corrected: Record<string, CorrectedSum>
}

/** Where the ledger stood when the hour began. */
type LedgerCounts = SampleCounts & { messages: MessageCounts }

/**
 * Counts what one device delivers, hour by hour of receive time (which the journal has, so a re-run counts the same). Samples and
 * messages are differences of the ledger, so the hours add up to it.
 */
export class QualityMeter {
  #counts: Counts = empty(zeroLedger())

  /** A breach at this moment; true when it is the one that opens an issue. */
  breach(effect: RuleEffect, rule: string): boolean {
    const key = ruleKey(effect, rule)
    const count = (this.#counts.rules[key] ?? 0) + 1
    this.#counts.rules[key] = count
    return count === reviewAfter(effect, rule)
  }

  /** `points`: samples of all channels. */
  gap(points: number): void {
    this.#counts.gaps += 1
    this.#counts.lost += points
  }

  stored(points: number): void {
    this.#counts.stored += points
  }

  value(what: 'accepted' | 'refused' | 'flagged'): void {
    this.#counts[what] += 1
  }

  /** A second of one channel, judged 0 to 1. */
  judged(quality: number): void {
    this.#counts.judgedSeconds += 1
    this.#counts.qualitySum += quality
    if (quality >= usableQuality) this.#counts.usableSeconds += 1
  }

  corrected(id: string, count: number, delta: number): void {
    const { corrected } = this.#counts
    const key = corrected[id] !== undefined || Object.keys(corrected).length < mostCorrections ? id : 'other'
    const sum = (corrected[key] ??= { count: 0, delta: 0 })
    sum.count += count
    sum.delta += delta
  }

  /** Counting begins here: what the ledger holds already was counted elsewhere. */
  begin(at: number, ledger: WireLedger): void {
    this.#counts = empty(ledgerCounts(ledger))
    this.isOver(at)
  }

  /** Whether a record received at `at` belongs to another hour than what is counted; begins the first. */
  isOver(at: number): boolean {
    const hour = Math.floor(at / hourMicros) * hourMicros
    this.#counts.hour ??= hour
    return this.#counts.hour !== hour
  }

  /** Closes the hour, or what there is of it: its report, or null when nothing happened. Counting goes on in the hour of `at`. */
  close(at: number, ledger: WireLedger, birth: Birth | null): DeviceHour | null {
    const counts = this.#counts
    this.#counts = empty(ledgerCounts(ledger))
    this.#counts.hour = Math.floor(at / hourMicros) * hourMicros
    const samples = zeroSamples()
    addSamples(samples, sampleCounts(ledger))
    for (const key of Object.keys(samples) as (keyof SampleCounts)[]) samples[key] -= counts.samples[key]
    const messages = difference(ledger.messages, counts.messages)
    if (messages.received === 0 && Object.keys(counts.rules).length === 0 && counts.judgedSeconds === 0 && samples.lost === 0) return null
    const { accepted, refused, flagged, stored, lost, gaps, judgedSeconds, usableSeconds, qualitySum, rules, corrected } = counts
    return {
      hour: counts.hour ?? this.#counts.hour,
      model: birth?.model ?? '',
      firmware: birth?.firmware ?? '',
      samples,
      messages,
      points: { stored, lost },
      gaps,
      judgedSeconds,
      usableSeconds,
      qualitySum,
      values: { accepted, refused, flagged },
      rules,
      corrected,
    }
  }

  save(): unknown {
    return structuredClone(this.#counts)
  }

  load(state: unknown): void {
    this.#counts = structuredClone(state as Counts)
  }
}

/** An hour with so many samples that their share means something, of which less than half came. */
export function isThin(hour: DeviceHour): boolean {
  const coverage = coverageOf(hour)
  return coverage !== null && hour.points.stored + hour.points.lost >= leastSamples && coverage < leastCoverage
}

function empty({ messages, ...samples }: LedgerCounts): Counts {
  const counts = { stored: 0, lost: 0, gaps: 0, judgedSeconds: 0, usableSeconds: 0, qualitySum: 0, accepted: 0, refused: 0, flagged: 0 }
  return { hour: null, samples, messages, ...counts, rules: {}, corrected: {} }
}

function zeroLedger(): LedgerCounts {
  return { ...zeroSamples(), messages: zeroMessages() }
}

function ledgerCounts(ledger: WireLedger): LedgerCounts {
  const messages = zeroMessages()
  addMessages(messages, ledger.messages)
  return { ...sampleCounts(ledger), messages }
}

function sampleCounts({ offered, stored, late, duplicate, rejected, held, lost, invalid, beforeContact }: WireLedger): SampleCounts {
  return { offered, stored, late, duplicate, rejected, held, lost, invalid, beforeContact }
}

function difference(now: MessageCounts, before: MessageCounts): MessageCounts {
  const refused: Record<string, number> = {}
  for (const [reason, count] of Object.entries(now.refused)) {
    const more = count - (before.refused[reason] ?? 0)
    if (more !== 0) refused[reason] = more
  }
  return {
    received: now.received - before.received,
    accepted: now.accepted - before.accepted,
    duplicate: now.duplicate - before.duplicate,
    refused,
  }
}
