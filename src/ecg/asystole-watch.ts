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
 */
export class AsystoleWatch {
  private readonly state = {
    on: false,
    lastBeat: -1,
    measurableSince: -1,
    /** Leads with a candidate that is not judged yet. */
    candidates: 0,
    verdictAt: -1,
  }

  /** @param samples length of the pause in samples */
  constructor(private readonly samples: number) {}

  /** Something decided at `upTo` comes next (exclusive): says what falls due before. */
  due(upTo: number): AsystoleChange | null {
    const { state } = this
    if (state.on || state.measurableSince < 0 || state.candidates > 0) return null
    const since = Math.max(state.lastBeat, state.measurableSince)
    const deadline = since + this.samples
    const decided = Math.max(deadline, state.verdictAt)
    if (decided >= upTo) return null
    state.on = true
    return { on: true, index: since, decided }
  }

  beat(index: number, decided: number): AsystoleChange | null {
    const { state } = this
    if (index > state.lastBeat) state.lastBeat = index
    state.verdictAt = decided
    if (!state.on) return null
    state.on = false
    return { on: false, index, decided }
  }

  candidate(open: boolean, decided: number): void {
    this.state.candidates += open ? 1 : -1
    this.state.verdictAt = decided
  }

  /** Samples before `index` were lost: nothing falls due inside. */
  hold(index: number): void {
    this.state.verdictAt = index
  }

  /** `since`: first sample of the measurable stretch, or -1: not measurable from `decided` on. */
  measurable(since: number, decided: number): void {
    this.state.measurableSince = since
    this.state.verdictAt = decided
  }

  restart(): void {
    restoreState(this.state, new AsystoleWatch(this.samples).state)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
