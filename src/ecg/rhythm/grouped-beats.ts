import { copyState, restoreState } from '../../dsp/state.js'
import type { RhythmName } from '../../signal/observation.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat, EcgAnalyser, Emit, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { BeatRun, usableQuality } from './beat-run.js'
import { RhythmFlag } from './rhythm-flag.js'

/** Groups in a row that make the rhythm. */
const groupsNeeded = 3

/**
 * A V beat after each beat (bigeminy, group of 2) or after each two beats (trigeminy, group of 3) that are not V, three groups in a
 * row. It ends with the first group that is longer or shorter. Beats of class Q and losses of signal break what is pending and end
 * nothing.
 */
export class GroupedBeats implements EcgAnalyser {
  readonly name: string
  readonly parameters: { readonly group: number; readonly groupsNeeded: number }
  readonly latency = 0
  readonly wakeAt = Number.POSITIVE_INFINITY
  private readonly flag: RhythmFlag
  private readonly run: BeatRun
  /** `others`: beats since the newest V beat or since the run began; `groups`: complete ones in a row. */
  private readonly state = { others: 0, groups: 0, lastV: -1 }

  /** @param group beats in a group, the V beat included */
  constructor(
    rhythm: RhythmName,
    private readonly group: number,
  ) {
    this.name = rhythm
    this.parameters = { group, groupsNeeded }
    this.flag = new RhythmFlag(rhythm)
    this.run = new BeatRun(group * groupsNeeded)
  }

  wake(): void {}

  beat(beat: ConfirmedBeat, decided: number, _view: EcgView, emit: Emit): void {
    const { state, group } = this
    if (beat.rrSeconds === null || beat.quality < usableQuality || beat.beatClass === 'Q') this.forget()
    if (beat.quality < usableQuality || beat.beatClass === 'Q') return
    this.run.add(beat)
    if (beat.beatClass !== 'V') {
      state.others += 1
      if (state.others >= group) this.broken(decided, emit)
      return
    }
    const followsV = state.groups > 0
    const fits = followsV ? state.others === group - 1 : state.others >= group - 1
    // The first V beat after a loss: what was before it is not known.
    if (!fits && state.lastV >= 0) this.broken(decided, emit)
    // What does not fit may be the first of the next groups: N N V in bigeminy is followed by N V.
    state.groups = fits ? state.groups + 1 : state.others >= group - 1 ? 1 : 0
    state.others = 0
    state.lastV = beat.index
    if (state.groups >= groupsNeeded) this.begin(beat, decided, emit)
  }

  second(second: LeadSecond): void {
    if (second.lead === second.chosen && second.quality < usableQuality) this.forget()
  }

  gap(lead: number): void {
    if (this.run.at(0)?.lead === lead) this.forget()
  }

  end(decided: number, _view: EcgView, emit: Emit): void {
    this.flag.end(decided, emit)
    this.forget()
  }

  save(): StageState {
    return { state: copyState(this.state), run: this.run.save(), flag: this.flag.save() }
  }

  load(saved: StageState): void {
    const { state, run, flag } = saved as Record<'state' | 'run' | 'flag', StageState>
    restoreState(this.state, state)
    this.run.load(run)
    this.flag.load(flag)
  }

  private begin(beat: ConfirmedBeat, decided: number, emit: Emit): void {
    const beats = this.group * groupsNeeded
    const from = this.run.at(beats - 1)?.index ?? beat.index
    const rate = this.run.rate(beats - 1)
    const confidence = this.run.classConfidence(beats)
    this.flag.begin(
      from,
      decided,
      { channel: beat.lead, confidence, from, to: beat.index + 1, beats, ...(rate !== null && { rate }) },
      emit,
    )
  }

  private broken(decided: number, emit: Emit): void {
    const { state, run } = this
    state.groups = 0
    const newest = run.at(0)
    if (!this.flag.on || newest === undefined) return
    const from = state.lastV >= 0 ? state.lastV : newest.index
    const evidence = {
      channel: newest.lead,
      confidence: run.classConfidence(this.group),
      from: Math.min(from, newest.index),
      to: newest.index + 1,
    }
    this.flag.finish(from, decided, evidence, emit)
  }

  private forget(): void {
    const { state } = this
    this.run.break()
    state.others = 0
    state.groups = 0
    state.lastV = -1
  }
}
