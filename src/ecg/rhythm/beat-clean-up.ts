import { sortFew } from '../recent-values.js'
import { beatShape, type SummaryBeat } from './summary-beats.js'

/** QRS complex in a shape: 80 ms before to 80 ms after the R peak. */
const qrsFrom = beatShape.before - 10
const qrsTo = beatShape.before + 11
/** Largest shift in points by which two complexes are laid over each other: the R peak may sit on R or S. */
const maxShift = 5
/** Correlation from which two complexes are of one kind. */
const alike = 0.85
/** Two beats of the main kind nearer than this share of the usual interval have nothing but artefacts between them. */
const nothingBetween = 1.3

/** A beat of a recording after artefacts were taken out. */
export interface CleanBeat {
  readonly beat: SummaryBeat
  /** Of the recording's main kind by the shape of its QRS complex. */
  readonly isMain: boolean
  /** To the main kind, -1 to 1. */
  readonly likeness: number
  /** To the clean beat before; NaN where it is not known. */
  readonly interval: number
}

export interface CleanBeats {
  readonly beats: readonly CleanBeat[]
  /** Beats that were taken for artefacts, share of all. */
  readonly artefacts: number
  /** Share of the beats whose complex is not of the main kind. */
  readonly odd: number
  /** Median interval between beats of the main kind, seconds. */
  readonly usual: number
}

/**
 * Tells beats from artefacts with all of a recording in view: the largest group of like complexes is the main kind; a beat of another
 * kind between two of the main kind that lie a usual interval apart is an artefact, and so is one before the first of the
 * main kind or after the last. Null when no two beats are alike.
 */
export function cleanUp(beats: readonly SummaryBeat[]): CleanBeats | null {
  const middle = medoid(beats)
  if (middle === null) return null
  const likeness = beats.map(beat => likenessOf(beat.shape, middle.shape))
  const isMain = likeness.map(value => value >= alike)
  const mains = beats.flatMap((_, i) => (isMain[i] ? [i] : []))
  const adjacent = mains.flatMap(i => (i > 0 && isMain[i - 1] ? [intervalTo(beats, i)] : [])).filter(interval => interval < 3)
  if (adjacent.length < 2) return null
  const usual = medianOf(adjacent)
  const keep = beats.map((_, i) => isMain[i] as boolean)
  for (let m = 1; m < mains.length; m++) {
    const before = mains[m - 1] as number
    const after = mains[m] as number
    const apart = (beats[after] as SummaryBeat).seconds - (beats[before] as SummaryBeat).seconds
    if (apart >= nothingBetween * usual) for (let i = before + 1; i < after; i++) keep[i] = true
  }
  const clean: CleanBeat[] = []
  let last = -1
  beats.forEach((beat, i) => {
    if (!keep[i]) return
    const known = last >= 0 && beats.slice(last + 1, i + 1).every(({ follows }) => follows)
    const interval = known ? beat.seconds - (beats[last] as SummaryBeat).seconds : Number.NaN
    clean.push({ beat, isMain: isMain[i] as boolean, likeness: likeness[i] as number, interval: interval < 3 ? interval : Number.NaN })
    last = i
  })
  return {
    beats: clean,
    artefacts: 1 - clean.length / beats.length,
    odd: 1 - mains.length / beats.length,
    usual,
  }
}

/** Correlation of the two complexes at the shift that suits them best. */
function likenessOf(a: Float64Array, b: Float64Array): number {
  let best = -1
  for (let shift = -maxShift; shift <= maxShift; shift++) {
    const value = correlation(a, qrsFrom + shift, b, qrsFrom, qrsTo - qrsFrom)
    if (value > best) best = value
  }
  return best
}

export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = sortFew([...values])
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
}

/** The beat that most others are like; of a long recording each third or so is looked at. */
function medoid(beats: readonly SummaryBeat[]): SummaryBeat | null {
  const step = Math.ceil(beats.length / 80)
  let best: SummaryBeat | null = null
  let most = 1
  for (let i = 0; i < beats.length; i += step) {
    let count = 0
    for (let j = 0; j < beats.length; j += step) {
      if (likenessOf((beats[j] as SummaryBeat).shape, (beats[i] as SummaryBeat).shape) >= alike) count += 1
    }
    if (count > most) {
      most = count
      best = beats[i] as SummaryBeat
    }
  }
  return best
}

function intervalTo(beats: readonly SummaryBeat[], i: number): number {
  return (beats[i] as SummaryBeat).seconds - (beats[i - 1] as SummaryBeat).seconds
}

function correlation(a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
  let sumA = 0
  let sumB = 0
  for (let i = 0; i < length; i++) {
    sumA += a[fromA + i] as number
    sumB += b[fromB + i] as number
  }
  let product = 0
  let squareA = 0
  let squareB = 0
  for (let i = 0; i < length; i++) {
    const x = (a[fromA + i] as number) - sumA / length
    const y = (b[fromB + i] as number) - sumB / length
    product += x * y
    squareA += x * x
    squareB += y * y
  }
  return squareA > 0 && squareB > 0 ? product / Math.sqrt(squareA * squareB) : 0
}
