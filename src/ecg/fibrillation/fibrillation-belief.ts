import { exp, log } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'

export interface BeliefParameters {
  /** Chance that fibrillation begins, and that it goes on, from one second to the next. */
  readonly begins: number
  readonly goesOn: number
  /** Share of a window's score that counts: windows of 8 s, a second apart, overlap. */
  readonly weight: number
  /** Score at which a window speaks for neither. */
  readonly neutral: number
  /** Most that a window may speak for and against. */
  readonly mostFor: number
  readonly mostAgainst: number
  /** While fibrillation is believed, scores down to this far below neutral speak for nothing: chest compressions and artefacts
   * hide fibrillation, only ordered beats end it. */
  readonly doubt: number
  /** Usual score of a rhythm with beats, and the share of a person's own departure from it that is taken off. */
  readonly usual: number
  readonly own: number
  /** Windows that the usual score counts for, and most windows that the own score is a mean of. */
  readonly usualWindows: number
  readonly mostWindows: number
}

export const beliefDefaults: BeliefParameters = {
  begins: 0.01,
  goesOn: 0.998,
  weight: 1,
  neutral: -0.5,
  mostFor: 4,
  mostAgainst: 2,
  doubt: 4,
  usual: -5,
  own: 0.6,
  usualWindows: 20,
  mostWindows: 300,
}

/**
 * Forward filter of a hidden Markov chain with two states, fibrillation or not, over scores (log odds) of windows; the score
 * is taken relative to what is usual for this person as far as that is known.
 */
export class FibrillationBelief {
  private readonly state: { probability: number; own: number; windows: number }
  private readonly start: { probability: number; own: number; windows: number }

  constructor(private readonly parameters: BeliefParameters = beliefDefaults) {
    this.start = { probability: parameters.begins, own: parameters.usual, windows: parameters.usualWindows }
    this.state = { ...this.start }
  }

  get probability(): number {
    return this.state.probability
  }

  /** A second has passed; `score` of the window that ends with it, null when nothing can be said of it. Returns the log odds. */
  step(score: number | null): number {
    const { state, parameters: p } = this
    const before = state.probability * p.goesOn + (1 - state.probability) * p.begins
    let logOdds = log(before / (1 - before))
    if (score !== null) {
      const departure = score - p.own * (state.own - p.usual) - p.neutral
      logOdds += p.weight * (departure > 0 ? Math.min(departure, p.mostFor) : -this.against(-departure, before))
    }
    state.probability = 1 / (1 + exp(-logOdds))
    if (score !== null && state.probability < 0.5) {
      state.windows = Math.min(state.windows + 1, p.mostWindows)
      state.own += (score - state.own) / state.windows
    }
    return logOdds
  }

  restart(): void {
    Object.assign(this.state, this.start)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  private against(distance: number, belief: number): number {
    const { doubt, mostAgainst } = this.parameters
    return Math.min(Math.max(distance - doubt * belief, 0), mostAgainst)
  }
}
