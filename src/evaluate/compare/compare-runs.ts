import type { Annotation } from './annotation.js'
import type { TestPeriod } from './beat-track.js'
import { type ComparisonOptions, testPeriod } from './compare-beats.js'
import { findRuns, longestRun, longRun, type Run, type RunEvent, type RunKind, runEvents } from './ectopic-runs.js'

/** Couplets are runs of 2 beats, short runs of 3 to 5, long runs of 6 and more. */
export type RunClass = 'couplet' | 'short' | 'long'
export const runClasses: readonly RunClass[] = ['couplet', 'short', 'long']

/** Runs of one class: of the reference's those found and missed, of the test's those that are there and those that are not. */
export interface RunCounts {
  readonly found: number
  readonly missed: number
  readonly right: number
  readonly wrong: number
}

export type RunComparison = Readonly<Record<RunClass, RunCounts>>

/**
 * Compares runs of ectopic beats as EC57 and WFDB's `rxr` do: around each run of one annotator, widened by the match window,
 * the longest run of the other must be of the same class or longer. Once from the reference (sensitivity), once from the test
 * (positive predictivity).
 */
export function compareRuns(
  reference: readonly Annotation[],
  test: readonly Annotation[],
  kind: RunKind,
  options: ComparisonOptions,
): RunComparison {
  const period = testPeriod(reference, test, options)
  const truth = runEvents(reference, kind)
  const found = runEvents(test, kind)
  const ofReference = matchedRuns(truth, found, kind, period)
  const ofTest = matchedRuns(found, truth, kind, period)
  const counts = (name: RunClass): RunCounts => ({
    found: ofReference[name].matched,
    missed: ofReference[name].alone,
    right: ofTest[name].matched,
    wrong: ofTest[name].alone,
  })
  return { couplet: counts('couplet'), short: counts('short'), long: counts('long') }
}

function runClass({ length }: Pick<Run, 'length'>): RunClass {
  return length >= longRun ? 'long' : length > 2 ? 'short' : 'couplet'
}

const leastLength: Readonly<Record<RunClass, number>> = { couplet: 2, short: 3, long: longRun }

function matchedRuns(
  events: readonly RunEvent[],
  others: readonly RunEvent[],
  kind: RunKind,
  period: TestPeriod,
): Record<RunClass, { matched: number; alone: number }> {
  const counts = { couplet: { matched: 0, alone: 0 }, short: { matched: 0, alone: 0 }, long: { matched: 0, alone: 0 } }
  for (const run of findRuns(events, kind, period)) {
    const name = runClass(run)
    const length = longestRun(others, { start: run.start - period.window, end: run.end + period.window })
    counts[name][length >= leastLength[name] ? 'matched' : 'alone']++
  }
  return counts
}
