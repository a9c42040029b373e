import type { MeasurementName } from './catalogue.js'
import type { StreamKind } from './stream.js'

/**
 * What a stream's chain says. `decided` is the index of the sample with which the chain could say it (never more than
 * the last sample pushed; at flush the end of the stream); a chain emits in the order of `decided`, whatever the cut.
 * Indices are samples since boot of the stream. `channel` is a number into the stream's channels.
 */
export type Observation =
  | FastBeatObservation
  | BeatObservation
  | DelineationObservation
  | PulseObservation
  | PulsePointsObservation
  | BreathObservation
  | MeasurementObservation
  | QualityObservation
  | RhythmObservation
  | EpisodeObservation
  | FrameObservation

interface Decided {
  readonly decided: number
  readonly channel: number
}

export type BeatClass = 'N' | 'S' | 'V' | 'F' | 'Q'

/**
 * A beat as soon as it stands out: for the eye and the ear. Provisional: the confirmed beat that follows may lie elsewhere,
 * and a fast beat that is none has no confirmed beat.
 */
export interface FastBeatObservation extends Decided {
  readonly kind: 'fast-beat'
  /** R peak as far as it is known. */
  readonly index: number
}

/** A confirmed beat: final for place and class. Later insight is an overlay. */
export interface BeatObservation extends Decided {
  readonly kind: 'beat'
  /** R peak. */
  readonly index: number
  /** The R peak lies this fraction of a sample after `index` (-0.5 to 0.5). */
  readonly fraction: number
  readonly beatClass: BeatClass
  /** How sure the class is, 0 to 1. */
  readonly confidence: number
  /** Why this class, in a few words of a bounded vocabulary; empty when nothing speaks for or against. */
  readonly reasons: readonly string[]
  /** Interval to the beat before in seconds; null across a gap, after poor signal, and for the first beat. */
  readonly rrSeconds: number | null
  readonly quality: number
}

export interface PulseObservation extends Decided {
  readonly kind: 'pulse'
  /** Systolic peak. */
  readonly index: number
  readonly intervalSeconds: number | null
  readonly quality: number
}

/** Points of one pulse; places are samples since boot, with fractions. null: not there, or not to be told. */
export interface PulsePointsObservation extends Decided {
  readonly kind: 'pulse-points'
  /** Systolic peak of the pulse that they belong to. */
  readonly index: number
  readonly onset: number | null
  readonly peak: number
  /** Dicrotic notch. */
  readonly notch: number | null
  readonly quality: number
}

export interface BreathObservation extends Decided {
  readonly kind: 'breath'
  readonly index: number
  readonly intervalSeconds: number | null
  readonly quality: number
}

/** A number over samples `from` (inclusive) to `to` (exclusive); null: looked for and not measurable, with `reason`. */
export interface MeasurementObservation extends Decided {
  readonly kind: 'measurement'
  readonly name: MeasurementName
  readonly value: number | null
  readonly from: number
  readonly to: number
  /** 0 to 1. */
  readonly quality: number
  readonly reason?: string
  /** Bounds of the 90 % interval that the method itself gives, in the unit of the value. */
  readonly low?: number
  readonly high?: number
  /** The signal says nothing at present: the value is carried on from what was known. */
  readonly held?: boolean
  /** Id of the method, e.g. `ecg-heart-rate`, `ppg-modulation`; names a card in docs/algorithms. */
  readonly algorithm: string
}

export type QualityReason =
  | 'good'
  | 'flat'
  | 'saturated'
  | 'noise'
  | 'motion'
  | 'baseline'
  | 'muscle'
  | 'mains'
  | 'lead-off'
  | 'sensor-off'
  | 'low-amplitude'
  | 'low-perfusion'
  | 'irregular-shape'
  | 'missing'

/** Signal quality of one channel over [from, to), normally a second; emitted when `reason` class changes and each second. */
export interface QualityObservation extends Decided {
  readonly kind: 'quality'
  readonly from: number
  readonly to: number
  /** 0 (unusable) to 1. Below 0.5 nothing physiological is concluded. */
  readonly quality: number
  readonly reason: QualityReason
}

/**
 * Rhythms that an ECG chain tells, each independently on or off. Two of a kind never overlap; `ventricular-tachycardia` and
 * `ventricular-run` do not either.
 */
export const rhythmNames = [
  'asystole',
  'pause',
  'extreme-bradycardia',
  'bradycardia',
  'tachycardia',
  'extreme-tachycardia',
  'irregular',
  'atrial-fibrillation',
  'bigeminy',
  'trigeminy',
  'couplet',
  'ventricular-run',
  'ventricular-tachycardia',
  'ventricular-fibrillation',
] as const
export type RhythmName = (typeof rhythmNames)[number]

/** A rhythm begins or ends; said once for each. */
export interface RhythmObservation extends Decided {
  readonly kind: 'rhythm'
  readonly rhythm: RhythmName
  readonly on: boolean
  /** Where it began (its first beat, for asystole the last one before) or ended. */
  readonly index: number
  /** 0 to 1. */
  readonly confidence: number
  /** Samples [from, to) that the conclusion rests on; absent: from `index` to `decided`. */
  readonly from?: number
  readonly to?: number
  /** Beats that it rests on, and their rate in 1/min, where it rests on beats; rate also of regular fibrillatory waves. */
  readonly beats?: number
  readonly rate?: number
}

/** States that other chains tell as ECG chains tell rhythms, each independently on or off; two of a kind never overlap. */
export const episodeNames = ['apnea', 'desaturation', 'uncalibrated', 'fall', 'non-wear'] as const
export type EpisodeName = (typeof episodeNames)[number]

/** Streams whose chains tell an episode. */
export const episodeKinds: Readonly<Record<EpisodeName, readonly StreamKind[]>> = {
  apnea: ['respiration'],
  desaturation: ['ppg'],
  uncalibrated: ['ppg'],
  fall: ['acceleration'],
  'non-wear': ['acceleration', 'ppg'],
}

/** An episode begins or ends; said once for each. */
export interface EpisodeObservation extends Decided {
  readonly kind: 'episode'
  readonly episode: EpisodeName
  readonly on: boolean
  /** Where it began or ended. */
  readonly index: number
  /** 0 to 1. */
  readonly confidence: number
  /** Samples [from, to) that the conclusion rests on; absent: from `index` to `decided`. */
  readonly from?: number
  readonly to?: number
  /** What it is measured by, in `unit`: depth of a desaturation, peak acceleration of a fall. */
  readonly value?: number
  /** UCUM. */
  readonly unit?: string
}

/**
 * One second of a stream at the rate at which methods read that need several streams (`frameRate`): what joins streams by patient
 * time reads it, the patient log does not. `samples[c][i]` is the value of channel `c` at sample `from + (i * (to - from)) / frameRate`;
 * NaN where it is missing.
 */
export interface FrameObservation extends Decided {
  readonly kind: 'frame'
  readonly from: number
  readonly to: number
  readonly samples: readonly Float64Array[]
}

/** Samples a second of a frame. */
export const frameRate = 25

/** Waves of one beat; places are samples since boot, with fractions. null: not there, or not to be told from noise. */
export interface DelineationObservation extends Decided {
  readonly kind: 'delineation'
  /** R peak of the beat that it belongs to. */
  readonly index: number
  readonly pOnset: number | null
  readonly pPeak: number | null
  readonly pEnd: number | null
  readonly qrsOnset: number | null
  readonly qrsEnd: number | null
  readonly tPeak: number | null
  readonly tEnd: number | null
  readonly quality: number
}
