import { exp } from '../dsp/math.js'
import type { QualityReason } from '../signal/observation.js'
import { noiseFeatureNames } from './lead-quality-features.js'

/**
 * Logistic model of a second in which a QRS detector errs because of noise: weights of the noise features. Fitted on 8 of
 * the 15 records of the noise panel (100 113 118 122 200 208 217 231 both leads, with `em` and `ma` at 24, 12, 6, 0 dB and clean) and on
 * fibrillation of the even records of cudb as no noise; docs/algorithms/ecg-quality.md has the rest. The intercept puts
 * quality 0.5 where about a fifth of the panel's noisy seconds lies below and no clean second of these records does.
 */
export const noiseModel = {
  intercept: 3.71,
  weights: {
    quietQuarter: 0.532,
    quietMost: 1.341,
    quietMostBefore: 0.452,
    drift: 1.328,
    driftBefore: 0.69,
    slow: -1.925,
    slowBefore: -0.584,
    rough: 1.096,
    roughBefore: -0.308,
    swing: 0.703,
    complexity: 1.342,
    sharpness: 1.189,
    growth: 2.275,
  } satisfies Record<(typeof noiseFeatureNames)[number], number>,
} as const

const weights = Float64Array.from(noiseFeatureNames, name => noiseModel.weights[name])

/** Below this quality the reason is told. */
const remarkable = 0.7
/** `rough` above this is muscle: halfway between the medians of `em` and `ma` at 0 dB. */
const muscular = -2.9
/** A baseline that wanders this much while the QRS band stays quiet. */
const wandering = -2.6
const quiet = -1.5

/** Quality (0 to 1) that the features of a second leave, and the kind of noise. */
export function judgeNoise(features: Float64Array): { quality: number; reason: QualityReason } {
  let sum = noiseModel.intercept
  for (let i = 0; i < weights.length; i++) sum += (weights[i] as number) * (features[i] as number)
  const quality = 1 / (1 + exp(Math.min(40, Math.max(-40, sum))))
  return { quality, reason: quality >= remarkable ? 'good' : kindOf(features) }
}

function kindOf(features: Float64Array): QualityReason {
  const of = (name: (typeof noiseFeatureNames)[number]): number => features[noiseFeatureNames.indexOf(name)] as number
  if (of('rough') > muscular) return 'muscle'
  if (of('drift') > wandering && of('quietMost') < quiet) return 'baseline'
  return 'motion'
}
