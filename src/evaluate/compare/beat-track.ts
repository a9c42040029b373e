import { type Annotation, contains, type Stretch } from './annotation.js'
import { type BeatClass, beatClass } from './annotation-classes.js'
import { unreadableStretches, ventricularFibrillation } from './stretches.js'

export interface Beat {
  readonly sample: number
  readonly beatClass: BeatClass
}

/** The part of a record that counts and the match window, in samples; both ends are included. */
export interface TestPeriod {
  readonly from: number
  readonly to: number
  readonly window: number
}

/** What one annotator says about a record, as the comparison by beats needs it. */
export interface BeatTrack {
  /** Beats of the test period, without those that the annotator sets inside its own ventricular fibrillation. */
  readonly beats: readonly Beat[]
  /** Sample of the last beat before the test period. */
  readonly previous: number | undefined
  readonly fibrillation: readonly Stretch[]
  readonly unreadable: readonly Stretch[]
}

export function beatTrack(annotations: readonly Annotation[], { from, to, window }: TestPeriod): BeatTrack {
  const fibrillation = ventricularFibrillation(annotations, to)
  const unreadable = unreadableStretches(annotations, window, to)
  const beats: Beat[] = []
  let previous: number | undefined
  for (const { sample, symbol } of annotations) {
    const found = beatClass(symbol)
    if (found === undefined || isWithin(fibrillation, sample)) continue
    if (sample < from) previous = sample
    else if (sample <= to) beats.push({ sample, beatClass: found })
  }
  return { beats, previous, fibrillation, unreadable }
}

export function isWithin(stretches: readonly Stretch[], sample: number): boolean {
  return stretches.some(stretch => contains(stretch, sample))
}

/**
 * RR interval in samples that ends in beat `index`; null where no beat precedes it or where ventricular fibrillation or an
 * unreadable stretch lies between the two, so that it is no interval between neighbours.
 */
export function rrInterval(track: BeatTrack, index: number): number | null {
  const end = track.beats[index]?.sample
  const start = index === 0 ? track.previous : track.beats[index - 1]?.sample
  if (start === undefined || end === undefined) return null
  const interrupts = (stretch: Stretch): boolean => stretch.start < end && stretch.end > start
  return track.fibrillation.some(interrupts) || track.unreadable.some(interrupts) ? null : end - start
}
