import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'

/**
 * Atrial fibrillation in a window of up to 32 intervals; features of `atrial-window.ts`.
 * Written by `node training/run.js atrial-fibrillation` from mitdb DS1 (both leads) and cinc2017: 11322 windows, data sha256 92ab7d3fcbd988a7.
 * mitdb DS2, lead 0 (5103 windows, not trained on): AUC 0.9976, Se 0.964, Sp 0.9908; nsrdb: highest probability 0.273.
 * Model: sha256 4860aea3ded8fe92f1c591bde02ff2f5070468d9f42b6507fe137ff4fba39cfb.
 */
// biome-ignore format: written by a program
export const atrialWindowModel: TreeEnsemble = {
  features: ['scatter', 'entropy', 'filteredChange', 'changes', 'coherence'],
  classes: ['other', 'fibrillation'],
  scores: [
    {
      bias: -3.60968,
      linear: {
        weights: [1.30988, 1.00807, -16.7515, 5.84453, -0.477465],
        centres: [0.165531033, -1.84813573, 0.0277088166, 0.141069032, 0.745691446],
      },
    },
  ],
}
