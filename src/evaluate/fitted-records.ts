/**
 * Records that the shipped models were fitted on; what `training/` takes and what a report must say. Known by name only: a record of
 * another database that has one of these names is taken for it.
 */

/** DS1 of the MIT-BIH Arrhythmia Database (de Chazal et al., IEEE Trans. Biomed. Eng. 51 (2004) 1196), its training half by patients. */
export const ds1: readonly string[] = '101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230'.split(' ')

/** Records of cudb that were at hand for fitting. */
export const cudbFitted: readonly string[] = Array.from({ length: 24 }, (_, i) => `cu${String(i + 1).padStart(2, '0')}`)

/** The model of irregularity in windows of beats. */
export const atrialTrainingRecords: readonly string[] = [...ds1]
/** The model of fibrillatory waves in windows of 8 s. */
export const ventricularTrainingRecords: readonly string[] = [...cudbFitted, ...ds1]
