import type { EcgAnalyser } from '../ecg-analyser.js'
import { AtrialRhythms } from './atrial-rhythms.js'
import { GroupedBeats } from './grouped-beats.js'
import { PauseWatch } from './pause-watch.js'
import { RateRhythms } from './rate-rhythms.js'
import { VentricularRuns } from './ventricular-runs.js'

/** All rhythms but asystole and ventricular fibrillation; docs/algorithms/ecg-rhythm.md defines each. */
export function createRhythmAnalysers({ fsHz, leadCount }: { readonly fsHz: number; readonly leadCount: number }): EcgAnalyser[] {
  return [
    new PauseWatch(fsHz, leadCount),
    new RateRhythms(),
    new VentricularRuns(),
    new GroupedBeats('bigeminy', 2),
    new GroupedBeats('trigeminy', 3),
    new AtrialRhythms(fsHz),
  ]
}
