import { closeSync, constants, copyFileSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { VitalwireError } from '../errors.js'
import { fillerType, noPartition, recordHeaderBytes, sealRecord, writeRecordHeader } from './segment-format.js'
import { syncFolder } from './sync-folder.js'

/** A stretch of a segment that cannot be read. The file as it was found is kept in `aside`; empty: it had been cut short. */
export interface Damage {
  readonly file: string
  readonly position: number
  readonly bytes: number
  readonly aside: string
}

/** A line for people. */
export function damageText({ file, position, bytes, aside }: Damage): string {
  if (aside === '') return `${file}: ends at byte ${position}, where it did not: what followed is gone`
  return `${file}: ${bytes} bytes from byte ${position} on could not be read, what stands before and behind them is kept; the file as it was is ${aside}`
}

/**
 * Lays a filler over a damaged stretch, so that everything behind it keeps its place and is read again. The file as it was
 * is copied first, into the folder `quarantine` beside the segments' folder. Throws `disk-write`.
 */
export function fillDamage(path: string, position: number, bytes: number): Damage {
  const aside = quarantine(path, position)
  try {
    copyOnce(path, aside)
    // At a file's end there may be less than a header.
    const filler = Buffer.alloc(Math.max(bytes, recordHeaderBytes))
    writeRecordHeader(filler, 0, noPartition, fillerType, filler.length - recordHeaderBytes)
    sealRecord(filler, 0, 0)
    const handle = openSync(path, 'r+')
    try {
      for (let written = 0; written < filler.length; )
        written += writeSync(handle, filler, written, filler.length - written, position + written)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch (cause) {
    throw new VitalwireError('disk-write', `${path}: cannot be repaired: ${(cause as Error).message}`, { cause })
  }
  return { file: basename(path), position, bytes, aside }
}

/** Two workers may come upon the same damage; the copy of the first shows it. */
function copyOnce(path: string, aside: string): void {
  try {
    copyFileSync(path, aside, constants.COPYFILE_EXCL)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Moves a file of which nothing can be read. Throws `disk-write`. */
export function putAside(path: string, bytes: number): Damage {
  const aside = quarantine(path, 0)
  try {
    renameSync(path, aside)
    syncFolder(dirname(path))
  } catch (cause) {
    throw new VitalwireError('disk-write', `${path}: cannot be moved to ${aside}: ${(cause as Error).message}`, { cause })
  }
  return { file: basename(path), position: 0, bytes, aside }
}

function quarantine(path: string, position: number): string {
  const folder = join(dirname(path), '..', 'quarantine')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${basename(path)}.damaged-${position}`)
}
