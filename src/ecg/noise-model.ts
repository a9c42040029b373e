import type { TreeEnsemble } from '../dsp/tree-ensemble.js'

/**
 * Noise in a second of a lead, logistic regression; written by `node training/run.js lead-quality`, not by hand.
 * Data: MIT-BIH Arrhythmia Database, DS1, both leads, alone and with em and ma of NSTDB (first halves) at 24, 12, 6 and 0 dB; cudb, fibrillation of the even records to cu24; 712492 seconds.
 * Data hash: sha256 fe3222af98bcb712a49f9b55fe8fa304eaac696161045c46a936c6fb1eb97590.
 * Cross-validated by record, 5 folds, first leads: area under the curve 0.8382; 24.2 % of noisy seconds rejected with 71.3 % of the errors; 0.104 % of clean ones; 12.8 % of fibrillation.
 * Model: sha256 5839bd8629f19d3a6ea4c2ed5adec1965a4d969061d3fdb7f14ef75dda549c04.
 */
// biome-ignore format: written by a program
export const noiseModel: TreeEnsemble = {
  features: ['quietQuarter', 'quietMost', 'quietMostBefore', 'drift', 'driftBefore', 'slow', 'slowBefore', 'rough', 'roughBefore', 'complexity', 'sharpness', 'growth'],
  classes: ['signal', 'noise'],
  scores: [
    {
      bias: -4.29936,
      linear: {
        weights: [0.540005, 0.835325, 0.485538, 1.4706, 1.07246, -1.06937, -0.676114, 1.18105, -0.0819157, 0.488111, 0.608915, 4.33274],
        centres: [-2.91926373, -1.66732247, -1.66723186, -3.09538732, -3.09565395, -2.34765648, -2.34773479, -3.54040101, -3.54076173, 0.721472562, -1.32697826, 0.209931606],
      },
    },
  ],
}
