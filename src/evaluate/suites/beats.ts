import type { WfdbAnnotation } from '../../recording/wfdb-annotation.js'
import { bxbHeading, formatBxbLine, formatBxbSummary } from '../compare/bxb-format.js'
import type { BeatComparison } from '../compare/compare-beats.js'
import { type RecordComparison, summariseBeats } from '../compare/summarise.js'
import { recordFiles } from '../database.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { beatFigures, percent, roundOrNull, sumFigures } from '../figures.js'
import { compareRecord, type TestedRecord, testRecords } from '../score-record.js'
import { openTestSource } from '../sources/open-test-source.js'
import type { RunContext, Suite, SuiteResult } from '../suite.js'

/** Beat detection, scored as EC57 and `bxb` do. */
export const beatsSuite: Suite = {
  name: 'beats',
  says: 'beat detection, beat by beat (bxb): sensitivity, positive predictivity, place, latency, speed',
  layout: 'a folder of WFDB records with reference annotations',
  tests: ['pipeline', 'annotations', 'program', 'stage'],
  run,
}

interface ScoredRecord {
  readonly tested: Omit<TestedRecord, 'output' | 'reference'> & { readonly reference: readonly WfdbAnnotation[] }
  readonly output: TestedRecord['output']
  readonly comparison: BeatComparison
  readonly whole: BeatComparison
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const source = await openTestSource(request)
  const scored: ScoredRecord[] = []
  const files: string[] = []
  try {
    for await (const tested of testRecords(request, source, context)) {
      const { record, reference, output } = tested
      scored.push({
        tested: { record, reference },
        // What a chain said beside its beats is not needed here and is the most of it.
        output: { ...output, observations: null },
        comparison: compareRecord(tested, request),
        whole: compareRecord(tested, request, 0),
      })
      files.push(...(await recordFiles(record, request.reference)), ...source.files(record.name))
    }
  } finally {
    await source.close()
  }
  const comparisons: RecordComparison[] = scored.map(({ tested, comparison }) => ({ record: tested.record.name, comparison }))
  const { average } = summariseBeats(comparisons)
  const cpu = scored.map(({ output }) => output.cpuSeconds)
  const cpuSeconds = cpu.every(seconds => seconds !== null) ? cpu.reduce((sum, seconds) => sum + seconds, 0) : null
  const hours = scored.reduce((sum, { output }) => sum + output.signalSeconds, 0) / 3600
  return {
    document: {
      suite: 'beats',
      database: request.database,
      test: source.name,
      reference: request.reference,
      matchWindowSeconds: request.windowSeconds,
      fromSeconds: request.from,
      records: scored.map(describeRecord),
      gross: { ...sumFigures(scored.map(({ comparison }) => comparison)) },
      average: {
        se: percent(average.Q.se),
        ppv: percent(average.Q.ppv),
        f1: percent(average.Q.f1),
        rrErrorMs: roundOrNull(average.rrErrorMs, 4),
      },
      whole: sumFigures(scored.map(({ whole }) => whole)),
      cpuSecondsPerSignalHour: cpuSeconds === null || hours === 0 ? null : roundOrNull(cpuSeconds / hours, 4),
    },
    parametersHash: source.parametersHash(),
    files: [...new Set(files)],
    annotations: scored.map(({ tested, output }) => ({ record: tested.record.name, annotations: output.annotations })),
    tables: [],
    plots: [],
    bxb: [bxbHeading, ...comparisons.map(formatBxbLine), formatBxbSummary(comparisons)].join('\n'),
  }
}

function describeRecord({ tested, comparison, whole }: ScoredRecord): Readonly<Record<string, unknown>> {
  return {
    record: tested.record.name,
    ...beatFigures(comparison),
    rrErrorMs: roundOrNull(comparison.rrErrorMs, 4),
    whole: beatFigures(whole),
  }
}
