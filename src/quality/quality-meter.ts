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
import { type CorrectedSum, coverageOf, type QualityReport } from './quality-report.js'
import { type RuleEffect, reviewAfter, ruleKey } from './rules.js'

const hourMicros = 3600e6
/** Counts are reported this often. */
const reportMicros = 300e6
const usableQuality = 0.5
const leastCoverage = 0.5
/** Fewer samples than this say nothing of an hour's coverage. */
const leastSamples = 1000
/** Rules are a bounded table; corrections are a person's or a rule's, and what goes beyond is counted under `other`. */
const mostCorrections = 64

interface Counts {
  /** Wall time at which the five minutes that are counted begin; null: nothing came yet. */
  begin: number | null
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

interface Hour {
  begin: number
  /** Breaches so far, and when the first was: wall time and newest patient time. */
  rules: Record<string, { count: number; at: number; t: number | null }>
}

/** Where the ledger stood when counting began. */
type LedgerCounts = SampleCounts & { messages: MessageCounts }

/**
 * Counts what one device delivers, in five minutes of receive time each (which the journal has, so a re-run counts the same). Samples and
 * messages are differences of the ledger, so the reports add up to it.
 */
export class QualityMeter {
  #counts: Counts = empty(zeroLedger())
  /** Breaches in the hour that runs, by rule. */
  #hour: Hour = { begin: 0, rules: {} }

  /**
   * A breach by what was received at `at`, with the newest patient time `t`; when it is the one of its hour that opens an issue, the
   * window from the first to this one, else null.
   */
  breach(effect: RuleEffect, rule: string, at: number, t: number | null): { count: number; at: number; t: number | null } | null {
    const key = ruleKey(effect, rule)
    const begin = startOf(at, hourMicros)
    if (this.#hour.begin !== begin) this.#hour = { begin, rules: {} }
    this.#counts.rules[key] = (this.#counts.rules[key] ?? 0) + 1
    const inHour = (this.#hour.rules[key] ??= { count: 0, at, t })
    inHour.count += 1
    return inHour.count === reviewAfter(effect, rule) ? { ...inHour } : null
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
    this.isDue(at)
  }

  /** Whether a report is due before a record received at `at` is counted; begins the first. */
  isDue(at: number): boolean {
    const begin = startOf(at, reportMicros)
    this.#counts.begin ??= begin
    return this.#counts.begin !== begin
  }

  /** Closes what has been counted: a report, or null when nothing happened. Counting goes on at `at`. */
  close(at: number, ledger: WireLedger, birth: Birth | null): QualityReport | null {
    const counts = this.#counts
    this.#counts = empty(ledgerCounts(ledger))
    this.#counts.begin = startOf(at, reportMicros)
    const samples = zeroSamples()
    addSamples(samples, sampleCounts(ledger))
    for (const key of Object.keys(samples) as (keyof SampleCounts)[]) samples[key] -= counts.samples[key]
    const messages = difference(ledger.messages, counts.messages)
    if (messages.received === 0 && Object.keys(counts.rules).length === 0 && counts.judgedSeconds === 0 && samples.lost === 0) return null
    const { accepted, refused, flagged, stored, lost, gaps, judgedSeconds, usableSeconds, qualitySum, rules, corrected } = counts
    return {
      hour: startOf(counts.begin ?? at, hourMicros),
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
    return structuredClone({ counts: this.#counts, hour: this.#hour })
  }

  load(state: unknown): void {
    const { counts, hour } = structuredClone(state as { counts: Counts; hour: Hour })
    this.#counts = counts
    this.#hour = hour
  }
}

/** So many samples that their share means something, of which less than half came. */
export function isThin(report: QualityReport): boolean {
  const coverage = coverageOf(report)
  return coverage !== null && report.points.stored + report.points.lost >= leastSamples && coverage < leastCoverage
}

function startOf(at: number, micros: number): number {
  return Math.floor(at / micros) * micros
}

function empty({ messages, ...samples }: LedgerCounts): Counts {
  const counts = { stored: 0, lost: 0, gaps: 0, judgedSeconds: 0, usableSeconds: 0, qualitySum: 0, accepted: 0, refused: 0, flagged: 0 }
  return { begin: null, samples, messages, ...counts, rules: {}, corrected: {} }
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
