import { EnsembleEvaluator, type TreeEnsemble } from '../../dsp/tree-ensemble.js'
import { fibrillationModel } from './fibrillation-model.js'
import { fibrillationFeatures, steepness, WaveformFeatures } from './waveform-features.js'

/** Below this `steepness` beats stand out so clearly that nothing more is looked at. */
export const clearlyBeating = 0.13
/** Score of such a window: log odds, about the mean of windows with beats. */
export const beatingScore = -8

/** Beyond this the log odds of a strange window mean nothing. */
const mostScore = 12

/**
 * Score (log odds) of fibrillation or flutter of one window of the working signal. Holds scratch space only: the score depends on the
 * window alone.
 */
export class WindowScore {
  private readonly measure = new WaveformFeatures()
  private readonly evaluator: EnsembleEvaluator
  private readonly values = new Float64Array(fibrillationFeatures.length)

  constructor(model: TreeEnsemble = fibrillationModel) {
    this.evaluator = new EnsembleEvaluator(model)
  }

  /** `window`: 8 s at 100 Hz; `careful`: look closely even where beats seem to stand out. */
  of(window: Float64Array, millivolts: boolean, careful: boolean): number {
    if (!careful && steepness(window) < clearlyBeating) return beatingScore
    this.measure.measure(window, millivolts, this.values)
    return Math.min(Math.max(this.evaluator.score(this.values, 0), -mostScore), mostScore)
  }
}
