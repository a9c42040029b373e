import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'

/**
 * Atrial fibrillation in a window of up to 32 intervals; features of `atrial-window.ts`.
 * Written by `node training/run.js atrial-fibrillation` from mitdb DS1 (both leads) and cinc2017: 11421 windows, data sha256 236f78b82863f6b9.
 * mitdb DS2, lead 0 (5128 windows, not trained on): AUC 0.9979, Se 0.958, Sp 0.9933; nsrdb: highest probability 0.190.
 * Model: sha256 a341c649926dc2f56c19650c3542a2b5b2aacb375336378238a1edca834a1b91.
 */
// biome-ignore format: written by a program
export const atrialWindowModel: TreeEnsemble = {
  features: ['scatter', 'entropy', 'filteredChange', 'changes', 'coherence'],
  classes: ['other', 'fibrillation'],
  scores: [
    {
      bias: -3.57122,
      linear: {
        weights: [1.51655, 0.972294, -17.6905, 5.55343, -0.46959],
        centres: [0.16794677, -1.84009144, 0.0279172025, 0.142646423, 0.721279929],
      },
    },
  ],
}
