import type { BeatClassifier } from './beat-verdict.js'
import { createBeatClassifier } from './beats/beat-classifier.js'
import { createDelineator, type DelineationChoices } from './delineation/delineator.js'
import type { EcgAnalyser } from './ecg-analyser.js'
import { createFibrillationWatch } from './fibrillation/fibrillation-watch.js'
import { createRhythmAnalysers } from './rhythm/rhythm-analysers.js'

/** The steps after the beats, in the order in which they are told. */
export function createEcgAnalysers(options: { fsHz: number; leadCount: number }, choices: DelineationChoices = {}): EcgAnalyser[] {
  return [...createRhythmAnalysers(options), createFibrillationWatch(options), createDelineator({ ...options, ...choices })]
}

export function createEcgClassifier(options: { fsHz: number; leadCount: number }): BeatClassifier {
  return createBeatClassifier(options)
}
