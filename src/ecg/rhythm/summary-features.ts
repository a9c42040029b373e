import { log } from '../../dsp/math.js'
import { type CleanBeats, cleanUp, medianOf } from './beat-clean-up.js'
import { measureIrregularity } from './irregularity.js'
import { beatShape, type SummaryBeat } from './summary-beats.js'

/** Beats that a summary needs. */
const leastBeats = 5
/** An interval below this share of the median of its neighbours is early, above that one late. */
const earlyBelow = 0.87
const lateAbove = 1.2
const neighbours = 5
/** PQ stretch in a shape, first and last point, as in `pq-activity.ts`. */
const pqFrom = 14
const pqTo = 43

export interface SignalSummary {
  readonly seconds: number
  readonly meanQuality: number
  /** Mean quality of the poorest three seconds. */
  readonly worstQuality: number
}

/** Features of a recording by name; NaN where one cannot be measured. Null for too few beats or when no two beats are alike. */
export function summaryFeatures(all: readonly SummaryBeat[], signal: SignalSummary): Readonly<Record<string, number>> | null {
  if (all.length < leastBeats) return null
  const clean = cleanUp(all)
  if (clean === null) return null
  const rhythm = rhythmFeatures(clean)
  return { ...rhythm, ...shapeFeatures(clean), ...signalFeatures(clean, signal) }
}

function rhythmFeatures({ beats, usual }: CleanBeats): Record<string, number> {
  const intervals = beats.map(({ interval }) => interval)
  const known = intervals.filter(interval => !Number.isNaN(interval))
  const irregular = measureIrregularity(known)
  const local = intervals.map((_, i) =>
    medianOf(intervals.slice(Math.max(0, i - neighbours), i + neighbours + 1).filter(interval => !Number.isNaN(interval))),
  )
  const ratio = intervals.map((interval, i) => interval / (local[i] as number))
  let early = 0
  let earlyOdd = 0
  let earlyThenLate = 0
  let late = 0
  let earliest = 1
  let earliestThenLate = 1
  let latest = 1
  let sharpest = 1
  let irregularMain = 0
  beats.forEach(({ isMain }, i) => {
    const here = ratio[i] as number
    const next = ratio[i + 1] ?? Number.NaN
    const before = ratio[i - 1] ?? Number.NaN
    if (isMain && here < earliest) earliest = here
    if (isMain && here < earliestThenLate && next > 1 && before > 0.92) earliestThenLate = here
    if (isMain && here > latest) latest = here
    if (isMain && here / before < sharpest) sharpest = here / before
    if (isMain && beats[i - 1]?.isMain && Math.abs(here / before - 1) > 0.12) irregularMain += 1
    if (here < earlyBelow) {
      early += 1
      if (!isMain) earlyOdd += 1
      if (next > 1.05) earlyThenLate += 1
    } else if (here > lateAbove) late += 1
  })
  const n = Math.max(1, known.length)
  const sorted = [...known].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  let square = 0
  let mean = 0
  const changes: number[] = []
  known.forEach((interval, i) => {
    mean += interval / known.length
    if (i === 0) return
    const change = interval - (known[i - 1] as number)
    square += change * change
    changes.push(Math.abs(change))
  })
  return {
    usual,
    slow: Math.max(0, usual - 1),
    quick: Math.max(0, 0.62 - usual),
    shortest: at(0.05) / usual,
    longest: at(0.95) / usual,
    longestSeconds: at(1),
    rmssd: Math.sqrt(square / Math.max(1, changes.length)) / mean,
    medianChange: medianOf(changes) / usual,
    scatter: irregular.scatter,
    entropy: irregular.entropy,
    filteredChange: irregular.filteredChange,
    changes: irregular.changes,
    persistence: irregular.persistence,
    earliest,
    earliestThenLate,
    latest,
    sharpest,
    irregularMain: irregularMain / n,
    early: early / n,
    earlyThenLate: earlyThenLate / n,
    earlyOdd: earlyOdd / n,
    late: late / n,
  }
}

function shapeFeatures({ beats }: CleanBeats): Record<string, number> {
  const main = beats.filter(({ isMain }) => isMain).map(({ beat }) => beat.shape)
  const n = main.length
  const mean = meanOf(main)
  let top = Number.NEGATIVE_INFINITY
  let bottom = Number.POSITIVE_INFINITY
  for (let k = beatShape.before - 12; k < beatShape.before + 14; k++) {
    top = Math.max(top, mean[k] as number)
    bottom = Math.min(bottom, mean[k] as number)
  }
  const height = top - bottom
  // Width of the complex: spread of its squared slope about the slope's centre, and time with more than 0.15 of the steepest.
  let energy = 0
  let moment = 0
  let steepest = 0
  for (let k = 36; k < 68; k++) {
    const slope = (mean[k + 1] as number) - (mean[k] as number)
    energy += slope * slope
    moment += slope * slope * k
    steepest = Math.max(steepest, Math.abs(slope))
  }
  const centre = moment / energy
  let spread = 0
  let steep = 0
  for (let k = 36; k < 68; k++) {
    const slope = (mean[k + 1] as number) - (mean[k] as number)
    spread += slope * slope * (k - centre) * (k - centre)
    if (Math.abs(slope) > 0.15 * steepest) steep += 1
  }
  return {
    ...pqFeatures(main, mean, height),
    qrsSpread: Math.sqrt(spread / energy) * beatShape.stepSeconds * 1000,
    qrsSteep: steep * beatShape.stepSeconds * 1000,
    complexNoise: medianOf(main.map(shape => departure(shape, mean, beatShape.before - 10, beatShape.before + 11))) / height,
    restNoise: medianOf(main.map(roughness)) / height,
    mainBeats: n,
  }
}

/** The P wave in the average of the main beats, and what each beat departs from it. */
function pqFeatures(main: readonly Float64Array[], mean: Float64Array, height: number): Record<string, number> {
  const straight = main.map(shape => detrended(shape))
  const average = meanOf(straight)
  let wave = 0
  for (const value of average) wave += (value * value) / average.length
  const departures = straight.map(stretch => {
    let sum = 0
    for (let k = 0; k < stretch.length; k++)
      sum += ((stretch[k] as number) - (average[k] as number)) * ((stretch[k] as number) - (average[k] as number))
    return sum / stretch.length
  })
  const likeness = straight.map(stretch => correlationOf(stretch, average))
  // A hump stands out against both points 48 ms to either side.
  let hump = Number.NEGATIVE_INFINITY
  let dip = Number.POSITIVE_INFINITY
  let humpAt = 0
  for (let k = pqFrom; k < 40; k++) {
    const value = (mean[k] as number) - ((mean[k - 6] as number) + (mean[k + 6] as number)) / 2
    if (value > hump) {
      hump = value
      humpAt = k
    }
    dip = Math.min(dip, value)
  }
  const rest = medianOf(departures)
  return {
    coherence: Math.max(-7, Math.min(5, log((wave + 1e-12) / (rest + 1e-12)))),
    pLikeness: medianOf(likeness),
    pWave: Math.sqrt(wave) / height,
    pRest: Math.sqrt(rest) / height,
    hump: hump / height,
    dip: dip / height,
    humpMs: (beatShape.before - humpAt) * beatShape.stepSeconds * 1000,
  }
}

function signalFeatures({ artefacts, odd, beats, usual }: CleanBeats, signal: SignalSummary): Record<string, number> {
  let covered = 0
  for (const { interval } of beats) if (interval < 2 * usual) covered += interval
  return { artefacts, odd, covered: covered / signal.seconds, quality: signal.meanQuality, worstQuality: signal.worstQuality }
}

function meanOf(shapes: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(shapes[0]?.length ?? 0)
  for (const shape of shapes) for (let k = 0; k < mean.length; k++) mean[k] = (mean[k] as number) + (shape[k] as number) / shapes.length
  return mean
}

function detrended(shape: Float64Array): Float64Array {
  const stretch = shape.slice(pqFrom, pqTo)
  const n = stretch.length
  let mean = 0
  let moment = 0
  for (let k = 0; k < n; k++) {
    mean += (stretch[k] as number) / n
    moment += (stretch[k] as number) * (k - (n - 1) / 2)
  }
  const slope = moment / ((n * (n * n - 1)) / 12)
  for (let k = 0; k < n; k++) stretch[k] = (stretch[k] as number) - mean - slope * (k - (n - 1) / 2)
  return stretch
}

function correlationOf(a: Float64Array, b: Float64Array): number {
  let product = 0
  let squareA = 0
  let squareB = 0
  for (let k = 0; k < a.length; k++) {
    product += (a[k] as number) * (b[k] as number)
    squareA += (a[k] as number) * (a[k] as number)
    squareB += (b[k] as number) * (b[k] as number)
  }
  return squareA > 0 && squareB > 0 ? product / Math.sqrt(squareA * squareB) : 0
}

/** Standard deviation of the difference of two stretches. */
function departure(a: Float64Array, b: Float64Array, from: number, to: number): number {
  let sum = 0
  let square = 0
  for (let k = from; k < to; k++) {
    const difference = (a[k] as number) - (b[k] as number)
    sum += difference
    square += difference * difference
  }
  const n = to - from
  return Math.sqrt(Math.max(0, square / n - (sum / n) * (sum / n)))
}

/** Median size of the second difference before the complex. */
function roughness(shape: Float64Array): number {
  const sizes: number[] = []
  for (let k = 1; k < 40; k++) sizes.push(Math.abs((shape[k + 1] as number) - 2 * (shape[k] as number) + (shape[k - 1] as number)))
  return medianOf(sizes)
}
