import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'

/**
 * Atrial fibrillation in a window of up to 32 intervals; features of `atrial-window.ts`.
 * Written by `node training/run.js atrial-fibrillation` from mitdb DS1 (both leads) and cinc2017: 11308 windows, data sha256 71422e7d33903985.
 * mitdb DS2, lead 0 (5098 windows, not trained on): AUC 0.9978, Se 0.945, Sp 0.9938; nsrdb: highest probability 0.192.
 * Model: sha256 837db3f84aeee90a96a307c4a4ca7e730c8bae3c3828bf9eb9ff1e5cda4d0ce8.
 */
// biome-ignore format: written by a program
export const atrialWindowModel: TreeEnsemble = {
  features: ['scatter', 'entropy', 'filteredChange', 'changes', 'coherence'],
  classes: ['other', 'fibrillation'],
  scores: [
    {
      bias: -3.61791,
      linear: {
        weights: [1.80114, 0.962231, -15.644, 5.09952, -0.434779],
        centres: [0.160537054, -1.83792248, 0.0268458814, 0.140738233, 0.695724398],
      },
    },
  ],
}
