import { EnsembleEvaluator, type TreeEnsemble } from '../../dsp/tree-ensemble.js'
import { fibrillationModel } from './fibrillation-model.js'
import type { FirstLook } from './first-look.js'
import { fibrillationFeatures, WaveformFeatures } from './waveform-features.js'

/** Below this `steadiness` beats stand out so clearly that nothing more is looked at. */
export const clearlyBeating = 0.13
/** Score of such a window: log odds, about the mean of windows with beats. */
export const beatingScore = -8

/** Beyond this the log odds of a strange window mean nothing. */
const mostScore = 12

/** Waves this regular are those of flutter or of a sinusoidal tachycardia. */
const regularCrest = 0.9

export interface WindowWord {
  /** Log odds of fibrillation or flutter. */
  readonly score: number
  /** Logarithm of the deviation with drift over that without; 0 where beats stand out. */
  readonly drift: number
  /** Waves in a minute where they are regular, else null. */
  readonly rate: number | null
}

const beating: WindowWord = { score: beatingScore, drift: 0, rate: null }
const driftAt = fibrillationFeatures.indexOf('drift')
const peakHzAt = fibrillationFeatures.indexOf('peakHz4')
const crestAt = fibrillationFeatures.indexOf('crest4')
const crestSecondsAt = fibrillationFeatures.indexOf('crestSeconds4')

/** Judges one window of the working signal. Holds scratch space only: the word depends on the window alone. */
export class WindowScore {
  private readonly measure = new WaveformFeatures()
  private readonly evaluator: EnsembleEvaluator
  private readonly values = new Float64Array(fibrillationFeatures.length)

  constructor(model: TreeEnsemble = fibrillationModel) {
    this.evaluator = new EnsembleEvaluator(model)
  }

  /** `window`: 8 s at 100 Hz and its first look; `careful`: look closely even where beats seem to stand out. */
  of(window: Float64Array, look: FirstLook, millivolts: boolean, careful: boolean): WindowWord {
    if (!careful && look.steadiness < clearlyBeating) return beating
    const { values } = this
    this.measure.measure(window, millivolts, values)
    const score = Math.min(Math.max(this.evaluator.score(values, 0), -mostScore), mostScore)
    const seconds = values[crestSecondsAt] as number
    const regular = (values[crestAt] as number) >= regularCrest && seconds > 0
    // The crest may stand at several periods: as many as the strongest frequency has in it.
    const waves = Math.max(1, Math.round((values[peakHzAt] as number) * seconds))
    return { score, drift: values[driftAt] as number, rate: regular ? (60 * waves) / seconds : null }
  }
}
