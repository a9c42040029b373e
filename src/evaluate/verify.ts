import { stat } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../errors.js'
import { hashFile } from '../recording/datasets.js'
import type { EvaluationRequest } from './evaluation-request.js'
import { comparableResult, hashResult, type Manifest } from './output/manifest.js'
import type { SuiteResult } from './suite.js'

export interface Difference {
  /** A file of the database, or a field of the result such as `gross.tp`. */
  readonly of: 'data' | 'result'
  readonly path: string
  readonly expected: unknown
  readonly found: unknown
}

/** More would not help anybody. */
const mostDifferences = 50

/** The request of a manifest; `database`, `noise`: where the database and the noise recordings are now, if they were moved. */
export function requestAgain(
  { request }: Pick<Manifest, 'request'>,
  database: string | null,
  noise: string | null = null,
): EvaluationRequest {
  const moved = (folder: string): string => (database !== null && folder === request.database ? database : folder)
  const { test, compare, noise: before } = request
  return {
    ...request,
    database: moved(request.database),
    test: test.kind === 'annotations' ? { ...test, folder: moved(test.folder) } : test,
    compare: compare === null ? null : { ...compare, folder: moved(compare.folder) },
    noise: before === null || noise === null ? before : { ...before, folder: noise },
  }
}

/** Files that are not what they were. */
export async function compareData({ data, request }: Manifest, database: string, noise: string | null = null): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const { path: name, bytes, sha256 } of data) {
    const old = request.noise === null ? null : path.relative(path.resolve(database, request.noise.folder), path.resolve(database, name))
    const isNoise = noise !== null && old !== null && !old.startsWith('..')
    const file = isNoise ? path.resolve(noise, old) : path.resolve(database, name)
    const found = await stat(file).catch(() => null)
    if (found === null) differences.push({ of: 'data', path: name, expected: `${bytes} bytes`, found: 'no file' })
    else {
      const hash = await hashFile(file)
      if (hash !== sha256) differences.push({ of: 'data', path: name, expected: sha256, found: hash })
    }
  }
  return differences
}

/** Fields of the result that are not what they were. */
export function compareResult(manifest: Manifest, result: SuiteResult): Difference[] {
  if (hashResult(manifest.result) !== manifest.resultHash) {
    throw new VitalwireError(
      'usage-option',
      `the manifest's result does not fit its own hash ${manifest.resultHash}; accepted: an unchanged manifest`,
    )
  }
  const differences: Difference[] = []
  walk('', manifest.result, comparableResult(result.document), differences)
  return differences.slice(0, mostDifferences)
}

function walk(at: string, expected: unknown, found: unknown, differences: Difference[]): void {
  if (typeof expected === 'object' && expected !== null && typeof found === 'object' && found !== null) {
    const left = expected as Record<string, unknown>
    const right = found as Record<string, unknown>
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      walk(at === '' ? key : `${at}.${key}`, left[key], right[key], differences)
    }
  } else if (expected !== found) differences.push({ of: 'result', path: at, expected: expected ?? null, found: found ?? null })
}
