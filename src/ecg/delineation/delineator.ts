import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat, EcgAnalyser, Emit, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { frameAfterSeconds } from './beat-frame.js'
import { type DelineationParameters, delineationDefaults } from './delineation-parameters.js'
import { IntervalReport, intervalReportDefaults } from './interval-report.js'
import { LeadClarity } from './lead-clarity.js'
import { LeadDelineator, type LeadWaves } from './lead-delineator.js'
import { correctQt, type QtCorrection } from './qt-correction.js'
import { RrHistory } from './rr-history.js'
import { StBaseline } from './st-baseline.js'

/** What may be chosen of waves and intervals. */
export interface DelineationChoices {
  /** Default Fridericia. */
  readonly correction?: QtCorrection
  /** Time in which QT follows 95 % of a step of the rate; default 120, 0: the last RR interval alone. */
  readonly hysteresisSeconds?: number
  /** ST against the level of the patient's first 30 s (default), or against the isoelectric line alone. */
  readonly stReference?: 'personal' | 'isoelectric'
  /** Seconds of the personal ST level. */
  readonly stBaselineSeconds?: number
  /** Combine the leads in place of choosing one: see `combineLeads`. Default false. */
  readonly combine?: boolean
}

export interface DelineatorOptions extends DelineationChoices {
  readonly fsHz: number
  readonly leadCount: number
  readonly parameters?: DelineationParameters
}

/** Beat whose waves are not all there yet. */
interface WaitingBeat {
  readonly index: number
  readonly fraction: number
  readonly beatClass: ConfirmedBeat['beatClass']
  readonly rrSeconds: number | null
  readonly quality: number
  /** Sample with which its waves are all there. */
  readonly due: number
}

interface DelineatorState {
  waiting: WaitingBeat[]
  /** Running RR interval for the place of the T wave; 0: none yet. */
  usualRr: number
}

/** RR interval that is taken for usual before one is known. */
const unknownRr = 0.8
/** Share of the newest interval in the running one. */
const newestRrShare = 0.05

/**
 * P, QRS and T of every beat 0.9 s after its R peak, and every 10 s PR, QRS, QT, QTc and ST of the clearest lead. All leads
 * are delineated, so that each has its averages and its ST baseline when it is chosen.
 * Throws RangeError for a rate outside 100 to 1000 Hz or no lead.
 */
export function createDelineator(options: DelineatorOptions): EcgAnalyser {
  return new Delineator(options)
}

class Delineator implements EcgAnalyser {
  readonly name = 'delineation'
  readonly latency: number
  readonly parameters: Readonly<Record<string, unknown>>
  private readonly p: DelineationParameters
  private readonly fsHz: number
  private readonly correction: QtCorrection
  private readonly personal: boolean
  private readonly combine: boolean
  private readonly after: number
  private readonly leads: LeadDelineator[]
  private readonly baselines: StBaseline[]
  private readonly clarity: LeadClarity
  private readonly history: RrHistory
  private readonly report: IntervalReport
  private readonly state: DelineatorState = { waiting: [], usualRr: 0 }

  constructor(options: DelineatorOptions) {
    const { fsHz, leadCount, correction = 'fridericia', hysteresisSeconds = 120, stBaselineSeconds = 30 } = options
    if (!(fsHz >= 100 && fsHz <= 1000)) throw new RangeError(`delineation needs 100 to 1000 Hz, not ${fsHz}`)
    if (!(leadCount >= 1)) throw new RangeError('delineation needs at least one lead')
    this.p = options.parameters ?? delineationDefaults
    this.fsHz = fsHz
    this.correction = correction
    this.personal = (options.stReference ?? 'personal') === 'personal'
    this.combine = options.combine ?? false
    this.after = Math.ceil(frameAfterSeconds * fsHz)
    const all = Array.from({ length: leadCount }, (_, lead) => lead)
    this.leads = all.map(lead => new LeadDelineator(lead, fsHz, this.p))
    this.baselines = all.map(() => new StBaseline(stBaselineSeconds, fsHz))
    this.clarity = new LeadClarity(leadCount, this.p.leadHysteresis)
    this.history = new RrHistory(hysteresisSeconds)
    this.report = new IntervalReport(fsHz)
    this.latency = this.after + Math.ceil((intervalReportDefaults.everySeconds + intervalReportDefaults.delaySeconds) * fsHz)
    this.parameters = {
      algorithm: 'ecg-delineation-1',
      correction,
      hysteresisSeconds,
      stReference: this.personal ? 'personal' : 'isoelectric',
      stBaselineSeconds,
      combine: this.combine,
      marks: { ...this.p },
      report: { ...intervalReportDefaults },
    }
  }

  get wakeAt(): number {
    return this.state.waiting[0]?.due ?? Number.POSITIVE_INFINITY
  }

  wake(decided: number, view: EcgView, emit: Emit): void {
    this.settle(decided, view, emit)
  }

  beat(beat: ConfirmedBeat, decided: number, view: EcgView, emit: Emit): void {
    const { index, fraction, beatClass, rrSeconds, quality } = beat
    const { waiting } = this.state
    // A beat that was searched back may come after one that follows it.
    let at = waiting.length
    while (at > 0 && (waiting[at - 1] as WaitingBeat).index > index) at--
    waiting.splice(at, 0, { index, fraction, beatClass, rrSeconds, quality, due: index + this.after })
    this.settle(decided, view, emit)
  }

  second(second: LeadSecond, decided: number, _view: EcgView, emit: Emit): void {
    this.clarity.second(second.lead, second.quality)
    if (second.lead === this.leads.length - 1) this.report.second(second.to, decided, this.clarity.chosen, emit)
  }

  /** Marks end where the signal does (the frame knows), and RR intervals come from the beats; nothing is to be forgotten. */
  gap(): void {}

  end(decided: number, view: EcgView, emit: Emit): void {
    while (this.state.waiting.length > 0) this.delineate(this.state.waiting.shift() as WaitingBeat, decided, view, emit)
    for (const lead of this.leads) lead.restart()
    for (const baseline of this.baselines) baseline.restart()
    this.clarity.restart()
    this.history.restart()
    this.report.restart()
    restoreState(this.state, { waiting: [], usualRr: 0 })
  }

  save(): StageState {
    return {
      leads: this.leads.map(lead => lead.save()),
      baselines: this.baselines.map(baseline => baseline.save()),
      clarity: this.clarity.save(),
      history: this.history.save(),
      report: this.report.save(),
      state: copyState(this.state),
    }
  }

  load(saved: StageState): void {
    const from = saved as { leads: StageState[]; baselines: StageState[] } & Record<'clarity' | 'history' | 'report' | 'state', StageState>
    this.leads.forEach((lead, i) => {
      lead.load(from.leads[i])
    })
    this.baselines.forEach((baseline, i) => {
      baseline.load(from.baselines[i])
    })
    this.clarity.load(from.clarity)
    this.history.load(from.history)
    this.report.load(from.report)
    restoreState(this.state, from.state)
  }

  private settle(decided: number, view: EcgView, emit: Emit): void {
    const { waiting } = this.state
    while (waiting.length > 0 && (waiting[0] as WaitingBeat).due <= decided) {
      this.delineate(waiting.shift() as WaitingBeat, decided, view, emit)
    }
  }

  private delineate(beat: WaitingBeat, decided: number, view: EcgView, emit: Emit): void {
    const { state, fsHz, clarity, history } = this
    const { rrSeconds } = beat
    if (rrSeconds !== null) {
      history.add(rrSeconds)
      state.usualRr += (state.usualRr === 0 ? 1 : newestRrShare) * (rrSeconds - state.usualRr)
    }
    const next = state.waiting[0]
    const found = this.leads.map((lead, i) =>
      lead.delineate(
        {
          peak: beat.index + beat.fraction,
          rrSeconds,
          usualRrSeconds: state.usualRr || unknownRr,
          nextPeak: next === undefined ? null : next.index + next.fraction,
          ventricular: beat.beatClass === 'V',
          learn: clarity.quality(i) >= this.p.learnQuality,
        },
        view,
      ),
    )
    clarity.beat(found.map(waves => waves?.clarity ?? 0))
    found.forEach((waves, lead) => {
      if (waves?.st && beat.beatClass === 'N' && clarity.quality(lead) >= 0.5) this.baselines[lead]?.add(beat.index, waves.st.level)
    })
    const channel = clarity.chosen
    const waves = this.combine ? combineLeads(found, channel, fsHz) : (found[channel] ?? null)
    if (waves === null) return
    const quality = Math.min(clarity.quality(channel), beat.quality)
    emit({
      kind: 'delineation',
      decided,
      channel,
      index: beat.index,
      pOnset: waves.p?.onset ?? null,
      pPeak: waves.p?.peak ?? null,
      pEnd: waves.p?.end ?? null,
      qrsOnset: waves.qrs.onset,
      qrsEnd: waves.qrs.end,
      tPeak: waves.t?.peak ?? null,
      tEnd: waves.t?.end ?? null,
      quality,
    })
    this.addToReport(beat, waves, channel, quality, view.millivolts, fsHz)
  }

  private addToReport(beat: WaitingBeat, waves: LeadWaves, lead: number, quality: number, millivolts: boolean, fsHz: number): void {
    const { p, qrs, t, st } = waves
    const toMs = (samples: number): number => (samples * 1000) / fsHz
    const qt = t && toMs(t.end - qrs.onset)
    const rr = this.history.rrSeconds
    const base = this.personal ? (this.baselines[lead]?.level ?? null) : 0
    const usable = st !== null && millivolts && base !== null
    this.report.add({
      index: beat.index,
      beatClass: beat.beatClass,
      lead,
      quality,
      pr: p && toMs(qrs.onset - p.onset),
      qrs: toMs(qrs.end - qrs.onset),
      qt,
      qtc: qt !== null && rr !== null ? correctQt(qt, rr, this.correction) : null,
      stLevel: usable ? st.level - base : null,
      stSlope: st !== null && millivolts ? st.slope : null,
      stReason: millivolts ? (base === null ? 'learning' : null) : 'no-voltage',
    })
  }
}

/** Marks of two leads that differ by more are not of one mind: that of the chosen lead counts. */
const agreeingSeconds = 0.04

/**
 * Marks of several leads as one: each mark of the chosen lead is replaced by the mean of those leads' marks that lie within
 * 40 ms of it. Not the earliest onset and the latest end: with that rule intervals grow with every lead.
 */
function combineLeads(found: readonly (LeadWaves | null)[], chosen: number, fsHz: number): LeadWaves | null {
  const base = found[chosen] ?? null
  if (base === null) return null
  const reach = agreeingSeconds * fsHz
  const join = (own: number, of: (waves: LeadWaves) => number | undefined): number => {
    let sum = 0
    let count = 0
    for (const waves of found) {
      const mark = waves === null ? undefined : of(waves)
      if (mark === undefined || Math.abs(mark - own) > reach) continue
      sum += mark
      count += 1
    }
    return sum / count
  }
  const { p, qrs, t } = base
  return {
    ...base,
    p: p && { onset: join(p.onset, w => w.p?.onset), peak: join(p.peak, w => w.p?.peak), end: join(p.end, w => w.p?.end) },
    qrs: { onset: join(qrs.onset, w => w.qrs.onset), end: join(qrs.end, w => w.qrs.end) },
    t: t && { peak: join(t.peak, w => w.t?.peak), end: join(t.end, w => w.t?.end) },
  }
}
