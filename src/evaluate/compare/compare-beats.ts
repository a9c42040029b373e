import { type Annotation, contains, type Stretch } from './annotation.js'
import {
  asTestClass,
  type BeatClass,
  beatClass,
  beatClasses,
  type ReferenceClass,
  referenceClasses,
  type TestClass,
  testClasses,
} from './annotation-classes.js'
import { unreadableStretches, ventricularFibrillation } from './stretches.js'

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
  /** Root mean square of the difference of RR intervals that end in a matched beat, ms; null when there is none. */
  readonly rrErrorMs: number | null
  /** Time that the test annotator had shut down within the test period, seconds. */
  readonly shutdownSeconds: number
}

interface Beat {
  readonly sample: number
  readonly beatClass: BeatClass
}

/** The part of a record that counts and the match window, in samples. */
export interface TestPeriod {
  readonly from: number
  readonly to: number
  readonly window: number
}

export function testPeriod(reference: readonly Annotation[], test: readonly Annotation[], options: ComparisonOptions): TestPeriod {
  const { fs, fromSeconds = 300, toSeconds, matchWindowSeconds = 0.15, endSample } = options
  const window = Math.round(matchWindowSeconds * fs)
  const last = (annotations: readonly Annotation[]): number => annotations.at(-1)?.sample ?? 0
  // Without a known length the last reference beat may still be met by a test beat just behind it.
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
  const referenceFibrillation = ventricularFibrillation(reference, period.to)
  const referenceBeats = countedBeats(reference, period, referenceFibrillation)
  const testBeats = countedBeats(test, period, ventricularFibrillation(test, period.to))
  const unreadable = unreadableStretches(reference, period.window, period.to)
  const shutdown = unreadableStretches(test, period.window, period.to)

  const matrix = emptyMatrix()
  const pairs: BeatPair[] = []
  const missed: number[] = []
  const extra: number[] = []
  const intervals = new RrIntervalErrors()
  matchBeats(referenceBeats, testBeats, period.window, {
    pair(i, j) {
      const [truth, found] = [referenceBeats[i] as Beat, testBeats[j] as Beat]
      matrix[truth.beatClass][asTestClass(found.beatClass)]++
      pairs.push({ reference: truth.sample, test: found.sample, referenceClass: truth.beatClass, testClass: found.beatClass })
      intervals.add(truth.sample - (referenceBeats[i - 1]?.sample ?? Number.NaN), found.sample - (testBeats[j - 1]?.sample ?? Number.NaN))
    },
    missed(i) {
      const { sample, beatClass: truth } = referenceBeats[i] as Beat
      matrix[truth][isWithin(shutdown, sample) ? 'x' : 'o']++
      missed.push(sample)
    },
    extra(j) {
      const { sample, beatClass: found } = testBeats[j] as Beat
      // Flutter has no beats to be right or wrong about.
      if (isWithin(referenceFibrillation, sample)) return
      matrix[isWithin(unreadable, sample) ? 'X' : 'O'][asTestClass(found)]++
      extra.push(sample)
    },
  })
  const shutdownSamples = shutdown.reduce(
    (sum, stretch) => sum + Math.max(0, Math.min(stretch.end, period.to) - Math.max(stretch.start, period.from)),
    0,
  )
  return {
    matrix,
    tp: pairs.length,
    fn: missed.length,
    fp: extra.length,
    pairs,
    missed,
    extra,
    rrErrorMs: intervals.rootMeanSquareMs(options.fs),
    shutdownSeconds: shutdownSamples / options.fs,
  }
}

/** Beats of the test period, without those that an annotator sets inside its own flutter. */
function countedBeats(annotations: readonly Annotation[], { from, to }: TestPeriod, fibrillation: readonly Stretch[]): Beat[] {
  const beats: Beat[] = []
  for (const { sample, symbol } of annotations) {
    const found = beatClass(symbol)
    if (found !== undefined && sample >= from && sample <= to && !isWithin(fibrillation, sample)) beats.push({ sample, beatClass: found })
  }
  return beats
}

function isWithin(stretches: readonly Stretch[], sample: number): boolean {
  return stretches.some(stretch => contains(stretch, sample))
}

interface MatchSink {
  pair(reference: number, test: number): void
  missed(reference: number): void
  extra(test: number): void
}

/**
 * One-to-one matching in order of time. The earlier of the two next beats is given to the later one when it is within the
 * window of it and its own successor is not nearer; else it stays alone.
 */
function matchBeats(reference: readonly Beat[], test: readonly Beat[], window: number, sink: MatchSink): void {
  const sampleAt = (beats: readonly Beat[], index: number): number => beats[index]?.sample ?? Number.POSITIVE_INFINITY
  let i = 0
  let j = 0
  while (i < reference.length || j < test.length) {
    const truth = sampleAt(reference, i)
    const found = sampleAt(test, j)
    const distance = Math.abs(found - truth)
    const successor = truth < found ? sampleAt(reference, i + 1) : sampleAt(test, j + 1)
    if (distance <= window && Math.abs(successor - Math.max(truth, found)) >= distance) sink.pair(i++, j++)
    else if (truth < found) sink.missed(i++)
    else sink.extra(j++)
  }
}

class RrIntervalErrors {
  private sumOfSquares = 0
  private count = 0

  /** Intervals in samples; not a number where a beat has none before it. */
  add(reference: number, test: number): void {
    const error = reference - test
    if (Number.isNaN(error)) return
    this.sumOfSquares += error * error
    this.count++
  }

  rootMeanSquareMs(fs: number): number | null {
    return this.count === 0 ? null : (1000 * Math.sqrt(this.sumOfSquares / this.count)) / fs
  }
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
