import { usableQuality } from '../vitals/vital-reading.js'
import type { AlertPhase, Finding } from './alert-machine.js'
import type { AlertRule, LimitSide } from './alert-rule.js'

/** What a rule holds against its limit: a measured value, and how far it can be believed. */
export interface FindingInput {
  readonly value: number | null
  /** 0 to 1; null where quality has no meaning. */
  readonly quality: number | null
  readonly stale: boolean
  /** Why there is no value, as the vital table says it. */
  readonly reason?: string | null
  /** A technical condition that explains the value away (`findInhibition`). */
  readonly inhibitedBy?: string | null
  /** Whether what `onlyWhile` of the rule asks for holds now; null or left out: not known. */
  readonly applies?: boolean | null
}

export interface FindingResult {
  readonly finding: Finding
  /** Why it is unknown: `inhibited:lead-off`, `stale`, `poor-quality`, `not-measurable`, `incomplete`, or the input's own reason. */
  readonly reason: string | null
}

/**
 * Holds a value against the rule's limits. Beyond `limit` is true, back at `clearLimit` is false; between the two the
 * condition stays what it was: true while pending or active, false otherwise. Unknown is neither.
 */
export function findLimit(rule: AlertRule, phase: AlertPhase, input: FindingInput): FindingResult {
  if (rule.onlyWhile !== undefined && input.applies !== true) {
    const { name } = rule.onlyWhile
    return input.applies === false ? { finding: 'false', reason: `no-${name}` } : { finding: 'unknown', reason: `unknown-${name}` }
  }
  if (input.inhibitedBy) return { finding: 'unknown', reason: `inhibited:${input.inhibitedBy}` }
  if (input.stale) return { finding: 'unknown', reason: 'stale' }
  if (input.value === null || !Number.isFinite(input.value)) return { finding: 'unknown', reason: input.reason ?? 'not-measurable' }
  if (input.quality !== null && input.quality < usableQuality) return { finding: 'unknown', reason: 'poor-quality' }
  if (rule.side === null || rule.limit === null) return { finding: 'unknown', reason: 'no-limit' }
  if (isBeyond(rule.side, input.value, rule.limit)) return { finding: 'true', reason: null }
  const held = phase === 'pending' || phase === 'active'
  const cleared = !isBeyond(rule.side, input.value, rule.clearLimit ?? rule.limit)
  return { finding: held && !cleared ? 'true' : 'false', reason: null }
}

/**
 * A score's total is certain only when complete; before that it lies in [total, atMost]. The condition is true when the
 * least that it can be is beyond the limit, false when the most that it can be is not, else unknown.
 */
export function findScore(
  rule: AlertRule,
  phase: AlertPhase,
  score: { readonly total: number | null; readonly atMost: number | null; readonly complete: boolean; readonly single3: boolean },
): FindingResult {
  if (score.total === null || score.atMost === null) return { finding: 'unknown', reason: 'not-scored' }
  if (rule.input.kind === 'score' && rule.input.part === 'single-3') {
    if (score.single3) return { finding: 'true', reason: null }
    return score.complete ? { finding: 'false', reason: null } : { finding: 'unknown', reason: 'incomplete' }
  }
  const least = findLimit(rule, phase, { value: score.total, quality: null, stale: false })
  if (least.finding === 'true') return least
  const most = findLimit(rule, phase, { value: score.atMost, quality: null, stale: false })
  return most.finding === 'false' ? most : { finding: 'unknown', reason: 'incomplete' }
}

/** A condition that is so or not, e.g. a rhythm or a lead that is off; `on` null: not known. */
export function findSwitch(on: boolean | null, inhibitedBy: string | null = null): FindingResult {
  if (inhibitedBy !== null) return { finding: 'unknown', reason: `inhibited:${inhibitedBy}` }
  return on === null ? { finding: 'unknown', reason: 'not-measurable' } : { finding: on ? 'true' : 'false', reason: null }
}

export function isBeyond(side: LimitSide, value: number, limit: number): boolean {
  switch (side) {
    case 'below':
      return value < limit
    case 'at-most':
      return value <= limit
    case 'above':
      return value > limit
    case 'at-least':
      return value >= limit
  }
}
