import { frontEnds } from '../../simulate/patterns/front-end.js'
import { PatternRecorder } from '../../simulate/patterns/record-pattern.js'
import { judge, type Verdict } from './judge.js'
import { pacerMarkCases, pacerOvershootCases, pacerPulseCases, pacerWideCases } from './pacer-cases.js'
import type { PatternCase } from './pattern-case.js'
import { qrsRangeCases, smallQrsCases, tallTCases } from './qrs-cases.js'
import { driftCases, irregularCases, mainsCases, rateAlarmCases, responseCases, tachycardiaAlarmCases } from './rhythm-cases.js'
import { runPattern } from './run-pattern.js'

/** Sampling rates in Hz and numbers of leads that every waveform is recorded with. */
export const patternRates = [128, 200, 250, 360, 500] as const
export const patternLeads = [1, 2] as const
/** Noise of the front end is drawn from it. */
const seed = 13

export interface PatternVerdict extends Verdict {
  readonly fsHz: number
  readonly leads: number
}

export interface ScoredCase {
  readonly patternCase: PatternCase
  readonly verdicts: readonly PatternVerdict[]
}

/** Every waveform of the report, in its order. */
export function allPatternCases(): PatternCase[] {
  return [
    qrsRangeCases,
    smallQrsCases,
    tallTCases,
    responseCases,
    irregularCases,
    tachycardiaAlarmCases,
    rateAlarmCases,
    pacerPulseCases,
    pacerOvershootCases,
    pacerWideCases,
    pacerMarkCases,
    mainsCases,
    driftCases,
  ].flatMap(list => list())
}

/** Records a waveform at the given rates and numbers of leads, runs each through the monitor and judges what it says. */
export function scoreCase(
  patternCase: PatternCase,
  rates: readonly number[] = patternRates,
  leadCounts: readonly number[] = patternLeads,
): ScoredCase {
  const recorder = new PatternRecorder(patternCase.pattern, frontEnds[patternCase.frontEnd], seed)
  const verdicts = rates.flatMap(fsHz =>
    leadCounts.map(leads => ({ fsHz, leads, ...judge(patternCase, runPattern(recorder.record(fsHz, leads), patternCase)) })),
  )
  return { patternCase, verdicts }
}
