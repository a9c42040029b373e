import type { Observation, QualityReason } from '../signal/observation.js'
import type { StageState } from '../signal/stage.js'
import type { BeatVerdict, FoundBeat } from './beat-verdict.js'
import type { EcgView } from './ecg-view.js'

export type Emit = (observation: Observation) => void

/** A confirmed beat of the chosen series, with its class. */
export interface ConfirmedBeat extends FoundBeat, BeatVerdict {}

/** One second of one lead has ended: [from, to). The chain closes the seconds of all leads in order of the lead. */
export interface LeadSecond {
  readonly lead: number
  readonly from: number
  readonly to: number
  readonly quality: number
  readonly reason: QualityReason
  /** The lead that the beats come from now. */
  readonly chosen: number
}

/**
 * A step of the ECG chain after the beats: rhythm, fibrillation, waves. It is told of beats, seconds and gaps in the order
 * of `decided`, and may ask to be woken at a later sample. `view.end` is `decided + 1` in each call. What it emits has
 * `decided` equal to that of the call.
 */
export interface EcgAnalyser {
  readonly name: string
  /** Plain data for the parameters hash. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** Longest time from a sample to what is said of it, in samples. */
  readonly latency: number
  /** Index of the sample at which it wants to be woken next; Infinity: none. */
  readonly wakeAt: number
  /** The sample `wakeAt` is here. Must move `wakeAt` on. */
  wake(decided: number, view: EcgView, emit: Emit): void
  beat(beat: ConfirmedBeat, decided: number, view: EcgView, emit: Emit): void
  second(second: LeadSecond, decided: number, view: EcgView, emit: Emit): void
  /** The lead's signal stopped at `from`; it may have come back since. */
  gap(lead: number, from: number, decided: number, view: EcgView, emit: Emit): void
  /** The timeline ends: what is pending is settled with what is there, what is on ends, and the analyser is as new. */
  end(decided: number, view: EcgView, emit: Emit): void
  save(): StageState
  load(state: StageState): void
}
