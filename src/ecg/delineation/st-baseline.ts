import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import { medianOf } from './median.js'

/** Beats that a baseline needs at least. */
const fewestBeats = 8

/**
 * The personal ST level of one lead: the median over the beats of its first 30 s of measurable signal, after which it stays
 * (the convention of the ST comparison program `epicmp`: deviations count from a reference at the beginning).
 */
export class StBaseline {
  private readonly state: { level: number; learned: boolean; from: number; levels: number[] } = newState()
  private readonly samples: number

  constructor(seconds: number, fsHz: number) {
    this.samples = seconds * fsHz
  }

  /** Null while it is being learned. */
  get level(): number | null {
    return this.state.learned ? this.state.level : null
  }

  add(index: number, level: number): void {
    const { state } = this
    if (state.learned) return
    if (state.from < 0) state.from = index
    // What lies in the first 30 s; if there are too few beats in them the time goes on until there are enough.
    if (index - state.from >= this.samples && state.levels.length >= fewestBeats) {
      state.level = medianOf(state.levels) as number
      state.learned = true
      state.levels = []
      return
    }
    state.levels.push(level)
  }

  restart(): void {
    restoreState(this.state, newState())
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}

function newState(): { level: number; learned: boolean; from: number; levels: number[] } {
  return { level: 0, learned: false, from: -1, levels: [] }
}
