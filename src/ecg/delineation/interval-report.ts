import { copyState, restoreState } from '../../dsp/state.js'
import type { IntervalName } from '../../signal/catalogue.js'
import type { BeatClass, MeasurementObservation } from '../../signal/observation.js'
import type { StageState } from '../../signal/stage.js'
import { medianOf } from './median.js'

/** What one beat gives to the reports; null: not measured in it. Milliseconds, mV, mV/s. */
export interface BeatIntervals {
  readonly index: number
  readonly beatClass: BeatClass
  readonly lead: number
  readonly quality: number
  readonly pr: number | null
  readonly qrs: number | null
  readonly qt: number | null
  readonly qtc: number | null
  readonly stLevel: number | null
  readonly stSlope: number | null
  /** Why there is no ST level: the unit is no voltage, or the personal baseline is being learned. */
  readonly stReason: string | null
}

type Interval = 'pr' | 'qrs' | 'qt' | 'qtc' | 'stLevel' | 'stSlope'

const reported: readonly { readonly name: IntervalName; readonly of: Interval; readonly missing: string; readonly algorithm: string }[] = [
  { name: 'pr-interval', of: 'pr', missing: 'no-p-wave', algorithm: 'ecg-intervals' },
  { name: 'qrs-duration', of: 'qrs', missing: 'no-qrs-bounds', algorithm: 'ecg-intervals' },
  { name: 'qt-interval', of: 'qt', missing: 'no-t-wave', algorithm: 'ecg-intervals' },
  { name: 'qtc-interval', of: 'qtc', missing: 'no-t-wave', algorithm: 'ecg-intervals' },
  { name: 'st-level', of: 'stLevel', missing: 'no-st-segment', algorithm: 'ecg-st' },
  { name: 'st-slope', of: 'stSlope', missing: 'no-st-segment', algorithm: 'ecg-st' },
]

export interface IntervalReportParameters {
  readonly everySeconds: number
  /** A report ends so long before it is made: the waves of later beats are not known yet. */
  readonly delaySeconds: number
  readonly fewestBeats: number
  /** Share of the window's beats that must be of class N and good quality, and of those the share that must have the value. */
  readonly leastShare: number
  readonly usableQuality: number
}

export const intervalReportDefaults: IntervalReportParameters = {
  everySeconds: 10,
  delaySeconds: 2,
  fewestBeats: 3,
  leastShare: 0.5,
  usableQuality: 0.5,
}

/**
 * Intervals and ST every 10 s: each the median over the window's beats of class N and good quality of one lead, null with
 * its reason where they are too few.
 */
export class IntervalReport {
  private readonly state: { beats: BeatIntervals[] } = { beats: [] }

  constructor(
    private readonly fsHz: number,
    readonly parameters: IntervalReportParameters = intervalReportDefaults,
  ) {}

  add(beat: BeatIntervals): void {
    this.state.beats.push(beat)
  }

  /** The second that ends at sample `to` is over: every tenth makes a report. */
  second(to: number, decided: number, lead: number, emit: (observation: MeasurementObservation) => void): void {
    const { everySeconds, delaySeconds } = this.parameters
    if (Math.round(to / this.fsHz) % everySeconds !== 0) return
    const end = to - Math.round(delaySeconds * this.fsHz)
    const from = Math.max(0, end - Math.round(everySeconds * this.fsHz))
    if (end > from) this.report(from, end, decided, lead, emit)
    this.state.beats = this.state.beats.filter(beat => beat.index >= end)
  }

  restart(): void {
    this.state.beats = []
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  private report(from: number, to: number, decided: number, channel: number, emit: (observation: MeasurementObservation) => void): void {
    const { fewestBeats, leastShare, usableQuality } = this.parameters
    const all = this.state.beats.filter(beat => beat.index >= from && beat.index < to)
    const good = all.filter(beat => beat.quality >= usableQuality && beat.lead === channel)
    const normal = good.filter(beat => beat.beatClass === 'N')
    const enough = (count: number, of: number): boolean => count >= fewestBeats && count >= leastShare * of
    const share = all.length > 0 ? normal.length / all.length : 0
    for (const { name, of, missing, algorithm } of reported) {
      const values = normal.flatMap(beat => beat[of] ?? [])
      let reason: string | null = null
      if (all.length < fewestBeats) reason = 'few-beats'
      else if (!enough(good.length, all.length)) reason = 'poor-signal'
      else if (!enough(normal.length, all.length)) reason = 'few-normal-beats'
      else if (!enough(values.length, normal.length)) reason = (name === 'st-level' && lastStReason(normal)) || missing
      const quality = normal.length > 0 ? (share * normal.reduce((sum, beat) => sum + beat.quality, 0)) / normal.length : 0
      emit({
        kind: 'measurement',
        name,
        channel,
        decided,
        value: reason === null ? medianOf(values) : null,
        from,
        to,
        quality: reason === null ? quality : Math.min(quality, 0.49),
        algorithm,
        ...(reason !== null && { reason }),
      })
    }
  }
}

function lastStReason(beats: readonly BeatIntervals[]): string | null {
  return beats.findLast(beat => beat.stReason !== null)?.stReason ?? null
}
