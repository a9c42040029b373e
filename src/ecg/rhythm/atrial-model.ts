import { exp } from '../../dsp/math.js'
import type { AtrialReading } from './atrial-window.js'

/** Bounds of the coherence's logarithm: beyond them more or less of it says nothing more. */
const coherenceBounds = [-7, 4] as const

/**
 * Logistic regression for atrial fibrillation in a window of up to 32 intervals; fitted by `training/atrial-fibrillation/fit_window.py`
 * on MIT-BIH half DS1 (both leads) and the CinC 2017 records. A weight is the log odds that one unit adds.
 */
export const atrialModel = {
  bias: -3.3888,
  /** [feature, weight, centre] */
  terms: [
    ['scatter', 1.467, 0.165],
    ['entropy', 1.098, -1.831],
    ['filteredChange', -15.278, 0.028],
    ['changes', 4.337, 0.145],
    ['coherence', -0.436, 0.679],
  ],
} as const

/** Probability of atrial fibrillation. What could not be measured counts as the mean of the training windows. */
export function fibrillationProbability(reading: AtrialReading): number {
  let score: number = atrialModel.bias
  for (const [feature, weight, centre] of atrialModel.terms) {
    const value = feature === 'coherence' ? Math.min(Math.max(reading.coherence, coherenceBounds[0]), coherenceBounds[1]) : reading[feature]
    if (!Number.isNaN(value)) score += weight * (value - centre)
  }
  return 1 / (1 + exp(-score))
}
