import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, readFile, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { VitalwireError } from '../../errors.js'
import { chooseKernel } from '../../kernel/choose-kernel.js'
import { hashFile } from '../../recording/datasets.js'
import { canonicalJson } from '../../signal/canonical-json.js'
import { version } from '../../version.js'
import type { EvaluationRequest } from '../evaluation-request.js'
import type { SuiteDocument, SuiteResult } from '../suite.js'

const format = 'vitalwire-evaluation-1'

/** All that is needed to make a result again, and to see whether it is the same. */
export interface Manifest {
  readonly format: typeof format
  /** UTC. */
  readonly created: string
  readonly code: { readonly version: string; readonly commit: string | null; readonly modified: boolean | null }
  readonly environment: {
    readonly node: string
    readonly platform: string
    readonly cpu: string
    readonly cores: number
    readonly kernel: string
  }
  readonly parametersHash: string | null
  readonly parameters: readonly unknown[] | null
  readonly request: EvaluationRequest
  readonly data: readonly DataFile[]
  /** SHA-256 of `result` as RFC 8785 JSON. */
  readonly resultHash: string
  /** The document without what differs between equal runs. */
  readonly result: Readonly<Record<string, unknown>>
}

export interface DataFile {
  /** Relative to the database where it lies in it. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export async function makeManifest(request: EvaluationRequest, result: SuiteResult): Promise<Manifest> {
  const comparable = comparableResult(result.document)
  const cpus = os.cpus()
  return {
    format,
    created: new Date().toISOString(),
    code: { version, ...(await describeCommit()) },
    environment: {
      node: process.version,
      platform: `${os.platform()} ${os.release()} ${os.arch()}`,
      cpu: cpus[0]?.model.trim() ?? 'unknown',
      cores: cpus.length,
      kernel: chooseKernel(process.env.VITALWIRE_KERNEL).name,
    },
    parametersHash: result.parametersHash,
    parameters: result.parameters ?? null,
    request,
    data: await hashData(request.database, result.files),
    resultHash: hashResult(comparable),
    result: comparable,
  }
}

/** Throws `usage-option` for a file that is none. */
export async function readManifest(file: string): Promise<Manifest> {
  const accepted = 'accepted: the manifest.json of an evaluation (--out)'
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new VitalwireError('usage-option', `--verify ${file} is not readable: ${cause.message}; ${accepted}`, { cause })
  })
  try {
    const manifest = JSON.parse(text) as Partial<Manifest> | null
    if (manifest?.format === format && typeof manifest.request === 'object' && Array.isArray(manifest.data)) return manifest as Manifest
  } catch {
    // Told below: no JSON is no manifest either.
  }
  throw new VitalwireError('usage-option', `--verify ${file} has no manifest of format ${format}; ${accepted}`)
}

/** Times of the machine and where things lie are no part of a result. */
export function comparableResult(document: SuiteDocument): Readonly<Record<string, unknown>> {
  const { database, engine, notice, ...rest } = JSON.parse(JSON.stringify(document)) as Record<string, unknown>
  return withoutCpu(rest) as Record<string, unknown>
}

function withoutCpu(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCpu)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !/^cpu/i.test(key))
      .map(([key, inner]) => [key, withoutCpu(inner)]),
  )
}

export function hashResult(result: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(canonicalJson(result)).digest('hex')
}

async function hashData(database: string, files: readonly string[]): Promise<DataFile[]> {
  const data: DataFile[] = []
  for (const file of [...files].sort()) {
    const inside = path.relative(database, file)
    const name = inside.startsWith('..') || path.isAbsolute(inside) ? file : inside
    data.push({ path: name, bytes: (await stat(file)).size, sha256: await hashFile(file) })
  }
  return data
}

/** Null where the program does not run from a working copy. */
async function describeCommit(): Promise<{ commit: string | null; modified: boolean | null }> {
  const root = await packageRoot()
  const isCopy = await access(path.join(root, '.git')).then(
    () => true,
    () => false,
  )
  if (!isCopy) return { commit: null, modified: null }
  try {
    const run = promisify(execFile)
    const commit = (await run('git', ['-C', root, 'rev-parse', '--short=12', 'HEAD'])).stdout.trim()
    const changes = (await run('git', ['-C', root, 'status', '--porcelain', '--', 'src', 'native'])).stdout
    return { commit, modified: changes.trim() !== '' }
  } catch {
    return { commit: null, modified: null }
  }
}

/** Folder of the package.json above this file. */
async function packageRoot(): Promise<string> {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (folder !== path.dirname(folder)) {
    const here = await access(path.join(folder, 'package.json')).then(
      () => true,
      () => false,
    )
    if (here) return folder
    folder = path.dirname(folder)
  }
  return folder
}
