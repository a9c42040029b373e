import type { BeatClass } from '../signal/observation.js'
import type { StageState } from '../signal/stage.js'
import type { EcgView } from './ecg-view.js'

/** A beat that the detector found, before its class is known. */
export interface FoundBeat {
  readonly index: number
  /** The R peak lies this fraction of a sample after `index`. */
  readonly fraction: number
  readonly lead: number
  /** QRS, peak to peak, in units of the stream. */
  readonly height: number
  /** To the QRS complexes before, 0 to 1. */
  readonly likeness: number
  /** To the beat before in seconds; null across a gap, after poor signal, and for the first beat. */
  readonly rrSeconds: number | null
  /** Of the lead, 0 to 1. */
  readonly quality: number
  readonly searchedBack: boolean
}

export interface BeatVerdict {
  readonly beatClass: BeatClass
  /** 0 to 1. */
  readonly confidence: number
  readonly reasons: readonly string[]
}

/** Tells the class of each beat from what came before and from `lookAheadSeconds` of signal after its R peak. */
export interface BeatClassifier {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** The beat is held until this long after its R peak; at a gap or at the end it is judged with what is there. */
  readonly lookAheadSeconds: number
  judge(beat: FoundBeat, view: EcgView): BeatVerdict
  /** The signal of a lead stopped; intervals are not measured across (`rrSeconds` is null then). */
  gap(lead: number): void
  /** The timeline ended; as new. */
  restart(): void
  save(): StageState
  load(state: StageState): void
}
