import type { Beat } from './beat-track.js'

/** Told of every step of the matching in order of time, with the indexes of the next reference beat and the next test beat. */
export interface MatchSteps {
  pair(reference: number, test: number): void
  missed(reference: number, test: number): void
  extra(reference: number, test: number): void
}

/**
 * One-to-one matching in order of time. Of the two next beats the earlier one gets the later one when that is at most
 * `window` samples away and no nearer to the earlier one's successor; else the earlier one stays alone.
 */
export function matchBeats(reference: readonly Beat[], test: readonly Beat[], window: number, steps: MatchSteps): void {
  const sampleAt = (beats: readonly Beat[], index: number): number => beats[index]?.sample ?? Number.POSITIVE_INFINITY
  let i = 0
  let j = 0
  while (i < reference.length || j < test.length) {
    const truth = sampleAt(reference, i)
    const found = sampleAt(test, j)
    const distance = Math.abs(found - truth)
    const successor = truth < found ? sampleAt(reference, i + 1) : sampleAt(test, j + 1)
    if (distance <= window && Math.abs(successor - Math.max(truth, found)) >= distance) steps.pair(i++, j++)
    else if (truth < found) steps.missed(i++, j)
    else steps.extra(i, j++)
  }
}
