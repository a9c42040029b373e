import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, readdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { VitalwireError } from '../errors.js'
import { type DatasetManifest, parseManifest } from './dataset-manifest.js'

/** Folder of all datasets: `VITALWIRE_DATASETS`, else `${XDG_CACHE_HOME:-~/.cache}/vitalwire/datasets`. */
export function datasetsRoot(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.VITALWIRE_DATASETS) return env.VITALWIRE_DATASETS
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vitalwire', 'datasets')
}

/** Folder of one set. Throws `dataset-missing`, saying where it was looked for. */
export async function datasetFolder(name: string, root = datasetsRoot()): Promise<string> {
  const folder = join(root, name)
  const found = await stat(folder).catch(() => null)
  if (found?.isDirectory()) return folder
  throw new VitalwireError(
    'dataset-missing',
    `dataset ${name} is not at hand: no folder ${folder}; set VITALWIRE_DATASETS to the folder that holds it`,
  )
}

/** The folder `datasets/` of this package, with the manifests. */
export async function manifestsFolder(): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'datasets')
    const isPackage = await access(join(folder, 'package.json')).then(
      () => true,
      () => false,
    )
    if (isPackage && (await stat(candidate).catch(() => null))?.isDirectory()) return candidate
  }
  throw new VitalwireError('dataset-missing', 'the folder datasets/ with the manifests is not beside this program')
}

/** All manifests, by name. */
export async function listDatasets(folder?: string): Promise<DatasetManifest[]> {
  const manifests = folder ?? (await manifestsFolder())
  const names = (await readdir(manifests, { withFileTypes: true })).filter(entry => entry.isDirectory()).map(entry => entry.name)
  const found: DatasetManifest[] = []
  for (const name of names.sort()) {
    const text = await readFile(join(manifests, name, 'manifest.json'), 'utf8').catch(() => null)
    if (text !== null) found.push(parseManifest(text, join(manifests, name, 'manifest.json')))
  }
  return found
}

/** Throws `dataset-missing` with the names that there are. */
export async function readManifest(name: string, folder?: string): Promise<DatasetManifest> {
  const all = await listDatasets(folder)
  const manifest = all.find(item => item.name === name)
  if (manifest !== undefined) return manifest
  throw new VitalwireError('dataset-missing', `there is no dataset "${name}"; accepted: ${all.map(item => item.name).join(', ')}`)
}

export interface DatasetFault {
  /** Path in the set; `.` when the set as a whole differs. */
  readonly path: string
  readonly fault: 'missing' | 'size' | 'checksum'
  readonly expected: string
  readonly found: string
}

export interface DatasetCheck {
  readonly name: string
  readonly folder: string
  readonly files: number
  readonly bytes: number
  readonly faults: readonly DatasetFault[]
}

/** Compares a set at hand with its manifest, byte for byte. Throws `dataset-missing`. */
export async function checkDataset(name: string, options: { root?: string; manifests?: string } = {}): Promise<DatasetCheck> {
  const manifest = await readManifest(name, options.manifests)
  const folder = await datasetFolder(name, options.root ?? datasetsRoot())
  return manifest.files === null ? checkTree(manifest, folder) : checkFiles(manifest, folder)
}

async function checkFiles(manifest: DatasetManifest, folder: string): Promise<DatasetCheck> {
  const faults: DatasetFault[] = []
  for (const { path, bytes, sha256 } of manifest.files ?? []) {
    const file = join(folder, path)
    const found = await stat(file).catch(() => null)
    if (found === null || !found.isFile()) faults.push({ path, fault: 'missing', expected: `${bytes} bytes`, found: 'no file' })
    else if (found.size !== bytes) faults.push({ path, fault: 'size', expected: `${bytes} bytes`, found: `${found.size} bytes` })
    else {
      const digest = await hashFile(file)
      if (digest !== sha256) faults.push({ path, fault: 'checksum', expected: sha256, found: digest })
    }
  }
  return { name: manifest.name, folder, files: manifest.fileCount, bytes: manifest.bytes, faults }
}

/** A set of many files has one checksum over the checksums of all: SHA-256 of the lines `sha256  path`, sorted by path. */
async function checkTree(manifest: DatasetManifest, folder: string): Promise<DatasetCheck> {
  const paths = await listFiles(folder)
  const tree = createHash('sha256')
  let bytes = 0
  for (const path of paths) {
    tree.update(`${await hashFile(join(folder, path))}  ${path}\n`)
    bytes += (await stat(join(folder, path))).size
  }
  const found = tree.digest('hex')
  const faults: DatasetFault[] = []
  if (paths.length !== manifest.fileCount || bytes !== manifest.bytes) {
    const expected = `${manifest.fileCount} files, ${manifest.bytes} bytes`
    faults.push({ path: '.', fault: 'size', expected, found: `${paths.length} files, ${bytes} bytes` })
  } else if (found !== manifest.treeSha256) faults.push({ path: '.', fault: 'checksum', expected: manifest.treeSha256, found })
  return { name: manifest.name, folder, files: manifest.fileCount, bytes: manifest.bytes, faults }
}

/** Paths of all files below a folder, with `/`, sorted by code point; names that begin with a dot are not part of a set. */
async function listFiles(folder: string): Promise<string[]> {
  const paths: string[] = []
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) await walk(path)
      else if (entry.isFile() && !path.endsWith('.part')) paths.push(path)
    }
  }
  await walk('')
  return paths.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** SHA-256 of a file in hexadecimal, read in pieces. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}
