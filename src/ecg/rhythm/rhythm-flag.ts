import { copyState, restoreState } from '../../dsp/state.js'
import type { RhythmName } from '../../signal/observation.js'
import type { StageState } from '../../signal/stage.js'
import type { Emit } from '../ecg-analyser.js'

/** What a change of a rhythm rests on: samples [from, to), a lead, and how sure it is. */
export interface RhythmEvidence {
  readonly channel: number
  /** 0 to 1. */
  readonly confidence: number
  readonly from: number
  readonly to: number
  readonly beats?: number
  /** 1/min. */
  readonly rate?: number
}

/** One rhythm that is on or off; each change is said once. */
export class RhythmFlag {
  private readonly state = { on: false, since: -1, channel: 0 }

  constructor(readonly rhythm: RhythmName) {}

  get on(): boolean {
    return this.state.on
  }

  /** Sample where it began; -1 while it is off. */
  get since(): number {
    return this.state.since
  }

  begin(index: number, decided: number, evidence: RhythmEvidence, emit: Emit): void {
    const { state } = this
    if (state.on) return
    state.on = true
    state.since = index
    state.channel = evidence.channel
    emit({ kind: 'rhythm', rhythm: this.rhythm, on: true, index, decided, ...evidence })
  }

  /** `index` before the begin counts as the begin. */
  finish(index: number, decided: number, evidence: RhythmEvidence, emit: Emit): void {
    const { state } = this
    if (!state.on) return
    const at = Math.max(index, state.since)
    state.on = false
    state.since = -1
    emit({ kind: 'rhythm', rhythm: this.rhythm, on: false, index: at, decided, ...evidence })
  }

  /** The timeline ended: what is on ends with it. */
  end(decided: number, emit: Emit): void {
    const { since, channel } = this.state
    this.finish(decided, decided, { channel, confidence: 1, from: since, to: decided + 1 }, emit)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
