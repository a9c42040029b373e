import type { TreeEnsemble } from '../../dsp/tree-ensemble.js'
import { summaryModel } from '../../ecg/rhythm/summary-model.js'
import { foldModels, foldOfRecord } from './fold-models.js'

/**
 * The model that may judge a record of the CinC 2017 database: one that never saw it. For a record that the shipped model was
 * fitted on, that is the model of the cross-validation's fold that left it out; for any other the shipped model itself.
 */
export function challengeModelFor(record: string): TreeEnsemble {
  const fold = foldOfRecord[record]
  return (fold === undefined ? undefined : foldModels[fold]) ?? summaryModel
}

export function wasFittedOn(record: string): boolean {
  return foldOfRecord[record] !== undefined
}
