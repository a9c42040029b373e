import type { Annotation } from './annotation.js'
import {
  asTestClass,
  type BeatClass,
  beatClasses,
  type ReferenceClass,
  referenceClasses,
  type TestClass,
  testClasses,
} from './annotation-classes.js'
import { matchBeats } from './beat-matching.js'
import { type Beat, type BeatTrack, beatTrack, isWithin, rrInterval, type TestPeriod } from './beat-track.js'

export interface ComparisonOptions {
  /** Samples a second of both annotation files. */
  readonly fs: number
  /** The learning period: what lies before it does not count. Default 300 s. */
  readonly fromSeconds?: number
  /** Comparison ends here, included; 0: where the shorter of both files ends. Default: the end of the record. */
  readonly toSeconds?: number
  /** Largest distance of two annotations that match, seconds. Default 0.15. */
  readonly matchWindowSeconds?: number
  /** Length of the record in samples; undefined: not known, so the last reference annotation ends it. */
  readonly endSample: number | undefined
}

/** Counts by reference class and test class. `O` and `X` never meet `o` or `x`. */
export type BeatMatrix = Readonly<Record<ReferenceClass, Readonly<Record<TestClass, number>>>>

export interface BeatPair {
  /** Sample of the reference beat, and of the test beat. */
  readonly reference: number
  readonly test: number
  readonly referenceClass: BeatClass
  readonly testClass: BeatClass
}

export interface BeatComparison {
  readonly matrix: BeatMatrix
  /** QRS complexes found; missed, during shutdown or not; found where there is none. */
  readonly tp: number
  readonly fn: number
  readonly fp: number
  readonly pairs: readonly BeatPair[]
  /** Samples of reference beats without a test beat, and of test beats that count as extra, in order. */
  readonly missed: readonly number[]
  readonly extra: readonly number[]
  /** Root mean square error of RR intervals, ms; null when none could be compared. */
  readonly rrErrorMs: number | null
  /** Time within the test period that the test annotator had shut down, seconds. */
  readonly shutdownSeconds: number
}

/** Throws nothing; a period that ends before it begins has no beats. */
export function testPeriod(reference: readonly Annotation[], test: readonly Annotation[], options: ComparisonOptions): TestPeriod {
  const { fs, fromSeconds = 300, toSeconds, matchWindowSeconds = 0.15, endSample } = options
  const window = Math.round(matchWindowSeconds * fs)
  const last = (annotations: readonly Annotation[]): number => annotations.at(-1)?.sample ?? 0
  // Without a known length a test beat just behind the last reference beat may still match it.
  const end = endSample ?? last(reference) + window
  const to = toSeconds === 0 ? Math.min(last(reference), last(test)) : toSeconds === undefined ? end : Math.round(toSeconds * fs)
  return { from: Math.round(fromSeconds * fs), to, window }
}

/**
 * Compares two annotations of a record beat by beat, as ANSI/AAMI EC57 and WFDB's `bxb` do; docs/scoring.md has the rules.
 * Annotations are in order of time.
 */
export function compareBeats(reference: readonly Annotation[], test: readonly Annotation[], options: ComparisonOptions): BeatComparison {
  const period = testPeriod(reference, test, options)
  const truth = beatTrack(reference, period)
  const found = beatTrack(test, period)
  const matrix = emptyMatrix()
  const pairs: BeatPair[] = []
  const missed: number[] = []
  const extra: number[] = []
  const intervals = new RrIntervalErrors(truth, found)
  matchBeats(truth.beats, found.beats, period.window, {
    pair(i, j) {
      const [beat, match] = [truth.beats[i] as Beat, found.beats[j] as Beat]
      matrix[beat.beatClass][asTestClass(match.beatClass)]++
      pairs.push({ reference: beat.sample, test: match.sample, referenceClass: beat.beatClass, testClass: match.beatClass })
      intervals.compare(i, j)
    },
    missed(i, j) {
      const beat = truth.beats[i] as Beat
      matrix[beat.beatClass][isWithin(found.unreadable, beat.sample) ? 'x' : 'o']++
      missed.push(beat.sample)
      intervals.compare(i, j)
    },
    extra(i, j) {
      const beat = found.beats[j] as Beat
      // Fibrillation has no beats to be right or wrong about.
      if (isWithin(truth.fibrillation, beat.sample)) return
      matrix[isWithin(truth.unreadable, beat.sample) ? 'X' : 'O'][asTestClass(beat.beatClass)]++
      extra.push(beat.sample)
      intervals.compare(i, j)
    },
  })
  return {
    matrix,
    tp: pairs.length,
    fn: missed.length,
    fp: extra.length,
    pairs,
    missed,
    extra,
    rrErrorMs: intervals.rootMeanSquareMs(options.fs),
    shutdownSeconds: unreadableSamples(found, period) / options.fs,
  }
}

/**
 * At every step of the matching, beats without a partner included, the interval that ends in the next reference beat is held
 * against the one that ends in the next test beat: a beat missed or too many counts twice, as `bxb` has it.
 */
class RrIntervalErrors {
  private sumOfSquares = 0
  private count = 0

  constructor(
    private readonly truth: BeatTrack,
    private readonly found: BeatTrack,
  ) {}

  compare(i: number, j: number): void {
    const [reference, test] = [rrInterval(this.truth, i), rrInterval(this.found, j)]
    if (reference === null || test === null) return
    this.sumOfSquares += (reference - test) * (reference - test)
    this.count++
  }

  rootMeanSquareMs(fs: number): number | null {
    return this.count === 0 ? null : (1000 * Math.sqrt(this.sumOfSquares / this.count)) / fs
  }
}

function unreadableSamples({ unreadable }: BeatTrack, { from, to }: TestPeriod): number {
  return unreadable.reduce((sum, stretch) => sum + Math.max(0, Math.min(stretch.end, to) - Math.max(stretch.start, from)), 0)
}

function emptyMatrix(): Record<ReferenceClass, Record<TestClass, number>> {
  const row = (): Record<TestClass, number> => Object.fromEntries(testClasses.map(name => [name, 0])) as Record<TestClass, number>
  return Object.fromEntries(referenceClasses.map(name => [name, row()])) as Record<ReferenceClass, Record<TestClass, number>>
}

/** Reference beats of each class. */
export function referenceBeatCounts(matrix: BeatMatrix): Record<BeatClass, number> {
  const total = (row: Readonly<Record<TestClass, number>>): number => testClasses.reduce((sum, name) => sum + row[name], 0)
  return Object.fromEntries(beatClasses.map(name => [name, total(matrix[name])])) as Record<BeatClass, number>
}
