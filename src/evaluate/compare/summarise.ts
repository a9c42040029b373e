import {
  addDetections,
  type Detection,
  type DetectionRatios,
  detectionRatios,
  qrsDetection,
  supraventricularDetection,
  ventricularDetection,
} from './beat-statistics.js'
import { type BeatComparison, referenceBeatCounts } from './compare-beats.js'

export interface RecordComparison {
  readonly record: string
  readonly comparison: BeatComparison
}

/** Ratios of every kind of beat: Q any QRS complex, V ventricular and S supraventricular ectopic beats. Fractions. */
export interface BeatRatios {
  readonly Q: DetectionRatios
  readonly V: DetectionRatios
  readonly S: DetectionRatios
}

export interface BeatSummary {
  /** Every beat counts the same: counts are added up, then divided. */
  readonly gross: BeatRatios & { readonly counts: Readonly<Record<keyof BeatRatios, Detection>> }
  /** Every record counts the same: mean of the ratios of those records that have one. */
  readonly average: BeatRatios & { readonly rrErrorMs: number | null }
  /** Reference beats: all, ventricular, supraventricular. */
  readonly totals: { readonly beats: number; readonly ventricular: number; readonly supraventricular: number }
}

const detectionOf = { Q: qrsDetection, V: ventricularDetection, S: supraventricularDetection } as const

function beatRatios({ matrix }: BeatComparison): BeatRatios {
  return {
    Q: detectionRatios(qrsDetection(matrix)),
    V: detectionRatios(ventricularDetection(matrix)),
    S: detectionRatios(supraventricularDetection(matrix)),
  }
}

/** Gross and average statistics over records, as EC57 asks for them and `sumstats` gives them. */
export function summariseBeats(comparisons: readonly RecordComparison[]): BeatSummary {
  const gross = (kind: keyof BeatRatios): Detection =>
    addDetections(comparisons.map(({ comparison }) => detectionOf[kind](comparison.matrix)))
  const counts = { Q: gross('Q'), V: gross('V'), S: gross('S') }
  const perRecord = comparisons.map(({ comparison }) => beatRatios(comparison))
  const average = (kind: keyof BeatRatios): DetectionRatios => averageRatios(perRecord.map(ratios => ratios[kind]))
  const beats = comparisons.map(({ comparison }) => referenceBeatCounts(comparison.matrix))
  const total = (pick: (count: ReturnType<typeof referenceBeatCounts>) => number): number =>
    beats.reduce((sum, count) => sum + pick(count), 0)
  return {
    gross: { Q: detectionRatios(counts.Q), V: detectionRatios(counts.V), S: detectionRatios(counts.S), counts },
    average: {
      Q: average('Q'),
      V: average('V'),
      S: average('S'),
      rrErrorMs: meanOfDefined(comparisons.map(({ comparison }) => comparison.rrErrorMs)),
    },
    totals: {
      beats: total(({ N, S, V, F, Q }) => N + S + V + F + Q),
      ventricular: total(({ V }) => V),
      supraventricular: total(({ S }) => S),
    },
  }
}

function averageRatios(ratios: readonly DetectionRatios[]): DetectionRatios {
  return {
    se: meanOfDefined(ratios.map(({ se }) => se)),
    ppv: meanOfDefined(ratios.map(({ ppv }) => ppv)),
    f1: meanOfDefined(ratios.map(({ f1 }) => f1)),
    fpr: meanOfDefined(ratios.map(({ fpr }) => fpr)),
  }
}

/** Mean of what is defined; null when nothing is. */
export function meanOfDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter(value => value !== null)
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length
}
