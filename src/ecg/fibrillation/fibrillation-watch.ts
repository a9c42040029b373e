import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'
import type { StageState } from '../../signal/stage.js'
import type { EcgAnalyser, Emit, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { beliefDefaults, FibrillationBelief } from './fibrillation-belief.js'
import { isQuiet, quietMillivolts } from './quiet-line.js'
import { beatingScore, clearlyBeating, WindowScore } from './window-score.js'
import { WorkingSignal, windowSamples, windowSeconds, workingHz } from './working-signal.js'

export const fibrillationWatchDefaults = {
  /** Log odds of the belief at which an episode begins and ends. */
  onLogOdds: 4,
  offLogOdds: -2,
  /** A lead whose score is above this makes the watch look at the other leads too. */
  suspicion: -2,
  /** An episode ends when nothing could be said for this long. */
  longestSilenceSeconds: 20,
} as const

/** What was concluded at the end of a second. */
export interface FibrillationSecond {
  /** Samples of the second, [from, to). */
  readonly from: number
  readonly to: number
  /** The lead that spoke least for fibrillation. */
  readonly lead: number
  /** Belief with all that came before, 0 to 1, and its log odds, which tell apart what rounds to 1. */
  readonly probability: number
  readonly logOdds: number
  /** Log odds of the window alone; null when nothing could be said of it. */
  readonly score: number | null
}

export interface FibrillationWatchOptions {
  readonly fsHz: number
  readonly leadCount: number
  /** Of a fold, for cross-validation; default: the one that was fitted on all. */
  readonly model?: TreeEnsemble
  /** Told of each second, for evaluation. */
  readonly onSecond?: (second: FibrillationSecond) => void
}

/**
 * Tells ventricular fibrillation and flutter from the waveform: each second from the last 8 s of the chosen lead. A lead that looks like
 * fibrillation must be borne out by all other leads that have signal: one in which beats go on shows that it is motion or a bad
 * electrode. Beats are not asked for, so the watch does not depend on the detector.
 */
export class FibrillationWatch implements EcgAnalyser {
  readonly name = 'ventricular-fibrillation'
  readonly latency = 0
  readonly wakeAt = Number.POSITIVE_INFINITY
  readonly parameters = {
    windowSeconds,
    workingHz,
    clearlyBeating,
    beatingScore,
    quietMillivolts,
    ...fibrillationWatchDefaults,
    belief: beliefDefaults,
  }
  private readonly signal: WorkingSignal
  private readonly window = new Float64Array(windowSamples)
  private readonly score: WindowScore
  private readonly belief = new FibrillationBelief()
  /**
   * `since`: end of the first second of the stretch that speaks for fibrillation, or -1. `lastFor`: end of the last second whose window
   * did. `onset`, `lead`: of the episode that is on.
   */
  private readonly state = { active: false, since: -1, lastFor: 0, lastSaid: 0, onset: 0, lead: 0 }

  constructor(private readonly options: FibrillationWatchOptions) {
    this.score = new WindowScore(options.model)
    this.signal = new WorkingSignal(options.fsHz, options.leadCount)
  }

  /** Fibrillation is on: missing beats are no asystole. */
  get active(): boolean {
    return this.state.active
  }

  wake(): void {}

  beat(): void {}

  gap(): void {}

  second(second: LeadSecond, decided: number, view: EcgView, emit: Emit): void {
    if (second.lead !== this.options.leadCount - 1) return
    const { from, to, chosen } = second
    const { lead, score } = this.judge(chosen, to, view)
    const logOdds = this.belief.step(score)
    this.options.onSecond?.({ from, to, lead, probability: this.belief.probability, logOdds, score })
    const { state } = this
    if (score !== null) state.lastSaid = to
    if (score !== null && score > 0) state.lastFor = to
    if (!state.active) this.lookForOnset(logOdds, to, lead, decided, emit)
    else if (logOdds < fibrillationWatchDefaults.offLogOdds) this.stop(this.middleOf(state.lastFor), decided, emit)
    else if (to - state.lastSaid > fibrillationWatchDefaults.longestSilenceSeconds * this.options.fsHz) {
      this.belief.restart()
      this.stop(state.lastSaid, decided, emit)
    }
  }

  end(decided: number, _view: EcgView, emit: Emit): void {
    if (this.state.active) this.stop(decided, decided, emit)
    this.belief.restart()
    this.signal.restart()
    Object.assign(this.state, { active: false, since: -1, lastFor: 0, lastSaid: 0, onset: 0, lead: 0 })
  }

  save(): StageState {
    return { ...this.state, belief: this.belief.save() }
  }

  load(saved: StageState): void {
    const { belief, ...state } = saved as typeof this.state & { belief: StageState }
    Object.assign(this.state, state)
    this.belief.load(belief)
    this.signal.restart()
  }

  /** The lead that speaks least for fibrillation, and what it says. */
  private judge(chosen: number, to: number, view: EcgView): { lead: number; score: number | null } {
    const careful = this.belief.probability >= 0.5
    let lead = chosen
    let score = this.judgeLead(chosen, to, view, careful)
    if (score !== null && score < fibrillationWatchDefaults.suspicion) return { lead, score }
    for (let other = 0; other < this.options.leadCount; other++) {
      if (other === chosen) continue
      const its = this.judgeLead(other, to, view, careful)
      if (its === null || (score !== null && its >= score)) continue
      score = its
      lead = other
    }
    return { lead, score }
  }

  /** Null: too much is missing, or a line without voltage, which a lead that is off shows as well as a heart that stands still. */
  private judgeLead(lead: number, to: number, view: EcgView, careful: boolean): number | null {
    if (!this.signal.read(lead, to, view, this.window)) return null
    if (isQuiet(this.window, view.millivolts)) return null
    return this.score.of(this.window, view.millivolts, careful)
  }

  private lookForOnset(logOdds: number, to: number, lead: number, decided: number, emit: Emit): void {
    const { state } = this
    const { fsHz } = this.options
    if (logOdds <= 0) state.since = -1
    else if (state.since < 0) state.since = to
    if (logOdds < fibrillationWatchDefaults.onLogOdds) return
    const index = this.middleOf(state.since)
    const from = Math.max(0, Math.round(to - windowSeconds * fsHz))
    const { probability: confidence } = this.belief
    emit({ kind: 'rhythm', rhythm: 'ventricular-fibrillation', on: true, channel: lead, decided, index, confidence, from, to })
    Object.assign(state, { active: true, since: -1, onset: index, lead })
  }

  /** When what a window says turns, about half of it is fibrillation. */
  private middleOf(to: number): number {
    return Math.max(0, Math.round(to - (windowSeconds / 2) * this.options.fsHz))
  }

  private stop(end: number, decided: number, emit: Emit): void {
    const { state } = this
    state.active = false
    const index = Math.max(end, state.onset)
    const confidence = 1 - this.belief.probability
    emit({ kind: 'rhythm', rhythm: 'ventricular-fibrillation', on: false, channel: state.lead, decided, index, confidence })
  }
}

export function createFibrillationWatch(options: FibrillationWatchOptions): FibrillationWatch {
  return new FibrillationWatch(options)
}
