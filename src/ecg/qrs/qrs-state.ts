import { newRecentValues } from '../recent-values.js'

/**
 * `fast`: a complex stands out, its R peak is about at `index`; the verdict comes later. `qrs`: a complex with its R peak at `index`, more exactly `fraction` of a sample later (-0.2 to 0.8); `height` from its
 * lowest to its highest point in the ECG, in units of the stream; `likeness` to the beats before, 0 to 1. `candidate`: something above the
 * threshold has begun and is not judged yet; `candidate-over`: it was. `unsure`: the levels are being learned, or were
 * learned from one peak, which may have been no beat; `sure`: they hold now, or what there is is too small for a beat.
 * Between the two of a kind nobody may conclude that there is no beat.
 */
export type QrsOutput =
  | {
      readonly kind: 'qrs'
      readonly index: number
      readonly decided: number
      readonly fraction: number
      readonly height: number
      readonly likeness: number
      readonly searchedBack: boolean
    }
  | { readonly kind: 'fast'; readonly index: number; readonly decided: number }
  | { readonly kind: 'candidate' | 'candidate-over' | 'unsure' | 'sure'; readonly decided: number }

/** Peaks that were not taken for beats, kept for a search back and while learning. */
export interface Peak {
  readonly height: number
  readonly at: number
  readonly slope: number
  readonly likeness: number
}

/** All that the detector remembers beside its filters, templates and shapes; plain data. */
export interface DetectorState {
  /** Next sample of the stretch, or -1 outside. */
  next: number
  /** End of the stretch before, or -1. */
  ended: number
  /** The samples themselves, and the slope of the QRS band: `[i & mask]` is sample i. */
  raw: Float64Array
  slope: Float64Array
  previous: number
  peak: number
  peakAt: number
  best: number
  bestAt: number
  /** Feature peak of the last beat told at once, or -1. */
  fastAt: number
  candidateOpen: boolean
  learning: boolean
  unsure: boolean
  /** Beats since the levels were learned. */
  sinceLearned: number
  learnUntil: number
  watchAt: number
  heights: ReturnType<typeof newRecentValues>
  slopes: ReturnType<typeof newRecentValues>
  noises: ReturnType<typeof newRecentValues>
  intervals: ReturnType<typeof newRecentValues>
  qrsLevel: number
  noiseLevel: number
  threshold: number
  /** Median RR interval in samples. */
  rr: number
  meanSlope: number
  lastSlope: number
  /** Feature peak of the last beat in this stretch, or -1. */
  lastQrs: number
  /** Since when a beat has been waited for, when none is known. */
  quietSince: number
  peaks: Peak[]
}

export function newState(ringSize: number, assumedRr: number): DetectorState {
  return {
    next: -1,
    ended: -1,
    raw: new Float64Array(ringSize),
    slope: new Float64Array(ringSize),
    previous: 0,
    peak: 0,
    peakAt: -1,
    best: 0,
    bestAt: -1,
    fastAt: -1,
    candidateOpen: false,
    learning: true,
    unsure: false,
    sinceLearned: 0,
    learnUntil: 0,
    watchAt: 0,
    heights: newRecentValues(),
    slopes: newRecentValues(),
    noises: newRecentValues(),
    intervals: newRecentValues(),
    qrsLevel: 0,
    noiseLevel: 0,
    threshold: 0,
    rr: assumedRr,
    meanSlope: 0,
    lastSlope: 0,
    lastQrs: -1,
    quietSince: 0,
    peaks: [],
  }
}
