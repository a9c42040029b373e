import { copyState, restoreState } from '../../dsp/state.js'
import type { BeatClass } from '../../signal/observation.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat } from '../ecg-analyser.js'

/** Below this quality nothing is concluded (as in the contract of `QualityObservation`). */
export const usableQuality = 0.5

export interface RunBeat {
  readonly index: number
  readonly lead: number
  /** To the beat before; NaN for the first of the run. */
  readonly rrSeconds: number
  readonly beatClass: BeatClass
  /** Of the class, 0 to 1. */
  readonly confidence: number
  readonly quality: number
}

/** The newest beats that follow one another without a loss of signal: what rhythms are concluded from. */
export class BeatRun {
  private readonly state: { beats: RunBeat[] } = { beats: [] }

  /** @param depth beats that are kept */
  constructor(private readonly depth: number) {}

  get length(): number {
    return this.state.beats.length
  }

  /** A beat whose interval is unknown begins a run; one in poor signal belongs to none. Returns whether the beat is in the run. */
  add(beat: ConfirmedBeat): boolean {
    if (beat.quality < usableQuality) {
      this.break()
      return false
    }
    if (beat.rrSeconds === null) this.break()
    const { beats } = this.state
    const { index, lead, rrSeconds, beatClass, confidence, quality } = beat
    beats.push({ index, lead, rrSeconds: rrSeconds ?? Number.NaN, beatClass, confidence, quality })
    if (beats.length > this.depth) beats.shift()
    return true
  }

  /** The beat `back` places before the newest; 0 is the newest. */
  at(back: number): RunBeat | undefined {
    return this.state.beats[this.state.beats.length - 1 - back]
  }

  /** Mean rate over the newest `intervals` intervals in 1/min; null when there are not so many. */
  rate(intervals: number): number | null {
    const { beats } = this.state
    if (beats.length <= intervals) return null
    let seconds = 0
    for (let i = beats.length - intervals; i < beats.length; i++) seconds += (beats[i] as RunBeat).rrSeconds
    return (60 * intervals) / seconds
  }

  /** Mean quality of the newest `count` beats. */
  quality(count: number): number {
    const { beats } = this.state
    let sum = 0
    const from = Math.max(0, beats.length - count)
    for (let i = from; i < beats.length; i++) sum += (beats[i] as RunBeat).quality
    return beats.length > from ? sum / (beats.length - from) : 0
  }

  /** Mean over the newest `count` beats of how sure their class is, times their quality. */
  classConfidence(count: number): number {
    const { beats } = this.state
    let sum = 0
    const from = Math.max(0, beats.length - count)
    for (let i = from; i < beats.length; i++) sum += (beats[i] as RunBeat).confidence * (beats[i] as RunBeat).quality
    return beats.length > from ? sum / (beats.length - from) : 0
  }

  break(): void {
    this.state.beats.length = 0
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
