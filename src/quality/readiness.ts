import { coverageOf, type QualityReport, qualityOf } from './quality-report.js'

/** What data must at least be, shares 0 to 1. */
export interface ReadinessMinimum {
  /** Of the samples of all channels, with a value. */
  readonly coverage: number
  /** Of the seconds of signal that were judged, with a quality of 0.5 or better. */
  readonly usable: number
  /** At most so many of the numbers refused. */
  readonly refused: number
  /** At most so many of the numbers flagged. */
  readonly flagged: number
}

/** Choices of this project: below them a score says more of the gaps than of the patient. */
export const defaultMinimum: ReadinessMinimum = { coverage: 0.8, usable: 0.5, refused: 0.05, flagged: 0.2 }

export interface ReadinessReason {
  readonly what: 'nothing' | 'coverage' | 'usable' | 'refused' | 'flagged'
  /** Share that was found. */
  readonly found: number
  readonly accepted: string
}

/** Whether data may be analysed and scored, with what speaks for and against it. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly ReadinessReason[]
  /** Shares and means 0 to 1; null: there is nothing that they could be of. */
  readonly coverage: number | null
  readonly usable: number | null
  readonly quality: number | null
  readonly lost: number
  readonly gaps: number
  readonly duplicates: number
  readonly values: QualityReport['values']
  /** Breaches by rule, `effect/rule`. */
  readonly rules: Readonly<Record<string, number>>
  readonly minimum: ReadinessMinimum
}

/** Holds the sum of a device's reports against the minimum; null: there was no report, so nothing came. */
export function judgeReadiness(sum: QualityReport | null, minimum: ReadinessMinimum = defaultMinimum): Readiness {
  if (sum === null) {
    const nothing = { coverage: null, usable: null, quality: null, lost: 0, gaps: 0, duplicates: 0, rules: {} }
    const reasons = [{ what: 'nothing', found: 0, accepted: 'at least one sample or number' } as const]
    return { ready: false, reasons, ...nothing, values: { accepted: 0, refused: 0, flagged: 0 }, minimum }
  }
  const { judgedSeconds, usableSeconds, values, gaps, rules, samples, messages, points } = sum
  const coverage = coverageOf(sum)
  const usable = judgedSeconds === 0 ? null : usableSeconds / judgedSeconds
  const offered = values.accepted + values.refused
  const reasons: ReadinessReason[] = []
  if (coverage === null && offered === 0) reasons.push({ what: 'nothing', found: 0, accepted: 'at least one sample or number' })
  const least = (what: 'coverage' | 'usable', found: number | null): void => {
    if (found !== null && found < minimum[what]) reasons.push({ what, found, accepted: `at least ${percent(minimum[what])}` })
  }
  const most = (what: 'refused' | 'flagged'): void => {
    const found = offered === 0 ? 0 : values[what] / offered
    if (found > minimum[what]) reasons.push({ what, found, accepted: `at most ${percent(minimum[what])}` })
  }
  least('coverage', coverage)
  least('usable', usable)
  most('refused')
  most('flagged')
  const quality = qualityOf(sum)
  const counts = { lost: points.lost + samples.invalid, gaps, duplicates: messages.duplicate }
  return { ready: reasons.length === 0, reasons, coverage, usable, quality, ...counts, values, rules, minimum }
}

/** For people: `coverage 71.0 % (accepted: at least 80 %)`. */
export function describeReason({ what, found, accepted }: ReadinessReason): string {
  const names = {
    nothing: 'nothing came',
    coverage: 'coverage',
    usable: 'usable signal',
    refused: 'refused numbers',
    flagged: 'flagged numbers',
  }
  return what === 'nothing'
    ? `${names[what]} (accepted: ${accepted})`
    : `${names[what]} ${(found * 100).toFixed(1)} % (accepted: ${accepted})`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
