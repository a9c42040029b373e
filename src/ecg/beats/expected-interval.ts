import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'

/** Intervals whose median is the first expectation. */
const firstCount = 5
/** An interval within this share of the expected one is of the same rhythm, and the expectation follows it by `followShare`. */
const sameRhythm = 0.15
const followShare = 0.3
/** An early beat moves it little, so that a run of a hundred early beats stays early; a pause more, for no run of pauses is ectopic. */
const earlyShare = 0.005
const lateShare = 0.05
/** A pause counts as no more than this many expected intervals. */
const longestPause = 1.5

/**
 * The interval that the underlying rhythm leads one to expect. It follows sinus rhythm, which speeds up and slows down by small
 * steps, and does not follow what begins with a jump: single early beats and runs of them.
 */
export class ExpectedInterval {
  private readonly state = { expected: Number.NaN, first: new Float64Array(firstCount), count: 0 }

  /** The interval over the expected one, NaN while there is none; then learns from it. */
  ratio(rrSeconds: number): number {
    const { state } = this
    const { expected, first } = state
    if (state.count < firstCount) {
      first[state.count] = rrSeconds
      state.count += 1
      if (state.count === firstCount) state.expected = Float64Array.from(first).sort()[firstCount >> 1] as number
      return Number.NaN
    }
    const ratio = rrSeconds / expected
    if (Math.abs(ratio - 1) < sameRhythm) state.expected += followShare * (rrSeconds - expected)
    else if (ratio < 1) state.expected += earlyShare * (rrSeconds - expected)
    else state.expected += lateShare * (Math.min(rrSeconds, longestPause * expected) - expected)
    return ratio
  }

  restart(): void {
    const { state } = this
    state.expected = Number.NaN
    state.first.fill(0)
    state.count = 0
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
