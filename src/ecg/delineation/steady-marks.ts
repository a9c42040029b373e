/** A mark of one average as it was of late; plain data, part of the average's saved state. */
export interface SteadyMark {
  /** Frame samples; -1: not known yet. */
  place: number
  /** Beats in a row whose mark lay elsewhere. */
  elsewhere: number
  /** Beats since it moved whose mark lay there. */
  settled: number
}

/** Share of a new mark in its place. */
const newest = 0.2
/** After so many beats elsewhere in a row a mark has moved. */
const movedAfter = 12
/** After so many beats in one place it is known to be there. */
const settledAfter = 12

export function newSteadyMark(): SteadyMark {
  return { place: -1, elsewhere: 0, settled: 0 }
}

/**
 * The mark of this beat by what it was in the beats of its shape: one further than `furthest` frame samples from a place that is
 * known is a slip of the search (the other flank of a wave with two humps), and stays where it was unless it lies elsewhere for
 * long.
 */
export function steady(mark: SteadyMark, found: number, furthest: number): number {
  if (mark.place >= 0 && Math.abs(found - mark.place) <= furthest) {
    mark.elsewhere = 0
    mark.settled += 1
    mark.place += newest * (found - mark.place)
    return found
  }
  mark.elsewhere += 1
  if (mark.settled >= settledAfter && mark.elsewhere < movedAfter) return mark.place
  mark.place = found
  mark.settled = 0
  mark.elsewhere = 0
  return found
}
