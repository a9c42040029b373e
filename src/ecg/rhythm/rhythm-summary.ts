import { copyState, restoreState } from '../../dsp/state.js'
import { EnsembleEvaluator, type TreeEnsemble } from '../../dsp/tree-ensemble.js'
import type { StageState } from '../../signal/stage.js'
import type { ConfirmedBeat, EcgAnalyser, LeadSecond } from '../ecg-analyser.js'
import type { EcgView } from '../ecg-view.js'
import { SummaryBeats } from './summary-beats.js'
import { type SignalSummary, summaryFeatures } from './summary-features.js'
import { summaryModel } from './summary-model.js'

/** Labels of the PhysioNet/CinC Challenge 2017: normal sinus rhythm, atrial fibrillation, another rhythm, too noisy to tell. */
export const rhythmLabels = ['N', 'A', 'O', '~'] as const
export type RhythmLabel = (typeof rhythmLabels)[number]

export interface RhythmReport {
  readonly label: RhythmLabel
  readonly probabilities: Readonly<Record<RhythmLabel, number>>
  /** What the label rests on; null: too few beats alike, and the label is `~`. */
  readonly features: Readonly<Record<string, number>> | null
  /** Features that spoke most for the label, with what each added to its log odds, strongest first. */
  readonly reasons: readonly { readonly feature: string; readonly added: number }[]
}

export interface RhythmSummaryOptions {
  readonly fsHz: number
  /** Default: the model that is shipped. */
  readonly model?: TreeEnsemble
}

/** Seconds of poorest quality that are looked at. */
const worstSeconds = 3
const reasonsTold = 3

/**
 * The rhythm of a recording of half a minute to some minutes, known at its end: an analyser that says nothing on the way and has
 * its report in `report` once the timeline ended. It keeps the newest 400 beats.
 */
export class RhythmSummary implements EcgAnalyser {
  readonly name = 'rhythm-summary'
  readonly parameters: Readonly<Record<string, unknown>>
  readonly latency = 0
  readonly wakeAt = Number.POSITIVE_INFINITY
  private readonly beats: SummaryBeats
  private readonly model: TreeEnsemble
  private readonly state = newState()
  private latest: RhythmReport | null = null

  constructor(private readonly options: RhythmSummaryOptions) {
    this.beats = new SummaryBeats(options.fsHz)
    this.model = options.model ?? summaryModel
    this.parameters = { model: this.model }
  }

  /** Of the timeline that ended last; null before. */
  get report(): RhythmReport | null {
    return this.latest
  }

  wake(): void {}

  beat(beat: ConfirmedBeat, _decided: number, view: EcgView): void {
    this.beats.add(beat, view)
  }

  second(second: LeadSecond): void {
    if (second.lead !== second.chosen) return
    const { state } = this
    state.seconds += (second.to - second.from) / this.options.fsHz
    state.count += 1
    state.quality += second.quality
    state.worst.push(second.quality)
    state.worst.sort((a, b) => a - b)
    if (state.worst.length > worstSeconds) state.worst.pop()
  }

  gap(): void {}

  end(): void {
    const { seconds, count, quality, worst } = this.state
    const signal: SignalSummary = {
      seconds,
      meanQuality: count === 0 ? 0 : quality / count,
      worstQuality: count === 0 ? 0 : worst.reduce((sum, value) => sum + value, 0) / worst.length,
    }
    this.latest = classifyRhythm(summaryFeatures(this.beats.beats, signal), this.model)
    this.beats.clear()
    restoreState(this.state, newState())
  }

  save(): StageState {
    return { beats: this.beats.save(), state: copyState(this.state), latest: structuredClone(this.latest) }
  }

  load(saved: StageState): void {
    const { beats, state, latest } = saved as { beats: StageState; state: StageState; latest: RhythmReport | null }
    this.beats.load(beats)
    restoreState(this.state, state)
    this.latest = structuredClone(latest)
  }
}

/** The report from features alone. */
export function classifyRhythm(features: Readonly<Record<string, number>> | null, model: TreeEnsemble = summaryModel): RhythmReport {
  if (features === null) return { label: '~', probabilities: { N: 0, A: 0, O: 0, '~': 1 }, features, reasons: [] }
  const evaluator = new EnsembleEvaluator(model)
  const values = Float64Array.from(model.features, name => features[name] ?? Number.NaN)
  const into = new Float64Array(model.classes.length)
  evaluator.probabilities(values, into)
  const of = (label: RhythmLabel) => into[model.classes.indexOf(label)] ?? 0
  const probabilities = { N: of('N'), A: of('A'), O: of('O'), '~': of('~') }
  const label = rhythmLabels.reduce((best, other) => (probabilities[other] > probabilities[best] ? other : best))
  const added = new Float64Array(values.length)
  evaluator.contributions(values, model.classes.indexOf(label), added)
  const reasons = model.features.map((feature, i) => ({ feature, added: added[i] as number })).filter(reason => reason.added > 0)
  reasons.sort((a, b) => b.added - a.added)
  return { label, probabilities, features, reasons: reasons.slice(0, reasonsTold) }
}

function newState() {
  return { seconds: 0, count: 0, quality: 0, worst: [] as number[] }
}
