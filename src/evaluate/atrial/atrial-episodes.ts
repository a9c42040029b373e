import type { RhythmObservation } from '../../signal/observation.js'
import type { Annotation } from '../compare/annotation.js'
import { compareEpisodes, type EpisodeComparison } from '../compare/compare-episodes.js'
import { bootstrapByRecord, type Interval } from '../compare/intervals.js'
import { isFibrillation, isFlutter, rhythmStretches } from '../compare/rhythms.js'

export interface FibrillationRecord {
  readonly name: string
  /** Hz of both annotations. */
  readonly fs: number
  readonly endSample: number
  /** The part that is scored, seconds; default: all. */
  readonly fromSeconds?: number
  readonly toSeconds?: number
  readonly reference: readonly Annotation[]
  /** `+` annotations, `(AFIB` where it begins and another rhythm where it ends. */
  readonly test: readonly Annotation[]
}

export interface FibrillationRecordScore extends EpisodeComparison {
  readonly name: string
  readonly fs: number
  readonly hours: number
  /** Whether the reference has neither fibrillation nor flutter: what is said there is false. */
  readonly isFree: boolean
}

export interface FibrillationScore {
  readonly records: readonly FibrillationRecordScore[]
  readonly episodeSe: number | null
  readonly episodePpv: number | null
  readonly durationSe: number | null
  readonly durationSeInterval: Interval | null
  readonly durationPpv: number | null
  readonly durationPpvInterval: Interval | null
  /** Episodes in records whose reference has neither fibrillation nor flutter, and their rate. */
  readonly falseEpisodes: number
  readonly freeHours: number
  readonly falsePerHour: number | null
}

/** `+` annotations of atrial fibrillation from what a chain said; what goes on at the end ends with the record. */
export function fibrillationAnnotations(observations: readonly RhythmObservation[]): Annotation[] {
  return observations
    .filter(({ rhythm }) => rhythm === 'atrial-fibrillation')
    .map(({ on, index }) => ({ sample: index, symbol: '+', aux: on ? '(AFIB' : '(N' }))
}

/**
 * Episodes of atrial fibrillation by the rule of `epicmp` (no learning period), reference flutter taken neither
 * for nor against. Gross figures over all records; intervals by drawing records.
 */
export function scoreFibrillation(records: readonly FibrillationRecord[]): FibrillationScore {
  const scores = records.map(scoreRecord)
  const free = scores.filter(({ isFree }) => isFree)
  const freeHours = free.reduce((sum, { hours }) => sum + hours, 0)
  const falseEpisodes = free.reduce((sum, { testEpisodes }) => sum + testEpisodes, 0)
  const seconds = (of: (score: FibrillationRecordScore) => number) => (drawn: readonly FibrillationRecordScore[]) =>
    drawn.reduce((sum, score) => sum + of(score) / score.fs, 0)
  const common = seconds(score => score.commonDuration)
  const durationSe = (drawn: readonly FibrillationRecordScore[]) => share(common(drawn), seconds(score => score.referenceDuration)(drawn))
  const durationPpv = (drawn: readonly FibrillationRecordScore[]) => share(common(drawn), seconds(score => score.testDuration)(drawn))
  const total = (of: (score: FibrillationRecordScore) => number) => scores.reduce((sum, score) => sum + of(score), 0)
  return {
    records: scores,
    episodeSe: share(
      total(score => score.found),
      total(score => score.referenceEpisodes),
    ),
    episodePpv: share(
      total(score => score.right),
      total(score => score.testEpisodes),
    ),
    durationSe: durationSe(scores),
    durationSeInterval: bootstrapByRecord(scores, durationSe),
    durationPpv: durationPpv(scores),
    durationPpvInterval: bootstrapByRecord(scores, durationPpv),
    falseEpisodes,
    freeHours,
    falsePerHour: share(falseEpisodes, freeHours),
  }
}

function scoreRecord({ name, fs, endSample, fromSeconds = 0, toSeconds, reference, test }: FibrillationRecord): FibrillationRecordScore {
  const range = { fs, fromSeconds, ...(toSeconds === undefined ? {} : { toSeconds }), endSample, excludeFlutter: true }
  const comparison = compareEpisodes(reference, test, 'AF', range)
  const isFree = [isFibrillation, isFlutter].every(begins => rhythmStretches(reference, begins, endSample).length === 0)
  const seconds = Math.max(0, Math.min(toSeconds ?? Number.POSITIVE_INFINITY, endSample / fs) - fromSeconds)
  return { name, fs, hours: seconds / 3600, isFree, ...comparison }
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null
}
