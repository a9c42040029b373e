import { createHash } from 'node:crypto'
import { createEcgChain } from '../../ecg/ecg-chain.js'
import { heartRateDefaults } from '../../ecg/heart-rate.js'
import { VitalwireError } from '../../errors.js'
import { monitorParameters } from '../../monitor/patient-monitor.js'
import { canonicalJson } from '../../signal/canonical-json.js'
import { unknownPatient } from '../../signal/patient.js'
import { frontEnds } from '../../simulate/patterns/front-end.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { limitSources, type PatternCase } from '../patterns/pattern-case.js'
import { countGroups, largestTolerated, patternSeries, patternTables, sayLimit } from '../patterns/pattern-tables.js'
import { allPatternCases, patternRates, type ScoredCase, scoreCase } from '../patterns/score-patterns.js'
import type { ResultPlot, RunContext, Suite, SuiteResult } from '../suite.js'

/** Test waveforms after EC13 / IEC 60601-2-27: heart rate, alarms, pacemaker pulses and interference. No claim of conformity. */
export const patternsSuite: Suite = {
  name: 'patterns',
  says: 'simulated test waveforms after EC13 / IEC 60601-2-27: heart rate, alarms, pacemaker pulses, interference',
  layout: 'nothing: the waveforms are simulated',
  ownSignals: true,
  fromSeconds: null,
  takes: [],
  tests: ['pipeline'],
  run,
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const cases = chooseCases(request.records)
  const scored: ScoredCase[] = []
  for (const patternCase of cases) {
    context.onProgress(patternCase.pattern.name, scored.length, cases.length)
    context.signal.throwIfAborted()
    scored.push(scoreCase(patternCase))
    await new Promise(resolve => setImmediate(resolve))
  }
  const groups = countGroups(scored)
  const sum = (pick: (group: (typeof groups)[number]) => number): number => groups.reduce((total, group) => total + pick(group), 0)
  const required = sum(group => group.required)
  const passed = sum(group => group.passed)
  return {
    document: {
      suite: 'patterns',
      database: 'simulated',
      test: 'vitalwire',
      conformity: "none claimed: the standards were not at hand, the waveforms and limits are this project's reading of other documents",
      sources: limitSources,
      frontEnds,
      heartRateAveraging: { readingEverySeconds: 1, ...heartRateDefaults },
      records: scored.flatMap(describeCase),
      gross: { required, passed, fellShort: required - passed, disclosed: sum(group => group.disclosed) },
      groups,
      largestTolerated: Object.fromEntries(
        Object.entries(patternSeries).map(([title, prefix]) => [title, largestTolerated(scored, prefix)]),
      ),
    },
    parametersHash: hashParameters(),
    files: [],
    annotations: [],
    tables: patternTables(scored),
    plots: plots(scored),
    bxb: null,
    shortfalls: required - passed,
  }
}

/** Of all waveforms those that are named; null: all. Throws `usage-option` for a name that there is none of. */
function chooseCases(names: readonly string[] | null): PatternCase[] {
  const cases = allPatternCases()
  if (names === null) return cases
  const unknown = names.filter(name => !cases.some(({ pattern }) => pattern.name === name))
  if (unknown.length === 0) return cases.filter(({ pattern }) => names.includes(pattern.name))
  throw new VitalwireError(
    'usage-option',
    `--records: there is no waveform ${unknown.map(name => JSON.stringify(name)).join(', ')}; accepted: names of waveforms as the report of all has them`,
  )
}

function describeCase({ patternCase, verdicts }: ScoredCase): Readonly<Record<string, unknown>>[] {
  const { group, pattern, frontEnd, check, source, level, byMarks, limits } = patternCase
  return verdicts.map(verdict => ({
    record: pattern.name,
    group,
    frontEnd,
    byMarks,
    limits,
    fsHz: verdict.fsHz,
    leads: verdict.leads,
    check: check.kind,
    expected: sayLimit(check),
    source,
    level,
    measured: verdict.measured,
    missed: verdict.missed,
    extra: verdict.extra,
    passed: verdict.passed,
  }))
}

/** Response times and times to alarm at all rates: what the manuals of monitors print. */
function plots(scored: readonly ScoredCase[]): ResultPlot[] {
  const timed = scored.filter(({ patternCase }) => ['response', 'tachycardia-alarm', 'rate-alarm'].includes(patternCase.group))
  return [
    {
      kind: 'bars',
      title: 'Longest time to a reading or an alarm, one lead and two',
      yLabel: 'seconds',
      series: patternRates.map(fsHz => `${fsHz} Hz`),
      bars: timed.map(({ patternCase, verdicts }) => ({
        name: patternCase.pattern.name,
        values: patternRates.map(fsHz => {
          const times = verdicts.filter(verdict => verdict.fsHz === fsHz).map(({ measured }) => measured)
          return times.every(time => time !== null) ? Math.max(...times) : null
        }),
      })),
    },
  ]
}

function hashParameters(): string {
  const spec = { id: 'ecg', kind: 'ecg', channels: ['II', 'V5'], unit: 'mV', fs: { num: 250, den: 1 } } as const
  const parameters = { chain: createEcgChain(spec).parameters, monitor: monitorParameters({ attributes: unknownPatient, limits: {} }) }
  return createHash('sha256').update(canonicalJson(parameters)).digest('hex')
}
