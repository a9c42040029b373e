import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'

/**
 * Atrial fibrillation in a window of up to 32 intervals; features of `atrial-window.ts`.
 * Written by `node training/run.js atrial-fibrillation` from mitdb DS1 (both leads) and cinc2017: 11449 windows, data sha256 5faad433cfd0badf.
 * mitdb DS2, lead 0 (5119 windows, not trained on): AUC 0.9977, Se 0.948, Sp 0.9929; nsrdb: highest probability 0.195.
 * Model: sha256 c33ce584e2dab4c92f901ca954773fe80e5ad3b43fce83c9a4d2073513ac794b.
 */
// biome-ignore format: written by a program
export const atrialWindowModel: TreeEnsemble = {
  features: ['scatter', 'entropy', 'filteredChange', 'changes', 'coherence'],
  classes: ['other', 'fibrillation'],
  scores: [
    {
      bias: -3.58409,
      linear: {
        weights: [1.81849, 0.855182, -17.5002, 5.08757, -0.492166],
        centres: [0.169918929, -1.82413575, 0.0281042577, 0.147054192, 0.661933296],
      },
    },
  ],
}
