import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat, EcgAnalyser, Emit, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { BeatRun, type RunBeat, usableQuality } from './beat-run.js'
import { type RhythmEvidence, RhythmFlag } from './rhythm-flag.js'

const ventricularDefaults = {
  /** Successive V beats that make a run. */
  runBeats: 3,
  /** Ventricular tachycardia of the PhysioNet/CinC Challenge 2015: five or more V beats above 100/min. */
  tachycardiaBeats: 5,
  onRate: 100,
  /** Below this it is a slow run again. */
  offRate: 90,
  /** A tachycardia ends when this many of the newest `endWindow` beats are not V: one beat that was misjudged does not cut it. */
  endBeats: 2,
  endWindow: 4,
  /** Without a V beat for this long nothing bears it out any more, whatever the beats are. */
  longestSilenceSeconds: 10,
} as const

/**
 * Couplets (exactly two V beats between beats that are not), runs (three or more) and ventricular tachycardia. A beat of class Q says
 * nothing: it neither continues nor ends, unless none but such come for 10 s. A run that turns out to be a tachycardia ends where the tachycardia begins.
 */
export class VentricularRuns implements EcgAnalyser {
  readonly name = 'ventricular-runs'
  readonly parameters = ventricularDefaults
  readonly latency = 0
  readonly wakeAt = Number.POSITIVE_INFINITY
  private readonly couplet = new RhythmFlag('couplet')
  private readonly slow = new RhythmFlag('ventricular-run')
  private readonly fast = new RhythmFlag('ventricular-tachycardia')
  /** The V beats of the run that goes on, the newest ones. */
  private readonly run = new BeatRun(ventricularDefaults.tachycardiaBeats)
  /**
   * `count`: V beats in a row; `first`: index of the first; `bounded`: the beat before them is known not to be V; `lastV`: newest V
   * beat; `recent`: whether each of the newest beats is V, while a tachycardia is on.
   */
  private readonly state: { count: number; first: number; bounded: boolean; known: boolean; lastV: number; recent: boolean[] } = newState()

  wake(): void {}

  beat(beat: ConfirmedBeat, decided: number, view: EcgView, emit: Emit): void {
    if (beat.quality < usableQuality || beat.rrSeconds === null) this.forget()
    if (beat.quality < usableQuality) return
    if (beat.beatClass === 'V') this.ventricular(beat, decided, emit)
    else if (beat.beatClass === 'Q') {
      this.forget()
      this.endWhenSilent(beat.index, beat.lead, decided, view.fsHz, emit)
    } else this.other(beat, decided, emit)
  }

  second(second: LeadSecond, decided: number, view: EcgView, emit: Emit): void {
    if (second.lead !== second.chosen) return
    if (!(second.quality >= usableQuality)) this.forget()
    this.endWhenSilent(second.to, second.lead, decided, view.fsHz, emit)
  }

  gap(lead: number): void {
    if (this.run.at(0) === undefined || this.run.at(0)?.lead === lead) this.forget()
  }

  end(decided: number, _view: EcgView, emit: Emit): void {
    this.slow.end(decided, emit)
    this.fast.end(decided, emit)
    this.run.break()
    restoreState(this.state, newState())
  }

  save(): StageState {
    return { state: copyState(this.state), run: this.run.save(), slow: this.slow.save(), fast: this.fast.save() }
  }

  load(saved: StageState): void {
    const { state, run, slow, fast } = saved as Record<'state' | 'run' | 'slow' | 'fast', StageState>
    restoreState(this.state, state)
    this.run.load(run)
    this.slow.load(slow)
    this.fast.load(fast)
  }

  private ventricular(beat: ConfirmedBeat, decided: number, emit: Emit): void {
    const { state, run } = this
    const { runBeats, tachycardiaBeats, onRate, offRate } = ventricularDefaults
    if (state.count === 0) {
      state.first = beat.index
      state.bounded = state.known
      run.break()
    }
    run.add(beat)
    state.count += 1
    state.lastV = beat.index
    state.known = false
    this.remember(true)
    const rate = run.rate(tachycardiaBeats - 1)
    const from = run.at(tachycardiaBeats - 1)?.index ?? state.first
    if (!this.fast.on && rate !== null && rate > onRate) {
      const evidence = this.evidence(tachycardiaBeats, from, rate)
      this.slow.finish(from, decided, evidence, emit)
      this.fast.begin(from, decided, evidence, emit)
      state.recent.length = 0
    } else if (this.fast.on && rate !== null && rate < offRate) {
      const evidence = this.evidence(tachycardiaBeats, from, rate)
      this.fast.finish(from, decided, evidence, emit)
      this.slow.begin(from, decided, evidence, emit)
    } else if (state.count >= runBeats && !this.fast.on && !this.slow.on) {
      this.slow.begin(state.first, decided, this.evidence(runBeats, state.first, run.rate(runBeats - 1)), emit)
    }
  }

  private other(beat: ConfirmedBeat, decided: number, emit: Emit): void {
    const { state } = this
    if (state.count === 2 && state.bounded && !this.fast.on) {
      const evidence = this.evidence(2, state.first, this.run.rate(1))
      this.couplet.begin(state.first, decided, evidence, emit)
      this.couplet.finish(state.lastV, decided, evidence, emit)
    }
    this.remember(false)
    const ended: RhythmEvidence = {
      channel: beat.lead,
      confidence: beat.confidence * beat.quality,
      from: Math.min(state.lastV, beat.index),
      to: beat.index + 1,
    }
    this.slow.finish(state.lastV, decided, ended, emit)
    const others = state.recent.filter(isV => !isV).length
    if (others >= ventricularDefaults.endBeats) this.fast.finish(state.lastV, decided, ended, emit)
    this.forget()
    state.known = true
  }

  private endWhenSilent(now: number, channel: number, decided: number, fsHz: number, emit: Emit): void {
    const { lastV } = this.state
    if (!(this.fast.on || this.slow.on) || now - lastV <= ventricularDefaults.longestSilenceSeconds * fsHz) return
    const evidence: RhythmEvidence = { channel, confidence: 0.5, from: lastV, to: decided + 1 }
    this.slow.finish(lastV, decided, evidence, emit)
    this.fast.finish(lastV, decided, evidence, emit)
  }

  /** What is pending is not concluded; what is on stays on. */
  private forget(): void {
    const { state } = this
    state.count = 0
    state.known = false
    state.bounded = false
    this.run.break()
  }

  private remember(isV: boolean): void {
    const { recent } = this.state
    if (!this.fast.on) recent.length = 0
    recent.push(isV)
    if (recent.length > ventricularDefaults.endWindow) recent.shift()
  }

  private evidence(beats: number, from: number, rate: number | null): RhythmEvidence {
    const last = this.run.at(0) as RunBeat
    const confidence = this.run.classConfidence(beats)
    return { channel: last.lead, confidence, from, to: last.index + 1, beats, ...(rate !== null && { rate }) }
  }
}

function newState() {
  return { count: 0, first: -1, bounded: false, known: false, lastV: -1, recent: [] as boolean[] }
}
