import { VitalwireError } from '../errors.js'

/** What the project knows of a public set of recordings; the recordings themselves are never part of it. */
export interface DatasetManifest {
  readonly name: string
  readonly title: string
  readonly origin: 'open' | 'synthetic' | 'anonymised'
  readonly publisher: string
  /** Page of the publisher; null where the set has none of its own. */
  readonly url: string | null
  /** Where the publisher serves the files one by one, under their paths; null: the set is cut or arranged from the published one. */
  readonly filesUrl: string | null
  /** How the files here come from the published ones. */
  readonly selection: string
  readonly citation: string
  readonly licence: { readonly name: string; readonly redistribute: boolean }
  /** Rates in Hz by what they are of. */
  readonly fs: Readonly<Record<string, number>>
  /** UCUM units by what they are of. */
  readonly units: Readonly<Record<string, string>>
  /** What the reference is and what its marks mean. */
  readonly annotations: string
  readonly fileCount: number
  readonly bytes: number
  /** SHA-256 of the lines `sha256  path`, sorted by path. */
  readonly treeSha256: string
  /** Files one by one; null for sets of 300 files or more. */
  readonly files: readonly DatasetFile[] | null
}

export interface DatasetFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

const texts = ['name', 'title', 'publisher', 'selection', 'citation', 'annotations', 'treeSha256'] as const

/** Reads a manifest; files stand in it as `[path, bytes, sha256]`. Throws `recording-format`. */
export function parseManifest(text: string, where: string): DatasetManifest {
  const refuse = (what: string): never => {
    throw new VitalwireError('recording-format', `manifest ${where} ${what}; accepted: the form that datasets/README.md describes`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('is not JSON')
  }
  if (typeof value !== 'object' || value === null) return refuse('is not an object')
  const fields = value as Record<string, unknown>
  for (const key of texts) if (typeof fields[key] !== 'string') refuse(`lacks the text "${key}"`)
  for (const key of ['fileCount', 'bytes']) if (!Number.isSafeInteger(fields[key])) refuse(`lacks the number "${key}"`)
  if (!['open', 'synthetic', 'anonymised'].includes(String(fields.origin))) refuse('has an origin other than open, synthetic, anonymised')
  for (const key of ['url', 'filesUrl'])
    if (fields[key] !== null && !/^https?:\/\//.test(String(fields[key]))) refuse(`has a wrong "${key}"`)
  const { files } = fields
  if (files !== null && !Array.isArray(files)) return refuse('has no list "files"')
  const rows = files === null ? null : files.map((row: unknown) => readFileRow(row) ?? refuse('has a wrong row in "files"'))
  return { ...(fields as unknown as DatasetManifest), files: rows }
}

function readFileRow(row: unknown): DatasetFile | null {
  if (!Array.isArray(row)) return null
  const [path, bytes, sha256] = row as unknown[]
  if (typeof path !== 'string' || !isInside(path) || typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return null
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? { path, bytes, sha256 } : null
}

/** A path that stays in the folder that it is joined to. */
function isInside(path: string): boolean {
  return (
    path !== '' &&
    !path.includes('\\') &&
    !path.includes('\0') &&
    path.split('/').every(part => part !== '' && part !== '.' && part !== '..')
  )
}
