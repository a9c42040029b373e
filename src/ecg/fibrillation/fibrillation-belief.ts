import { exp, log } from '../../dsp/math.js'
import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { Trust } from './window-trust.js'

const whole: Trust = { for: 1, against: 1 }

export interface BeliefParameters {
  /** Chance that fibrillation begins, and that it goes on, from one second to the next. */
  readonly begins: number
  readonly goesOn: number
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
  goesOn: 0.999999,
  neutral: -0.5,
  mostFor: 8,
  mostAgainst: 3,
  doubt: 2,
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

  /**
   * A second has passed; `score` of the window that ends with it, null when nothing can be said of it, and how much of it counts.
   * Returns the log odds.
   */
  step(score: number | null, trust: Trust = whole): number {
    const { state, parameters: p } = this
    // What is not seen does not begin, and does not end either; and it is never less likely than to begin now.
    const begins = score === null ? 0 : p.begins * trust.for
    const before = Math.max(state.probability * p.goesOn + (1 - state.probability) * begins, p.begins)
    let logOdds = log(before / (1 - before))
    if (score !== null) logOdds += this.evidence(score, trust, before)
    state.probability = 1 / (1 + exp(-logOdds))
    if (score !== null && state.probability < 0.5) {
      state.windows = Math.min(state.windows + 1, p.mostWindows)
      state.own += (score - state.own) / state.windows
    }
    return logOdds
  }

  /** What the window adds to the log odds, as things stand now. */
  evidence(score: number, trust: Trust, belief = this.state.probability): number {
    const { own, usual, neutral, mostFor } = this.parameters
    const departure = score - own * (this.state.own - usual) - neutral
    return departure > 0 ? trust.for * Math.min(departure, mostFor) : -trust.against * this.against(-departure, belief)
  }

  /** What was believed is over; what is usual for this person stays known. */
  drop(): void {
    this.state.probability = this.parameters.begins
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
