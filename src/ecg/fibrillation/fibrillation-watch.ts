import { copyState, restoreState } from '../../dsp/state.js'
import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'
import type { StageState } from '../../signal/stage.js'
import type { EcgAnalyser, Emit, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { beliefDefaults, FibrillationBelief } from './fibrillation-belief.js'
import { lookAt } from './first-look.js'
import { OwnSize } from './own-size.js'
import { isQuiet, quietLineSeconds, quietMillivolts } from './quiet-line.js'
import { beatingScore, clearlyBeating, WindowScore, type WindowWord } from './window-score.js'
import { isSaturated, type Trust, trustDefaults, trustIn } from './window-trust.js'
import { WorkingSignal, windowSamples, windowSeconds, workingHz } from './working-signal.js'

export const fibrillationWatchDefaults = {
  /** Log odds of the belief at which an episode begins and ends. */
  onLogOdds: 3,
  offLogOdds: -2,
  /** A lead whose score is above this makes the watch look at the other leads too. */
  suspicion: -2,
  /** An episode ends when nothing could be said for this long. */
  longestSilenceSeconds: 20,
  /** An episode ends when the line has had no activity for so many seconds, 4 s each looking back: then it is asystole. */
  quietSeconds: 2,
  /** A lead contradicts another only when at least this share of what it says counts. */
  leastTrust: 0.3,
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

/** What one lead says at the end of a second; null score: nothing. */
interface LeadWord extends Omit<WindowWord, 'score' | 'drift'> {
  readonly lead: number
  readonly score: number | null
  readonly trust: Trust
  readonly quiet: boolean
}

const clear: Trust = { for: 1, against: 1 }
const silent = { score: null, rate: null, trust: { for: 0, against: 0 } } as const

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
    trust: trustDefaults,
  }
  private readonly signal: WorkingSignal
  private readonly window = new Float64Array(windowSamples)
  private readonly score: WindowScore
  private readonly belief = new FibrillationBelief()
  private readonly own: OwnSize
  /**
   * `since`: end of the first second of the stretch that speaks for fibrillation, or -1. `lastFor`: end of the last second whose window
   * did. `quiet`: seconds in a row without activity. `onset`, `lead`: of the episode that is on. `qualities`: of the last seconds of
   * each lead, the newest last.
   */
  private readonly state: WatchState

  constructor(private readonly options: FibrillationWatchOptions) {
    this.score = new WindowScore(options.model)
    this.signal = new WorkingSignal(options.fsHz, options.leadCount)
    this.own = new OwnSize(options.leadCount)
    this.state = freshState(options.leadCount)
  }

  /** Fibrillation is on. Asystole is told all the same: `AsystoleWatch` does not ask for it. */
  get active(): boolean {
    return this.state.active
  }

  wake(): void {}

  beat(): void {}

  gap(): void {}

  second(second: LeadSecond, decided: number, view: EcgView, emit: Emit): void {
    this.noteQuality(second)
    if (second.lead !== this.options.leadCount - 1) return
    const { from, to, chosen } = second
    const { state, belief } = this
    const word = this.judge(chosen, to, view)
    const { lead, score, trust } = word
    const logOdds = belief.step(score, trust)
    this.options.onSecond?.({ from, to, lead, probability: belief.probability, logOdds, score })
    if (score !== null) state.lastSaid = to
    if (score !== null && score > 0) state.lastFor = to
    state.quiet = word.quiet ? state.quiet + 1 : 0
    if (!state.active) this.lookForOnset(logOdds, to, word, decided, emit)
    else if (logOdds < fibrillationWatchDefaults.offLogOdds) this.stop(this.middleOf(state.lastFor), decided, emit)
    else if (state.quiet >= fibrillationWatchDefaults.quietSeconds) {
      belief.drop()
      this.stop(Math.round(to - (state.quiet + quietLineSeconds - 1) * this.options.fsHz), decided, emit)
    } else if (to - state.lastSaid > fibrillationWatchDefaults.longestSilenceSeconds * this.options.fsHz) {
      belief.drop()
      this.stop(state.lastSaid, decided, emit)
    }
  }

  end(decided: number, _view: EcgView, emit: Emit): void {
    if (this.state.active) this.stop(decided, decided, emit)
    this.belief.restart()
    this.signal.restart()
    this.own.restart()
    Object.assign(this.state, freshState(this.options.leadCount))
  }

  save(): StageState {
    return { state: copyState(this.state), belief: this.belief.save(), own: this.own.save(), signal: this.signal.save() }
  }

  load(saved: StageState): void {
    const { belief, own, state, signal } = saved as Record<'belief' | 'own' | 'state' | 'signal', StageState>
    restoreState(this.state, state)
    this.belief.load(belief)
    this.own.load(own)
    this.signal.load(signal)
  }

  private noteQuality({ lead, quality }: LeadSecond): void {
    const last = this.state.qualities[lead] as number[]
    last.push(quality)
    if (last.length > windowSeconds) last.shift()
  }

  /** What the lead says that speaks least for fibrillation. */
  private judge(chosen: number, to: number, view: EcgView): LeadWord {
    const { belief } = this
    const careful = belief.probability >= 0.5
    let word = this.judgeLead(chosen, to, view, careful)
    if (word.score !== null && word.score < fibrillationWatchDefaults.suspicion && word.trust.against === 1) return word
    for (let other = 0; other < this.options.leadCount; other++) {
      if (other === chosen) continue
      const its = this.judgeLead(other, to, view, careful)
      if (its.score === null) continue
      if (word.score !== null) {
        if (its.trust.against < fibrillationWatchDefaults.leastTrust && its.trust.against < word.trust.against) continue
        if (belief.evidence(its.score, its.trust) >= belief.evidence(word.score, word.trust)) continue
      }
      word = its
    }
    return word
  }

  /** Says nothing: too much is missing, or a line without voltage, which a lead that is off shows as well as a heart that stands still. */
  private judgeLead(lead: number, to: number, view: EcgView, careful: boolean): LeadWord {
    const { window, own } = this
    if (!this.signal.read(lead, to, view, window)) return { ...silent, lead, quiet: false }
    if (isQuiet(window, view.millivolts)) return { ...silent, lead, quiet: true }
    const look = lookAt(window)
    const { score, drift, rate } = this.score.of(window, look, view.millivolts, careful)
    const looked = careful || score > beatingScore
    const trust = looked ? trustIn(drift, isSaturated(window, look), own.excess(lead, look), careful, this.meanQuality(lead)) : clear
    if (!careful) own.learn(lead, look)
    return { lead, score, rate, trust, quiet: false }
  }

  private meanQuality(lead: number): number {
    const last = this.state.qualities[lead] as number[]
    let sum = 0
    for (const quality of last) sum += quality
    return last.length > 0 ? sum / last.length : 1
  }

  private lookForOnset(logOdds: number, to: number, { lead, rate }: LeadWord, decided: number, emit: Emit): void {
    const { state } = this
    const { fsHz } = this.options
    if (logOdds <= 0) state.since = -1
    else if (state.since < 0) state.since = to
    if (logOdds < fibrillationWatchDefaults.onLogOdds) return
    const index = this.middleOf(state.since)
    const from = Math.max(0, Math.round(to - windowSeconds * fsHz))
    const { probability: confidence } = this.belief
    const waves = rate === null ? {} : { rate }
    emit({ kind: 'rhythm', rhythm: 'ventricular-fibrillation', on: true, channel: lead, decided, index, confidence, from, to, ...waves })
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

interface WatchState {
  active: boolean
  since: number
  lastFor: number
  lastSaid: number
  quiet: number
  onset: number
  lead: number
  qualities: number[][]
}

function freshState(leadCount: number): WatchState {
  const qualities = Array.from({ length: leadCount }, () => [])
  return { active: false, since: -1, lastFor: 0, lastSaid: 0, quiet: 0, onset: 0, lead: 0, qualities }
}

export function createFibrillationWatch(options: FibrillationWatchOptions): FibrillationWatch {
  return new FibrillationWatch(options)
}
