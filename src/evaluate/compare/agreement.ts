import { bootstrapByRecord, type Interval, quantileOfSorted } from './intervals.js'

/** One number of a method beside the reference of the same time. */
export interface MeasuredPair {
  readonly reference: number
  /** null: the method gave no number. */
  readonly estimate: number | null
  /** Bounds of the method's own 90 % interval, where it gives one. */
  readonly low?: number
  readonly high?: number
}

/** How the numbers of a method agree with a reference; all in the unit of the numbers, null where there is nothing to take it of. */
export interface Agreement {
  /** Pairs, and those of them with an estimate. */
  readonly pairs: number
  readonly estimated: number
  /** Share of pairs with an estimate. */
  readonly coverage: number | null
  readonly mae: number | null
  readonly medianAbsolute: number | null
  readonly rmse: number | null
  /** Mean of estimate minus reference, and its standard deviation (n - 1). */
  readonly bias: number | null
  readonly sd: number | null
  /** Limits of agreement: bias less and plus 1.96 standard deviations (Bland & Altman, Lancet 1986). */
  readonly limits: readonly [number, number] | null
  /** Share of estimates within 5 of the reference. */
  readonly within5: number | null
  /** Share of references inside the method's own 90 % interval. */
  readonly intervalCoverage: number | null
  /** Mean absolute error of the 80 % of estimates with the narrowest intervals. */
  readonly maeBest80: number | null
}

export function agreementOf(pairs: readonly MeasuredPair[]): Agreement {
  const estimated = pairs.filter(hasEstimate)
  const n = estimated.length
  const differences = estimated.map(({ reference, estimate }) => estimate - reference)
  const absolute = differences.map(Math.abs)
  const bias = meanOf(differences)
  const sd = bias === null || n < 2 ? null : Math.sqrt(differences.reduce((sum, d) => sum + (d - bias) * (d - bias), 0) / (n - 1))
  const square = meanOf(differences.map(d => d * d))
  const withInterval = estimated.filter(hasInterval)
  return {
    pairs: pairs.length,
    estimated: n,
    coverage: pairs.length === 0 ? null : n / pairs.length,
    mae: meanOf(absolute),
    medianAbsolute: n === 0 ? null : quantileOfSorted([...absolute].sort(ascending), 0.5),
    rmse: square === null ? null : Math.sqrt(square),
    bias,
    sd,
    limits: bias === null || sd === null ? null : [bias - 1.96 * sd, bias + 1.96 * sd],
    within5: n === 0 ? null : absolute.filter(d => d <= 5).length / n,
    intervalCoverage: meanOf(withInterval.map(({ reference, low, high }) => (reference >= low && reference <= high ? 1 : 0))),
    maeBest80: meanAbsoluteOfBest(withInterval, 0.8),
  }
}

/** 95 % interval of a figure by drawing whole records. */
export function agreementInterval(
  records: readonly (readonly MeasuredPair[])[],
  figure: (agreement: Agreement) => number | null,
): Interval | null {
  return bootstrapByRecord(records, drawn => figure(agreementOf(drawn.flat())), { draws: 500 })
}

/** Error of the share of estimates that the method itself is surest of: [share kept, mean absolute error], tenth by tenth. */
export function errorByCertainty(pairs: readonly MeasuredPair[]): [number, number][] {
  const withInterval = pairs.filter(hasEstimate).filter(hasInterval)
  const points: [number, number][] = []
  for (let tenth = 1; tenth <= 10; tenth++) {
    const error = meanAbsoluteOfBest(withInterval, tenth / 10)
    if (error !== null) points.push([tenth / 10, error])
  }
  return points
}

type Estimated = MeasuredPair & { readonly estimate: number }
type WithInterval = Estimated & { readonly low: number; readonly high: number }

function hasEstimate(pair: MeasuredPair): pair is Estimated {
  return pair.estimate !== null
}

function hasInterval(pair: Estimated): pair is WithInterval {
  return pair.low !== undefined && pair.high !== undefined
}

function meanAbsoluteOfBest(pairs: readonly WithInterval[], share: number): number | null {
  const kept = Math.round(share * pairs.length)
  const surest = [...pairs].sort((a, b) => a.high - a.low - (b.high - b.low)).slice(0, kept)
  return meanOf(surest.map(({ estimate, reference }) => Math.abs(estimate - reference)))
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function ascending(a: number, b: number): number {
  return a - b
}
