import type { FallModel } from '../../motion/fall-candidates.js'

/**
 * Written by `node training/run.js falls`, not by hand. By person: the model that has not seen that person.
 * Data: SisFall SA01 SA02 SA03 SE01; sha256 of the features f24462e93ab5a29a.
 */
export const foldFallModels: Readonly<Record<string, FallModel>> = {
  SA01: { weights: [7.62, 7.817, 0.8828], bias: -14.7 },
  SA02: { weights: [6.678, 8.117, 5.255], bias: -14.67 },
  SA03: { weights: [7.072, 7.873, 3.512], bias: -13.92 },
  SE01: { weights: [7.451, 8.255, 3.423], bias: -15.26 },
}
