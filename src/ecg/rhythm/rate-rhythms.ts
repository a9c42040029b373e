import type { RhythmName } from '../../signal/observation.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat, EcgAnalyser, Emit, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { BeatRun, usableQuality } from './beat-run.js'
import { RhythmFlag } from './rhythm-flag.js'

/** A rhythm that is a mean rate over some intervals; rates in 1/min. */
export interface RateRule {
  readonly rhythm: RhythmName
  readonly side: 'below' | 'above'
  readonly onRate: number
  readonly onIntervals: number
  /** Further inside than `onRate`, so that a rate at the limit does not go to and fro. */
  readonly offRate: number
  readonly offIntervals: number
}

/**
 * Extreme forms: PhysioNet/CinC Challenge 2015 (below 40 for five beats, above 140 for 17 beats). Bradycardia below 50: ACC/AHA/HRS
 * guideline of 2018; tachycardia above 100: the textbook's. Departures: a mean over the beats, not each interval; hysteresis.
 */
const rateRules: readonly RateRule[] = [
  { rhythm: 'extreme-bradycardia', side: 'below', onRate: 40, onIntervals: 4, offRate: 45, offIntervals: 4 },
  { rhythm: 'bradycardia', side: 'below', onRate: 50, onIntervals: 8, offRate: 56, offIntervals: 8 },
  { rhythm: 'tachycardia', side: 'above', onRate: 100, onIntervals: 16, offRate: 90, offIntervals: 16 },
  { rhythm: 'extreme-tachycardia', side: 'above', onRate: 140, onIntervals: 16, offRate: 130, offIntervals: 8 },
]

/** Brady- and tachycardia and their extreme forms, from unbroken runs of beats. A loss of signal neither begins nor ends one. */
export class RateRhythms implements EcgAnalyser {
  readonly name = 'rate-rhythms'
  readonly parameters = { rules: rateRules }
  readonly latency = 0
  readonly wakeAt = Number.POSITIVE_INFINITY
  private readonly run = new BeatRun(1 + Math.max(...rateRules.flatMap(rule => [rule.onIntervals, rule.offIntervals])))
  private readonly flags = rateRules.map(({ rhythm }) => new RhythmFlag(rhythm))

  wake(): void {}

  beat(beat: ConfirmedBeat, decided: number, _view: EcgView, emit: Emit): void {
    if (!this.run.add(beat)) return
    rateRules.forEach((rule, i) => {
      this.check(rule, this.flags[i] as RhythmFlag, decided, emit)
    })
  }

  second(second: LeadSecond): void {
    if (second.lead === second.chosen && second.quality < usableQuality) this.run.break()
  }

  gap(lead: number): void {
    if (this.run.at(0)?.lead === lead) this.run.break()
  }

  end(decided: number, _view: EcgView, emit: Emit): void {
    for (const flag of this.flags) flag.end(decided, emit)
    this.run.break()
  }

  save(): StageState {
    return { run: this.run.save(), flags: this.flags.map(flag => flag.save()) }
  }

  load(saved: StageState): void {
    const { run, flags } = saved as { run: StageState; flags: StageState[] }
    this.run.load(run)
    flags.forEach((flag, i) => {
      this.flags[i]?.load(flag)
    })
  }

  private check(rule: RateRule, flag: RhythmFlag, decided: number, emit: Emit): void {
    const intervals = flag.on ? rule.offIntervals : rule.onIntervals
    const rate = this.run.rate(intervals)
    if (rate === null) return
    const isBelow = rule.side === 'below'
    const first = this.run.at(intervals)
    const last = this.run.at(0)
    if (first === undefined || last === undefined) return
    const evidence = {
      channel: last.lead,
      confidence: this.run.quality(intervals + 1),
      from: first.index,
      to: last.index + 1,
      beats: intervals + 1,
      rate,
    }
    if (!flag.on && (isBelow ? rate < rule.onRate : rate > rule.onRate)) flag.begin(first.index, decided, evidence, emit)
    else if (flag.on && (isBelow ? rate > rule.offRate : rate < rule.offRate)) flag.finish(first.index, decided, evidence, emit)
  }
}
