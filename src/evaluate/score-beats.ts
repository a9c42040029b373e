import type { NewAnnotation } from '../recording/wfdb-annotation-writer.js'
import type { BeatComparison } from './compare/compare-beats.js'
import { recordFiles } from './database.js'
import type { EvaluationRequest } from './evaluation-request.js'
import { compareRecord, type TestedRecord, testRecords } from './score-record.js'
import { AnnotationSource } from './sources/annotation-source.js'
import { openTestSource } from './sources/open-test-source.js'
import type { RunContext } from './suite.js'

/** A record with its comparisons; `from` is the start of the test period that the request says. */
export interface ScoredRecord {
  readonly tested: TestedRecord
  readonly comparison: BeatComparison
  /** From the first sample on. */
  readonly whole: BeatComparison
  /** Of the beats as they were first said; null without such. */
  readonly fast: BeatComparison | null
  /** The annotator that the test is held against. */
  readonly other: BeatComparison | null
}

export interface ScoredBeats {
  /** Who was scored, for people. */
  readonly test: string
  readonly records: readonly ScoredRecord[]
  readonly parameters: readonly unknown[] | null
  readonly files: readonly string[]
  /** CPU time of detection by signal time, s/h; null when a record's is not known. */
  readonly cpuSecondsPerSignalHour: number | null
}

/** Runs the test over all records and compares its beats. What a chain said beside its beats is let go. */
export async function scoreBeats(request: EvaluationRequest, context: RunContext): Promise<ScoredBeats> {
  const source = await openTestSource(request)
  const other = request.compare === null ? null : new AnnotationSource(request.compare.folder, request.compare.annotator)
  const records: ScoredRecord[] = []
  const files = new Set<string>()
  try {
    for await (const { record, reference, output } of testRecords(request, source, context)) {
      const tested = { record, reference, output: { ...output, observations: null } }
      const rival = other === null ? null : await other.read({ name: record.name, fs: record.fs })
      records.push({
        tested,
        comparison: compareRecord(tested, request),
        whole: compareRecord(tested, request, 0),
        fast:
          output.fastBeats === null
            ? null
            : compareRecord({ ...tested, output: { ...output, annotations: output.fastBeats.map(unclassed) } }, request),
        other: rival === null ? null : compareRecord({ record, reference, output: rival }, request),
      })
      const used = [await recordFiles(record, request.reference), source.files(record.name), other?.files(record.name) ?? []]
      for (const file of used.flat()) files.add(file)
    }
  } finally {
    await source.close()
  }
  return {
    test: source.name,
    records,
    parameters: source.parameters(),
    files: [...files],
    cpuSecondsPerSignalHour: cpuPerHour(records),
  }
}

function unclassed(sample: number): NewAnnotation {
  return { sample, symbol: 'Q' }
}

function cpuPerHour(records: readonly ScoredRecord[]): number | null {
  let cpu = 0
  let hours = 0
  for (const { tested } of records) {
    const { cpuSeconds, signalSeconds } = tested.output
    if (cpuSeconds === null) return null
    cpu += cpuSeconds
    hours += signalSeconds / 3600
  }
  return hours === 0 ? null : cpu / hours
}
