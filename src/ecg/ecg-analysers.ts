import type { BeatClassifier } from './beat-verdict.js'
import type { EcgAnalyser } from './ecg-analyser.js'

/** The steps after the beats, in the order in which they are told. */
export function createEcgAnalysers(_options: { fsHz: number; leadCount: number }): EcgAnalyser[] {
  return []
}

export function createEcgClassifier(_options: { fsHz: number; leadCount: number }): BeatClassifier {
  return {
    name: 'none',
    parameters: {},
    lookAheadSeconds: 0,
    judge: () => ({ beatClass: 'Q', confidence: 0, reasons: [] }),
    gap() {},
    restart() {},
    save: () => null,
    load() {},
  }
}
