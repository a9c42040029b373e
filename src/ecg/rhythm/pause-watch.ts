import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat, EcgAnalyser, Emit, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { usableQuality } from './beat-run.js'
import { RhythmFlag } from './rhythm-flag.js'

/** ACC/AHA/HRS guideline on bradycardia (2018): a sinus pause is an interval above 3 s. */
const pauseSeconds = 3
/** A beat may be confirmed this much after its R peak; until then silence is not known to be silence. */
const confirmSeconds = 0.7

/**
 * A pause: no beat for 3 s in signal that was measurable all the time. Told at the end of the second in which it is certain, or with
 * the beat that ends it, whichever comes first. Only a beat ends it.
 */
export class PauseWatch implements EcgAnalyser {
  readonly name = 'pause'
  readonly parameters = { pauseSeconds, confirmSeconds }
  readonly latency: number
  readonly wakeAt = Number.POSITIVE_INFINITY
  private readonly flag = new RhythmFlag('pause')
  /** Sample up to which each lead was last not measurable, the newest beat (-1: none since the signal was lost) and its quality. */
  private readonly state: { unusableTo: number[]; last: number; quality: number }

  constructor(
    private readonly fsHz: number,
    leadCount: number,
  ) {
    this.latency = Math.ceil((confirmSeconds + 1) * fsHz)
    this.state = { unusableTo: new Array(leadCount).fill(0), last: -1, quality: 0 }
  }

  wake(): void {}

  beat(beat: ConfirmedBeat, decided: number, _view: EcgView, emit: Emit): void {
    const { state } = this
    const { index, lead, rrSeconds, quality } = beat
    const evidence = { channel: lead, confidence: Math.min(quality, state.quality), from: state.last, to: index + 1 }
    const known = rrSeconds !== null && quality >= usableQuality && state.last >= 0
    if (known && rrSeconds >= pauseSeconds && (state.unusableTo[lead] as number) <= state.last) {
      this.flag.begin(state.last, decided, evidence, emit)
    }
    if (this.flag.on) this.flag.finish(index, decided, { ...evidence, from: this.flag.since }, emit)
    state.last = quality >= usableQuality ? index : -1
    state.quality = quality
  }

  second(second: LeadSecond, decided: number, _view: EcgView, emit: Emit): void {
    const { state } = this
    if (second.quality < usableQuality) {
      state.unusableTo[second.lead] = second.to
      return
    }
    if (second.lead !== second.chosen || state.last < 0 || this.flag.on) return
    if (second.to < state.last + (pauseSeconds + confirmSeconds) * this.fsHz) return
    if ((state.unusableTo[second.lead] as number) > state.last) return
    const confidence = Math.min(second.quality, state.quality)
    this.flag.begin(state.last, decided, { channel: second.lead, confidence, from: state.last, to: second.to }, emit)
  }

  gap(lead: number, _from: number, decided: number): void {
    this.state.unusableTo[lead] = decided
  }

  end(decided: number, _view: EcgView, emit: Emit): void {
    this.flag.end(decided, emit)
    this.state.unusableTo.fill(0)
    this.state.last = -1
    this.state.quality = 0
  }

  save(): StageState {
    return { state: copyState(this.state), flag: this.flag.save() }
  }

  load(saved: StageState): void {
    const { state, flag } = saved as { state: StageState; flag: StageState }
    restoreState(this.state, state)
    this.flag.load(flag)
  }
}
