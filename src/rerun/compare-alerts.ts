import type { AlertRow } from '../store/alert-fold.js'
import type { RerunPatient } from './rerun-partitions.js'

/** An alert as people read it; times are patient time in microseconds, `end` null while it lasts. */
export interface AlertLine {
  readonly condition: string
  readonly priority: string
  readonly kind: string
  readonly stream: string
  readonly onset: number
  readonly end: number | null
  readonly value: AlertRow['value']
  readonly limit: AlertRow['limit']
  readonly message: string
  readonly evidence: AlertRow['evidence']
}

export interface AlertDifference {
  readonly patient: string
  readonly from: number
  readonly to: number
  /** Alerts as they were, and as they would have been. */
  readonly before: number
  readonly after: number
  readonly unchanged: number
  /** Told then, not with these settings. */
  readonly vanished: readonly AlertLine[]
  /** Not told then. */
  readonly added: readonly AlertLine[]
  /** Told both times of the same stretch, at other times. */
  readonly moved: readonly { readonly before: AlertLine; readonly after: AlertLine }[]
}

/** Alerts of one condition and stream belong together when they begin at the same time, else when they overlap. */
export function compareAlerts({ patient, from, to, before, after }: RerunPatient): AlertDifference {
  const left = new Set(after)
  const pairs = new Map<AlertRow, AlertRow>()
  const match = (belongs: (row: AlertRow, other: AlertRow) => boolean) => {
    for (const row of before) {
      if (pairs.has(row)) continue
      const other = [...left].find(one => one.condition === row.condition && one.stream === row.stream && belongs(row, one))
      if (other === undefined) continue
      pairs.set(row, other)
      left.delete(other)
    }
  }
  match((row, other) => row.onset === other.onset)
  match((row, other) => row.onset < endOf(other) && other.onset < endOf(row))
  const moved = [...pairs].filter(([row, other]) => row.onset !== other.onset || row.end !== other.end)
  return {
    patient,
    from,
    to,
    before: before.length,
    after: after.length,
    unchanged: pairs.size - moved.length,
    vanished: before.filter(row => !pairs.has(row)).map(lineOf),
    added: [...left].map(lineOf),
    moved: moved.map(([row, other]) => ({ before: lineOf(row), after: lineOf(other) })),
  }
}

function endOf(row: AlertRow): number {
  return row.end ?? Number.POSITIVE_INFINITY
}

function lineOf({ condition, priority, kind, stream, onset, end, value, limit, message, evidence }: AlertRow): AlertLine {
  return { condition, priority, kind, stream, onset, end, value, limit, message, evidence }
}
