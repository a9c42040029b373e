import { openRecording } from '../recording/open-recording.js'
import type { WfdbAnnotation } from '../recording/wfdb-annotation.js'
import { hertz } from '../signal/rate.js'
import { chooseAnnotatedRecords } from './choose-records.js'
import { type BeatComparison, type ComparisonOptions, compareBeats } from './compare/compare-beats.js'
import { type DatabaseRecord, findRecord, readRecordAnnotations } from './database.js'
import type { EvaluationRequest } from './evaluation-request.js'
import type { RunContext } from './suite.js'
import type { TestInput, TestOutput, TestSource } from './test-source.js'

/** One record with its reference and what the test says of it. */
export interface TestedRecord {
  readonly record: DatabaseRecord
  readonly reference: readonly WfdbAnnotation[]
  readonly output: TestOutput
}

/** Runs the test over records, one after the other. */
export async function* testRecords(
  request: EvaluationRequest,
  source: TestSource,
  context: RunContext,
): AsyncGenerator<TestedRecord, void, undefined> {
  const names = await chooseAnnotatedRecords(request, request.reference)
  for (const [done, name] of names.entries()) {
    context.onProgress(name, done, names.length)
    context.signal.throwIfAborted()
    const record = await findRecord(request.database, name)
    const reference = await readReference(request, record)
    yield { record, reference, output: await source.read(inputOf(record)) }
    await new Promise(resolve => setImmediate(resolve))
  }
}

export function readReference(request: EvaluationRequest, record: DatabaseRecord): Promise<readonly WfdbAnnotation[]> {
  return readRecordAnnotations(`${record.path}.${request.reference}`, record.fs)
}

function inputOf(record: DatabaseRecord): TestInput {
  return { name: record.name, fs: record.fs, open: () => openRecording(record.path) }
}

/** `from`: seconds; the request's own unless told otherwise. */
export function compareRecord(tested: TestedRecord, request: EvaluationRequest, from = request.from): BeatComparison {
  const { record, reference, output } = tested
  return compareBeats(reference, output.annotations, comparisonOptions(record, request, from))
}

export function comparisonOptions(record: DatabaseRecord, request: EvaluationRequest, from = request.from): ComparisonOptions {
  return {
    fs: hertz(record.fs),
    fromSeconds: from,
    ...(request.to === null ? {} : { toSeconds: request.to }),
    matchWindowSeconds: request.windowSeconds,
    endSample: record.frames,
  }
}
