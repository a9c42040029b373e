import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { requireWritableFolder, writeWhole } from '../../analysis/output-file.js'
import { writeAnnotations } from '../../recording/wfdb-annotation-writer.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import type { SuiteResult } from '../suite.js'
import type { Manifest } from './manifest.js'
import { recordsCsv } from './records-csv.js'
import { renderHtml, renderMarkdown } from './render-report.js'

/** Extension of the annotations that are written. */
function annotatorOf({ test }: EvaluationRequest): string {
  if (test.kind === 'annotations') return test.annotator
  return test.kind === 'pipeline' ? 'vw' : 'test'
}

/** Writes every file of `--out`, each whole or not at all, the manifest last. Throws `disk-write`. */
export async function writeOutput(folder: string, request: EvaluationRequest, result: SuiteResult, manifest: Manifest): Promise<void> {
  const annotations = path.join(folder, 'annotations')
  await requireWritableFolder(annotations, { make: true })
  for (const { record, annotations: own } of result.annotations) {
    const file = path.join(annotations, `${record.replaceAll(/[\\/]/g, '-')}.${annotatorOf(request)}`)
    await writeWhole(file, target => writeAnnotations(target, own))
  }
  const files = {
    'result.json': `${JSON.stringify(result.document, null, 2)}\n`,
    'records.csv': recordsCsv(result.document.records),
    'report.md': renderMarkdown(result, manifest),
    'report.html': renderHtml(result, manifest),
    'manifest.json': `${JSON.stringify(manifest, null, 2)}\n`,
  }
  for (const [name, text] of Object.entries(files)) await writeWhole(path.join(folder, name), target => writeFile(target, text))
}
