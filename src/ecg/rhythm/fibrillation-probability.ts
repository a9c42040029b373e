import { EnsembleEvaluator } from '../../dsp/tree-ensemble.js'
import type { AtrialReading } from './atrial-window.js'
import { atrialWindowModel } from './atrial-window-model.js'

/** Features of the window's model, in the order of the model. */
export const fibrillationFeatures = ['scatter', 'entropy', 'filteredChange', 'changes', 'coherence'] as const

/** Probability of atrial fibrillation in a window: logistic regression, each feature adding its share of log odds. */
export class FibrillationProbability {
  private readonly evaluator = new EnsembleEvaluator(atrialWindowModel)
  private readonly values = new Float64Array(fibrillationFeatures.length)
  private readonly into = new Float64Array(2)

  /** What could not be measured counts as the mean of the training windows. */
  of(reading: AtrialReading): number {
    fibrillationFeatures.forEach((feature, i) => {
      this.values[i] = reading[feature]
    })
    this.evaluator.probabilities(this.values, this.into)
    return this.into[1] as number
  }
}
