import { grossIntervals, latencyFigures, pairedFigures, shortIntervalSummary, timingFigures, timingSummary } from '../beat-quality.js'
import { bxbHeading, formatBxbLine, formatBxbSummary } from '../compare/bxb-format.js'
import { type RecordComparison, summariseBeats } from '../compare/summarise.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import { type BeatFigures, beatFigures, percent, round, roundOrNull, sumFigures } from '../figures.js'
import { hashParameters } from '../hash-parameters.js'
import { beatPlots, beatTables } from '../output/beat-tables.js'
import { type ScoredRecord, scoreBeats } from '../score-beats.js'
import { coveredSamples } from '../sources/rejected-stretches.js'
import type { RunContext, Suite, SuiteDocument, SuiteResult } from '../suite.js'
import { warningsField } from '../warnings.js'

/** Beat detection, scored as EC57 and `bxb` do; beside the standard place, latency, speed, short intervals. */
export const beatsSuite: Suite = {
  name: 'beats',
  says: 'beat detection, beat by beat (bxb): sensitivity, positive predictivity, place, latency, speed',
  layout: 'a folder of WFDB records with reference annotations',
  fromSeconds: 300,
  takes: ['channels', 'reference', 'packet', 'window', 'compare', 'format'],
  tests: ['pipeline', 'annotations', 'program', 'stage'],
  run,
}

async function run(request: EvaluationRequest, context: RunContext): Promise<SuiteResult> {
  const scored = await scoreBeats(request, context)
  const { records } = scored
  const comparisons: RecordComparison[] = records.map(({ tested, comparison }) => ({ record: tested.record.name, comparison }))
  const { average } = summariseBeats(comparisons)
  const counts = records.map(({ comparison }) => comparison)
  const wholeCounts = records.map(({ whole }) => whole)
  const document: SuiteDocument = {
    suite: 'beats',
    database: request.database,
    test: scored.test,
    reference: request.reference,
    channels: request.channels,
    matchWindowSeconds: request.windowSeconds,
    fromSeconds: request.from,
    toSeconds: request.to,
    records: records.map(describeRecord),
    gross: { ...sumFigures(counts), ci95: grossIntervals(counts) },
    average: {
      se: percent(average.Q.se),
      ppv: percent(average.Q.ppv),
      f1: percent(average.Q.f1),
      rrErrorMs: roundOrNull(average.rrErrorMs, 4),
    },
    whole: { ...sumFigures(wholeCounts), ci95: grossIntervals(wholeCounts) },
    timing: timingSummary(records),
    shortIntervals: shortIntervalSummary(records, request),
    latencyMs: latencyFigures(records.map(({ tested }) => tested.output.latency?.confirmed ?? null)),
    fastLatencyMs: latencyFigures(records.map(({ tested }) => tested.output.latency?.fast ?? null)),
    fastBeats: fastFigures(records),
    cpuSecondsPerSignalHour: roundOrNull(scored.cpuSecondsPerSignalHour, 4),
    paired: pairedFigures(records, request.compare?.annotator ?? null),
    ...warningsField(records.flatMap(record => withoutReference(record, request))),
  }
  return {
    document,
    parametersHash: hashParameters(scored.parameters),
    parameters: scored.parameters,
    files: scored.files,
    annotations: records.map(({ tested }) => ({ record: tested.record.name, annotations: tested.output.annotations })),
    tables: beatTables(document, records),
    plots: beatPlots(records),
    bxb: [bxbHeading, ...comparisons.map(formatBxbLine), formatBxbSummary(comparisons)].join('\n'),
  }
}

/** A record whose reference has no beat where it is compared: its beats can be nothing but extra ones. */
function withoutReference({ tested, comparison }: ScoredRecord, { reference, from, to }: EvaluationRequest): string[] {
  const { tp, fn } = beatFigures(comparison)
  if (tp + fn > 0) return []
  return [`${tested.record.name}.${reference} has no beat from ${from} s ${to === null ? 'on' : `to ${to} s`}`]
}

/** Beats as they were first said, held against the reference like confirmed ones: what is early must be right as well. */
function fastFigures(records: readonly ScoredRecord[]): BeatFigures | null {
  const counts = records.flatMap(({ fast }) => fast ?? [])
  return counts.length === 0 || counts.length < records.length ? null : sumFigures(counts)
}

function describeRecord(scored: ScoredRecord): Readonly<Record<string, unknown>> {
  const { comparison, whole, tested } = scored
  const { record, output } = tested
  return {
    record: record.name,
    ...beatFigures(comparison),
    rrErrorMs: roundOrNull(comparison.rrErrorMs, 4),
    shutdownSeconds: round(comparison.shutdownSeconds, 3),
    ...timingFigures(scored),
    rejectedShare: output.rejected === null ? null : round(coveredSamples(output.rejected, 0, record.frames) / record.frames, 6),
    cpuSeconds: roundOrNull(output.cpuSeconds, 4),
    whole: beatFigures(whole),
  }
}
