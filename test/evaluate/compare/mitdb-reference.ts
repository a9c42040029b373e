import { readFileSync } from 'node:fs'
import type { ComparisonOptions } from '../../../src/evaluate/compare/compare-beats.js'
import { compareBeats } from '../../../src/evaluate/compare/compare-beats.js'
import type { RecordComparison } from '../../../src/evaluate/compare/summarise.js'
import { readAnnotations, type WfdbAnnotation } from '../../../src/recording/wfdb-annotation.js'
import { datasetPath, hasDataset } from '../../support/datasets.js'

/** Whether the records and what the C tools of WFDB 10.7 say of two annotators on them are at hand. */
export const hasReference = hasDataset('mitdb') && hasDataset('reference-outputs')

export const annotators = ['gqrs', 'osea'] as const

/** 48 records of two channels, 360 Hz, 650,000 samples. */
export const mitdbOptions: ComparisonOptions = { fs: 360, endSample: 650_000 }

export function referenceText(name: string): string {
  return readFileSync(datasetPath('reference-outputs', 'mitdb', name), 'utf8')
}

/** Names of the records, from the reference tool's own table. */
function mitdbRecords(): string[] {
  const names = referenceText('bxb-gqrs-default.txt')
    .split('\n')
    .map(line => line.trim().split(/\s+/)[0] ?? '')
  return names.filter(name => /^\d{3}$/.test(name))
}

export interface AnnotatedRecord {
  readonly record: string
  readonly reference: readonly WfdbAnnotation[]
  readonly test: readonly WfdbAnnotation[]
}

export async function readAnnotated(annotator: string): Promise<AnnotatedRecord[]> {
  return Promise.all(
    mitdbRecords().map(async record => ({
      record,
      reference: (await readAnnotations(datasetPath('mitdb', `${record}.atr`))).annotations,
      test: (await readAnnotations(datasetPath('reference-outputs', 'mitdb', `${record}.${annotator}`))).annotations,
    })),
  )
}

export async function compareMitdb(annotator: string, fromSeconds: number): Promise<RecordComparison[]> {
  const records = await readAnnotated(annotator)
  return records.map(({ record, reference, test }) => ({
    record,
    comparison: compareBeats(reference, test, { ...mitdbOptions, fromSeconds }),
  }))
}

/** Lines that differ, for a message that can be read. */
export function differingLines(ours: string, theirs: string): string[] {
  const [mine, other] = [ours.split('\n'), theirs.split('\n')]
  const lines = Array.from({ length: Math.max(mine.length, other.length) }, (_, index) => [mine[index], other[index]])
  return lines.filter(([a, b]) => a !== b).map(([a, b]) => `ours: ${a}\ntheirs: ${b}`)
}
