import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

/** Change of the rhythm: `index` is the last beat (on) or the beat that ended it (off; the present when signal was lost). */
export interface AsystoleChange {
  readonly on: boolean
  readonly index: number
  readonly decided: number
}

/**
 * No QRS complex for `seconds` while the signal is measurable. The deadline runs from the last beat in any usable lead, or
 * from where the signal became measurable, and is kept to the sample; only while a candidate is still being judged it
 * waits for the verdict. Lost signal ends nothing and begins nothing: an asystole that is on stays on until a beat.
 *
 * A signal that is lost again and again for moments would never be measurable for `seconds` at a stretch. So beatless time
 * is added up over losses of at most `longestLossSeconds` each and twice `seconds` together, and asystole is said when there is
 * twice `seconds` of it: a beat may hide in a loss, but hardly in every one of a row.
 */
export class AsystoleWatch {
  private readonly state = {
    on: false,
    lastBeat: -1,
    measurableSince: -1,
    /** Leads with a candidate that is not judged yet. */
    candidates: 0,
    verdictAt: -1,
    /** Beatless measured samples before the last loss, and where that loss began; 0 and -1 when there is nothing to add to. */
    carried: 0,
    lostAt: -1,
    /** Samples lost since the last beat, and where the stretch after the newest loss surely began. */
    lost: 0,
    stretchFrom: -1,
  }

  /**
   * @param samples length of the pause in samples
   * @param longestLoss longest loss of signal, in samples, over which beatless time is added up
   */
  constructor(
    private readonly samples: number,
    private readonly longestLoss: number,
  ) {}

  /** Something decided at `upTo` comes next (exclusive): says what falls due before. */
  due(upTo: number): AsystoleChange | null {
    const { state } = this
    if (state.on || state.measurableSince < 0 || state.candidates > 0) return null
    const since = Math.max(state.lastBeat, state.measurableSince)
    const added = Math.max(state.lastBeat, state.stretchFrom) + Math.max(0, 2 * this.samples - state.carried)
    const deadline = state.carried > 0 ? Math.min(since + this.samples, added) : since + this.samples
    const decided = Math.max(deadline, state.verdictAt)
    if (decided >= upTo) return null
    state.on = true
    return { on: true, index: since, decided }
  }

  /** The timeline ends: what is on ends with it. */
  end(decided: number): AsystoleChange | null {
    if (!this.state.on) return null
    this.state.on = false
    return { on: false, index: decided, decided }
  }

  beat(index: number, decided: number): AsystoleChange | null {
    const { state } = this
    if (index > state.lastBeat) state.lastBeat = index
    state.carried = 0
    state.lost = 0
    state.verdictAt = decided
    if (!state.on) return null
    state.on = false
    return { on: false, index, decided }
  }

  candidate(open: boolean, decided: number): void {
    this.state.candidates += open ? 1 : -1
    this.state.verdictAt = decided
  }

  /** The samples [from, to) of all leads were lost: nothing falls due inside, and the time before ended at `from`. */
  hold(from: number, to: number): void {
    if (this.state.measurableSince >= 0) this.measurable(-1, from)
    this.state.verdictAt = to
  }

  /** `since`: first sample of the measurable stretch, or -1: not measurable from `decided` on. */
  measurable(since: number, decided: number): void {
    const { state } = this
    const was = state.measurableSince >= 0
    if (was && since < 0) {
      state.carried += Math.max(0, decided - Math.max(state.stretchFrom, state.lastBeat))
      state.lostAt = decided
    } else if (!was && since >= 0) {
      // When the signal came back inside the second that was judged is not known here: all of it counts as lost.
      state.stretchFrom = state.lostAt < 0 ? since : decided
      if (state.lostAt >= 0) this.join(decided - state.lostAt)
      state.lostAt = -1
    }
    state.measurableSince = since
    state.verdictAt = decided
  }

  /** Adds a loss of so many samples; one that is too long, or too many together, leaves nothing to add to. */
  private join(lost: number): void {
    const { state } = this
    state.lost += lost
    if (lost <= this.longestLoss && state.lost <= 2 * this.samples) return
    state.carried = 0
    state.lost = 0
  }

  restart(): void {
    restoreState(this.state, new AsystoleWatch(this.samples, this.longestLoss).state)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
