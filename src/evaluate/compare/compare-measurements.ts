import type { Annotation } from './annotation.js'
import { type ComparisonOptions, testPeriod } from './compare-beats.js'

export interface MeasurementComparison {
  /** Test measurements compared. */
  readonly count: number
  /** Mean of the reference measurements that were compared with, as often as they were; null when there is none. */
  readonly meanReference: number | null
  /** Root mean square error in the unit of the measurement. */
  readonly rmsError: number | null
  /** The same as a percentage of the mean reference; null where that is 0. */
  readonly rmsErrorPercent: number | null
}

/**
 * Compares measurements (heart rate for one) as EC57 and WFDB's `mxm` do: each `=` annotation of the test with the reference's
 * nearest in time, of the same number (`subtype`), values as decimal text in `aux`.
 */
export function compareMeasurements(
  reference: readonly Annotation[],
  test: readonly Annotation[],
  options: ComparisonOptions & { readonly measurement?: number },
): MeasurementComparison {
  const { from, to } = testPeriod(reference, test, options)
  const number = options.measurement ?? 0
  const truth = readMeasurements(reference, number)
  const found = readMeasurements(test, number).filter(({ sample }) => sample >= from && sample <= to)
  if (truth.length === 0 || found.length === 0) return { count: 0, meanReference: null, rmsError: null, rmsErrorPercent: null }
  let sum = 0
  let sumOfSquares = 0
  let nearest = 0
  for (const { sample, value } of found) {
    const distance = (index: number): number => Math.abs((truth[index]?.sample ?? Number.POSITIVE_INFINITY) - sample)
    while (distance(nearest + 1) < distance(nearest)) nearest++
    const expected = truth[nearest]?.value ?? Number.NaN
    sum += expected
    sumOfSquares += (value - expected) * (value - expected)
  }
  const meanReference = sum / found.length
  const rmsError = Math.sqrt(sumOfSquares / found.length)
  return { count: found.length, meanReference, rmsError, rmsErrorPercent: meanReference === 0 ? null : (100 * rmsError) / meanReference }
}

function readMeasurements(annotations: readonly Annotation[], number: number): { sample: number; value: number }[] {
  return annotations.flatMap(({ sample, symbol, subtype = 0, aux = '' }) => {
    const value = Number.parseFloat(aux)
    return symbol === '=' && subtype === number && Number.isFinite(value) ? [{ sample, value }] : []
  })
}
