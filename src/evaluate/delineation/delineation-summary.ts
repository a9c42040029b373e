import type { RecordErrors } from './delineation-score.js'
import { type WaveMark, waveMarks } from './wave-marks.js'

/** One mark over records; milliseconds, shares 0 to 1; null where there is nothing to tell it from. */
export interface MarkSummary {
  readonly mark: WaveMark
  readonly records: number
  readonly references: number
  readonly found: number
  readonly sensitivity: number | null
  /** Mean of the records' mean errors: the bias, every record counting the same. */
  readonly meanOfMeans: number | null
  /** Mean of the records' standard deviations (n - 1): how steadily one patient is measured. */
  readonly meanWithinSd: number | null
  /** Standard deviation of the records' means (n - 1): how far the bias differs between patients; the usual table hides it. */
  readonly sdOfMeans: number | null
  readonly pooledMean: number | null
  readonly pooledSd: number | null
  /** Share of reference beats without this mark for which one was found. */
  readonly falseShare: number | null
}

/** The convention of the literature (Laguna 1994, Martinez 2004): means and standard deviations by record, then their means. */
export function summarizeMarks(records: readonly RecordErrors[]): MarkSummary[] {
  return waveMarks.map(mark => {
    const all = records.map(record => record[mark])
    const lists = all.map(({ errors }) => errors).filter(errors => errors.length > 0)
    const pooled = lists.flat()
    const references = sum(all.map(item => item.references))
    const absent = sum(all.map(item => item.absent))
    return {
      mark,
      records: lists.length,
      references,
      found: pooled.length,
      sensitivity: references > 0 ? pooled.length / references : null,
      meanOfMeans: mean(lists.flatMap(errors => mean(errors) ?? [])),
      meanWithinSd: mean(lists.flatMap(errors => deviation(errors) ?? [])),
      sdOfMeans: deviation(lists.flatMap(errors => mean(errors) ?? [])),
      pooledMean: mean(pooled),
      pooledSd: deviation(pooled),
      falseShare: absent > 0 ? sum(all.map(item => item.extra)) / absent : null,
    }
  })
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

export function mean(values: readonly number[]): number | null {
  return values.length > 0 ? sum(values) / values.length : null
}

/** Sample standard deviation; null for fewer than two values. */
export function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const centre = mean(values) as number
  return Math.sqrt(sum(values.map(value => (value - centre) * (value - centre))) / (values.length - 1))
}
