import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { VitalwireError } from '../errors.js'
import { syncFolder } from './sync-folder.js'

/** Writes a small JSON file so that a crash leaves the old or the new one, never half of one. */
export function writeJsonFile(path: string, value: unknown): void {
  try {
    const fd = openSync(`${path}.tmp`, 'w')
    try {
      writeFileSync(fd, JSON.stringify(value, null, 1) + '\n')
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(`${path}.tmp`, path)
    syncFolder(dirname(path))
  } catch (cause) {
    throw new VitalwireError('disk-write', `${path}: ${(cause as Error).message}`, { cause })
  }
}

/** null: the file is not there. Throws `disk-format` when it holds no JSON. */
export function readJsonFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new VitalwireError('disk-format', `${path}: ${(error as Error).message}`, { cause: error })
  }
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new VitalwireError('disk-format', `${path}: holds no JSON`, { cause })
  }
}
