import { exp } from '../../dsp/math.js'
import { EnsembleEvaluator, type TreeEnsemble } from '../../dsp/tree-ensemble.js'
import type { StageState } from '../../signal/stage.js'
import type { BeatClassifier, BeatVerdict, FoundBeat } from '../beat-verdict.js'
import type { EcgView } from '../ecg-view.js'
import { at, featureNames } from './beat-feature-names.js'
import { BeatFeatures } from './beat-features.js'
import { groupCount } from './beat-groups.js'
import { reasonsFor } from './beat-reasons.js'
import { lookAheadSeconds } from './beat-window.js'
import { supraventricularModel } from './supraventricular-model.js'
import { ventricularModel } from './ventricular-model.js'

/** Probabilities from which a beat is called so; chosen on the cross-validated training half. */
const classThresholds = { ventricular: 0.8, supraventricular: 0.5 } as const
/**
 * With fewer than this share of the last 32 intervals like the one before (within 5 %) the rhythm is as good as fibrillation: an
 * early beat means nothing there, and none is called S.
 */
const steadyEnough = 0.25
/**
 * A fast stretch whose first interval is at least this share of the one before is sinus rhythm that speeds up. A beat in it is no S
 * unless it is early for its neighbours (`local`) or far too early for the rhythm before the stretch (`expected`).
 */
const gentleOnset = { from: 0.85, local: 0.8, expected: 0.75 } as const
/** A beat at these shares, or more, of the expected interval, the local rhythm and the long view came in its time and is no S. */
const inTime = { expected: 0.9, local: 0.85, upper: 0.75 } as const
/** How much the beats before of like shape say about a beat, against what it says itself; and the share of the newest in their mean. */
const groupVoice = { share: 0.4, newest: 0.1, mostLogOdds: 6 } as const
/** With fewer beats in the dominant group there is nothing to compare with: normal, with little confidence. */
const learningBeats = 6

export interface BeatModels {
  readonly ventricular: TreeEnsemble
  readonly supraventricular: TreeEnsemble
}

const fitted: BeatModels = { ventricular: ventricularModel, supraventricular: supraventricularModel }

/**
 * Tells N, S and V apart: two small boosted models, V against all others and then S against N, over features that compare a
 * beat with the patient's own beats before it. Q is a beat whose shape cannot be seen; F is not told (a fusion beat is called
 * N or V). Looks 0.43 s beyond the R peak, so never at the next beat.
 */
export function createBeatClassifier(options: { fsHz: number; leadCount: number }, models: BeatModels = fitted): BeatClassifier {
  return new TreeBeatClassifier(options.fsHz, options.leadCount, models)
}

class TreeBeatClassifier implements BeatClassifier {
  readonly name = 'beat-classes'
  readonly lookAheadSeconds = lookAheadSeconds
  readonly parameters = { thresholds: classThresholds, steadyEnough, gentleOnset, inTime, learningBeats, groupVoice }
  private readonly features: BeatFeatures
  private readonly ventricular: FeatureModel
  private readonly supraventricular: FeatureModel
  /** Mean log odds for V of the beats of each group. */
  private readonly voices = new Float64Array(groupCount)
  private readonly heard = new Float64Array(groupCount)

  constructor(fsHz: number, leadCount: number, models: BeatModels) {
    this.features = new BeatFeatures(fsHz, leadCount)
    this.ventricular = new FeatureModel(models.ventricular)
    this.supraventricular = new FeatureModel(models.supraventricular)
  }

  judge(beat: FoundBeat, view: EcgView): BeatVerdict {
    const { features } = this
    if (!features.extract(beat, view)) return { beatClass: 'Q', confidence: 0, reasons: ['no-shape'] }
    if (features.dominantBeats < learningBeats) return { beatClass: 'N', confidence: 0.3, reasons: ['learning'] }
    const { values } = features
    const v = this.hearGroup(this.ventricular.logOdds(values))
    if (v >= classThresholds.ventricular) return { beatClass: 'V', confidence: v, reasons: this.ventricular.reasons(values) }
    const s = logistic(this.supraventricular.logOdds(values))
    if (s >= classThresholds.supraventricular && !sinusOrFibrillation(values)) {
      return { beatClass: 'S', confidence: s * (1 - v), reasons: this.supraventricular.reasons(values) }
    }
    return { beatClass: 'N', confidence: (1 - v) * (1 - s), reasons: [] }
  }

  gap(): void {
    this.features.gap()
  }

  restart(): void {
    this.features.restart()
    this.voices.fill(0)
    this.heard.fill(0)
  }

  save(): StageState {
    return { features: this.features.save(), voices: this.voices.slice(), heard: this.heard.slice() }
  }

  load(saved: StageState): void {
    const { features, voices, heard } = saved as { features: StageState; voices: Float64Array; heard: Float64Array }
    this.features.load(features)
    this.voices.set(voices)
    this.heard.set(heard)
  }

  /** Probability of V from the beat's own log odds and those of the beats before it in its group, which then hears of it. */
  private hearGroup(own: number): number {
    const { voices, heard } = this
    const { group, beginsGroup } = this.features
    const bounded = Math.max(-groupVoice.mostLogOdds, Math.min(groupVoice.mostLogOdds, own))
    if (beginsGroup) heard[group] = 0
    const before = heard[group] as number
    const mean = before === 0 ? bounded : (voices[group] as number)
    const newest = Math.max(groupVoice.newest, 1 / (before + 1))
    voices[group] = mean + newest * (bounded - mean)
    heard[group] = before + 1
    return logistic((1 - groupVoice.share) * bounded + groupVoice.share * mean)
  }
}

/** Early beats that timing explains without an ectopic focus. What is not known (NaN) explains nothing. */
function sinusOrFibrillation(values: Float64Array): boolean {
  if ((values[at.steady] as number) < steadyEnough) return true
  const local = values[at.rrLocal] as number
  const expected = values[at.rrExpected] as number
  const gentle = (values[at.onset] as number) > gentleOnset.from && local > gentleOnset.local && !(expected < gentleOnset.expected)
  return gentle || (expected > inTime.expected && local > inTime.local && (values[at.rrUpper] as number) > inTime.upper)
}

function logistic(x: number): number {
  return 1 / (1 + exp(-x))
}

/** A two-class model together with the places of its features in the array of all. */
class FeatureModel {
  private readonly evaluator: EnsembleEvaluator
  private readonly places: readonly number[]
  private readonly inputs: Float64Array
  private readonly contributions: Float64Array

  constructor(model: TreeEnsemble) {
    this.evaluator = new EnsembleEvaluator(model)
    // A feature that beats no longer have counts as missing, so that the chain can run to train the next model; a test keeps
    // this from being shipped.
    this.places = model.features.map(name => featureNames.indexOf(name))
    this.inputs = new Float64Array(this.places.length)
    this.contributions = new Float64Array(this.places.length)
  }

  /** Of the second class. */
  logOdds(values: Float64Array): number {
    this.take(values)
    return this.evaluator.score(this.inputs, 0)
  }

  /** What spoke for the second class. */
  reasons(values: Float64Array): string[] {
    this.take(values)
    this.evaluator.contributions(this.inputs, 0, this.contributions)
    return reasonsFor(this.contributions, this.places, values)
  }

  private take(values: Float64Array): void {
    const { inputs, places } = this
    for (let k = 0; k < places.length; k++) inputs[k] = values[places[k] as number] ?? Number.NaN
  }
}
