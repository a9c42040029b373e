import type { FallModel } from './fall-candidates.js'

/**
 * Written by `node training/run.js falls`, not by hand. Whether a blow was a fall, fitted on all people.
 * Data: SisFall SA01 SA02 SA03 SE01; sha256 of the features f24462e93ab5a29a.
 */
export const fallModel: FallModel = { weights: [7.775, 8.505, 3.663], bias: -15.78 }
