import { exp } from '../dsp/math.js'
import { EnsembleEvaluator } from '../dsp/tree-ensemble.js'
import type { QualityReason } from '../signal/observation.js'
import { noiseFeatureNames } from './lead-quality-features.js'
import { noiseModel } from './noise-model.js'

/** A logistic regression: log odds that a QRS detector errs in a second because of noise, 0 where nothing may be concluded any more. */
const noise = new EnsembleEvaluator(noiseModel)

/** Below this quality the reason is told. */
const remarkable = 0.7
/** `rough` above this is muscle: halfway between the medians of `em` and `ma` at 0 dB. */
const muscular = -2.9
/** A baseline that wanders this much while the QRS band stays quiet. */
const wandering = -2.6
const quiet = -1.5

const [roughAt, driftAt, quietAt] = (['rough', 'drift', 'quietMost'] as const).map(name => noiseFeatureNames.indexOf(name)) as [
  number,
  number,
  number,
]

/** Quality (0 to 1) that the features of a second leave, and the kind of noise. */
export function judgeNoise(features: Float64Array): { quality: number; reason: QualityReason } {
  const quality = 1 / (1 + exp(Math.min(40, Math.max(-40, noise.score(features, 0)))))
  return { quality, reason: quality >= remarkable ? 'good' : kindOf(features) }
}

function kindOf(features: Float64Array): QualityReason {
  if ((features[roughAt] as number) > muscular) return 'muscle'
  if ((features[driftAt] as number) > wandering && (features[quietAt] as number) < quiet) return 'baseline'
  return 'motion'
}
