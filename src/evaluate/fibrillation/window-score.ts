import { bootstrapByRecord, type Interval } from '../compare/intervals.js'

/** A window of a record: whether the reference says fibrillation or flutter, and how strongly a method does (any monotone measure). */
export interface ScoredWindow {
  readonly truth: boolean
  readonly value: number
}

export interface RecordWindows {
  readonly record: string
  readonly windows: readonly ScoredWindow[]
}

export interface RecordWindowFigures {
  readonly record: string
  readonly windows: number
  readonly positive: number
  /** null where only one kind of windows is there. */
  readonly auc: number | null
  /** Windows missed and falsely told at the threshold that gives the specificity over all records. */
  readonly missed: number
  readonly falsePositive: number
}

export interface WindowFigures {
  readonly auc: number | null
  /** Sensitivity at the lowest threshold with a specificity of at least 98 %, over the windows of all records. */
  readonly seAtSp98: number | null
  readonly threshold: number | null
  readonly byRecord: readonly RecordWindowFigures[]
  /** 95 % intervals by drawing records. */
  readonly ci95: { readonly auc: Interval | null; readonly seAtSp98: Interval | null }
}

const draws = 500

/** Area under the ROC curve and sensitivity at 98 % specificity, gross over all windows: continuous recordings, none left out. */
export function scoreWindows(records: readonly RecordWindows[]): WindowFigures {
  const all = records.flatMap(({ windows }) => windows)
  const threshold = thresholdAt(all, 0.98)
  return {
    auc: areaUnderCurve(all),
    seAtSp98: threshold === null ? null : sensitivity(all, threshold),
    threshold,
    byRecord: records.map(({ record, windows }) => ({
      record,
      windows: windows.length,
      positive: windows.filter(({ truth }) => truth).length,
      auc: areaUnderCurve(windows),
      missed: threshold === null ? 0 : windows.filter(({ truth, value }) => truth && value < threshold).length,
      falsePositive: threshold === null ? 0 : windows.filter(({ truth, value }) => !truth && value >= threshold).length,
    })),
    ci95: {
      auc: bootstrapByRecord(records, drawn => areaUnderCurve(drawn.flatMap(({ windows }) => windows)), { draws }),
      seAtSp98: bootstrapByRecord(
        records,
        drawn => {
          const windows = drawn.flatMap(record => record.windows)
          const at = thresholdAt(windows, 0.98)
          return at === null ? null : sensitivity(windows, at)
        },
        { draws },
      ),
    },
  }
}

/** Chance that a window with fibrillation has a higher value than one without; ties count half. null without both kinds. */
export function areaUnderCurve(windows: readonly ScoredWindow[]): number | null {
  const sorted = [...windows].sort((a, b) => a.value - b.value)
  const positive = sorted.filter(({ truth }) => truth).length
  const negative = sorted.length - positive
  if (positive === 0 || negative === 0) return null
  let below = 0
  let pairs = 0
  for (let i = 0; i < sorted.length; ) {
    let hits = 0
    let others = 0
    const { value } = sorted[i] as ScoredWindow
    for (; i < sorted.length && (sorted[i] as ScoredWindow).value === value; i++) {
      if ((sorted[i] as ScoredWindow).truth) hits++
      else others++
    }
    pairs += hits * (below + others / 2)
    below += others
  }
  return pairs / (positive * negative)
}

/** The lowest value such that at most 1 - `specificity` of the windows without fibrillation lie at it or above; null without any. */
export function thresholdAt(windows: readonly ScoredWindow[], specificity: number): number | null {
  const negative = windows.flatMap(({ truth, value }) => (truth ? [] : [value])).sort((a, b) => b - a)
  if (negative.length === 0) return null
  const allowed = Math.floor((1 - specificity) * negative.length + 1e-9)
  const first = negative[allowed] as number
  const above = windows.filter(({ value }) => value > first).map(({ value }) => value)
  return above.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
}

/** Share of the windows with fibrillation at or above `threshold`; null without any. */
export function sensitivity(windows: readonly ScoredWindow[], threshold: number): number | null {
  const positive = windows.filter(({ truth }) => truth)
  return positive.length === 0 ? null : positive.filter(({ value }) => value >= threshold).length / positive.length
}
