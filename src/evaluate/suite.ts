import type { NewAnnotation } from '../recording/wfdb-annotation-writer.js'
import type { EvaluationRequest } from './evaluation-request.js'

/** A benchmark: which data it needs and what it makes of them. One file a suite in suites/, one line in suites/registry.ts. */
export interface Suite {
  readonly name: string
  /** What is scored, in a line. */
  readonly says: string
  /** What `--database` must hold. */
  readonly layout: string
  /**
   * The suite makes its own signals: no `--database`, and `database` of the request is empty; `or-database`: it may have one
   * beside them.
   */
  readonly ownSignals?: true | 'or-database'
  /** Where comparison begins unless told otherwise, seconds into a record; null: all of it counts, and no part can be chosen. */
  readonly fromSeconds: number | null
  /** Options that have a meaning for this suite and not for all. */
  readonly takes: readonly ('channels' | 'reference' | 'packet' | 'window' | 'compare' | 'noise' | 'format')[]
  /** Detectors that can take part. */
  readonly tests: readonly EvaluationRequest['test']['kind'][]
  /** Throws VitalwireError. */
  run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult>
}

export interface RunContext {
  /** `total` records, `done` of them ready, `record` at work. */
  readonly onProgress: (record: string, done: number, total: number) => void
  readonly signal: AbortSignal
}

/** What `evaluate --json` prints has at least this. Plain JSON. */
export interface SuiteDocument {
  readonly suite: string
  readonly database: string
  readonly records: readonly Readonly<Record<string, unknown>>[]
  readonly gross: Readonly<Record<string, unknown>>
  /** What the figures lack, a line each: rows that cannot be read, files that are not there. Absent where there is nothing to say. */
  readonly warnings?: readonly string[]
  readonly [more: string]: unknown
}

export interface SuiteResult {
  readonly document: SuiteDocument
  /** SHA-256 of the parameters of our own algorithms that were run; null where none was. */
  readonly parametersHash: string | null
  /** These parameters, for the manifest. */
  readonly parameters?: readonly unknown[] | null
  /** Files that the figures rest on, for the manifest. */
  readonly files: readonly string[]
  /** Test annotations, as scored. */
  readonly annotations: readonly { readonly record: string; readonly annotations: readonly NewAnnotation[] }[]
  /** For the terminal, Markdown and HTML. */
  readonly tables: readonly ResultTable[]
  readonly plots: readonly ResultPlot[]
  /** Required checks that fell short, where the suite has such: above 0 the command exits with 1. */
  readonly shortfalls?: number
  /** The result in the reference tools' own format, where there is one (`--format bxb`). */
  readonly bxb: string | null
}

export interface ResultTable {
  readonly title: string
  readonly columns: readonly string[]
  /** null: not measurable. */
  readonly rows: readonly (readonly (string | number | null)[])[]
}

export type ResultPlot = LinePlot | BarPlot

/** One or several lines over a common axis. */
export interface LinePlot {
  readonly kind: 'lines'
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[]
}

/** One or two values for each name, beside each other. */
export interface BarPlot {
  readonly kind: 'bars'
  readonly title: string
  readonly yLabel: string
  readonly series: readonly string[]
  readonly bars: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}
