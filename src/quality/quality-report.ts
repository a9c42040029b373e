import { addMessages, addSamples, type MessageCounts, type SampleCounts, zeroMessages, zeroSamples } from '../wire/ledger.js'

/** What one correction has changed: how many values or samples, and the sum of new minus old. */
export interface CorrectedSum {
  count: number
  delta: number
}

/**
 * What one device delivered in five minutes of receive time, or less where a session or its stay ended: reports add up. Body of the
 * system event `quality-report`, and the row that stores keep as measurement `quality`.
 */
export interface QualityReport {
  /** Wall time at which the hour that it belongs to begins, microseconds. */
  readonly hour: number
  readonly model: string
  readonly firmware: string
  /** Changes of the ledger in this time; `held` may be negative. */
  readonly samples: SampleCounts
  readonly messages: MessageCounts
  /** Samples of all channels together that came in order, with a value or without one, and that are lost. */
  readonly points: { readonly stored: number; readonly lost: number }
  /** Stretches that are missing. */
  readonly gaps: number
  /** Seconds of signal that were judged, of all channels together, those that were usable, and the sum of their quality (0 to 1 each). */
  readonly judgedSeconds: number
  readonly usableSeconds: number
  readonly qualitySum: number
  /** Numbers that came, by what became of them. */
  readonly values: { readonly accepted: number; readonly refused: number; readonly flagged: number }
  /** Breaches by rule, `effect/rule`. */
  readonly rules: Readonly<Record<string, number>>
  /** By id of the correction. */
  readonly corrected: Readonly<Record<string, CorrectedSum>>
}

/** Share of the samples of all channels that came with a value, 0 to 1; null: the device has counted none. */
export function coverageOf({ samples, points }: Pick<QualityReport, 'samples' | 'points'>): number | null {
  const expected = points.stored + points.lost
  return expected <= 0 ? null : Math.max(0, points.stored - samples.invalid) / expected
}

/** Mean signal quality, 0 to 1; null: nothing was judged. */
export function qualityOf({ judgedSeconds, qualitySum }: Pick<QualityReport, 'judgedSeconds' | 'qualitySum'>): number | null {
  return judgedSeconds === 0 ? null : qualitySum / judgedSeconds
}

/** Sum of reports; hour, model and firmware are those of the first. */
export function addReports(first: QualityReport, ...rest: readonly QualityReport[]): QualityReport {
  const samples = zeroSamples()
  const messages = zeroMessages()
  const rules: Record<string, number> = {}
  const corrected: Record<string, CorrectedSum> = {}
  const values = { accepted: 0, refused: 0, flagged: 0 }
  const points = { stored: 0, lost: 0 }
  const sums = { gaps: 0, judgedSeconds: 0, usableSeconds: 0, qualitySum: 0 }
  for (const hour of [first, ...rest]) {
    addSamples(samples, hour.samples)
    addMessages(messages, hour.messages)
    for (const key of ['gaps', 'judgedSeconds', 'usableSeconds', 'qualitySum'] as const) sums[key] += hour[key]
    for (const key of ['stored', 'lost'] as const) points[key] += hour.points[key]
    for (const key of ['accepted', 'refused', 'flagged'] as const) values[key] += hour.values[key]
    for (const [rule, count] of Object.entries(hour.rules)) rules[rule] = (rules[rule] ?? 0) + count
    for (const [id, { count, delta }] of Object.entries(hour.corrected)) {
      const sum = (corrected[id] ??= { count: 0, delta: 0 })
      sum.count += count
      sum.delta += delta
    }
  }
  const { hour, model, firmware } = first
  return { hour, model, firmware, samples, messages, points, ...sums, values, rules, corrected }
}
