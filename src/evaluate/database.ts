import { access, constants, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { VitalwireError } from '../errors.js'
import { openRecording } from '../recording/open-recording.js'
import { readAnnotations, type WfdbAnnotation } from '../recording/wfdb-annotation.js'
import { readWfdbHeader } from '../recording/wfdb-plain.js'
import { hertz, type Rate } from '../signal/rate.js'

/** One record of a WFDB database. */
export interface DatabaseRecord {
  readonly name: string
  /** Path without extension. */
  readonly path: string
  /** Frames a second: the rate of its annotations. */
  readonly fs: Rate
  readonly frames: number
}

/** Throws `recording-missing` unless the folder is there and may be read. */
export async function requireDatabase(folder: string): Promise<void> {
  const accepted = 'accepted for --database: a folder of recordings'
  const found = await stat(folder).catch(() => null)
  if (found === null) throw new VitalwireError('recording-missing', `${folder} is not there; ${accepted}`)
  if (!found.isDirectory()) throw new VitalwireError('recording-missing', `${folder} is a file; ${accepted}`)
  await access(folder, constants.R_OK | constants.X_OK).catch((cause: Error) => {
    throw new VitalwireError('recording-missing', `${folder} may not be read; ${accepted}`, { cause })
  })
}

/** Whether a record has a header and reference annotations; its name may have folders in it. */
export async function hasRecord(folder: string, name: string, reference: string): Promise<boolean> {
  const file = path.join(folder, name)
  return (await isThere(`${file}.hea`)) && (await isThere(`${file}.${reference}`))
}

/** Names of all records that have a header and reference annotations, sorted. Throws `recording-missing` when there is none. */
export async function listRecords(folder: string, reference: string): Promise<string[]> {
  await requireDatabase(folder)
  const files = new Set(await readdir(folder))
  const names = [...files].filter(file => file.endsWith('.hea')).map(file => file.slice(0, -4))
  const records = names.filter(name => files.has(`${name}.${reference}`)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  if (records.length > 0) return records
  throw new VitalwireError(
    'recording-missing',
    `${folder} has no record with a header (.hea) and reference annotations (.${reference}); accepted: a folder of WFDB records`,
  )
}

/** Names in a records file, one a line; empty lines and what follows `#` do not count. Throws `usage-option`. */
export async function readRecordsFile(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new VitalwireError(
      'usage-option',
      `--records ${file} is not readable: ${cause.message}; accepted: a file with one record a line`,
      {
        cause,
      },
    )
  })
  const names = text.split('\n').map(line => line.replace(/#.*/, '').trim())
  const records = names.filter(name => name !== '').map(name => name.replace(/\.hea$/, ''))
  if (records.length === 0) throw new VitalwireError('usage-option', `--records ${file} names no record; accepted: one record a line`)
  return [...new Set(records)]
}

/** Signals are looked at only when the header does not give the length. Throws what reading throws. */
export async function findRecord(folder: string, name: string): Promise<DatabaseRecord> {
  const file = path.join(folder, name)
  const { fs, length } = await readWfdbHeader(file)
  if (length !== null) return { name, path: file, fs, frames: length }
  const recording = await openRecording(file)
  await recording.close()
  return { name, path: file, fs, frames: Math.round(recording.durationSeconds * hertz(fs)) }
}

/** Annotations in frames of the record, in the order of the file. Throws `recording-missing` and the like. */
export async function readRecordAnnotations(file: string, fs: Rate): Promise<readonly WfdbAnnotation[]> {
  const { annotations, timeResolution } = await readAnnotations(file)
  if (timeResolution === null || hertz(timeResolution) === hertz(fs)) return annotations
  const scale = hertz(fs) / hertz(timeResolution)
  return annotations.map(annotation => ({ ...annotation, sample: Math.round(annotation.sample * scale) }))
}

/** Files of a record's signals and header that are beside it, and its reference; for the hashes of a manifest. */
export async function recordFiles(record: DatabaseRecord, reference: string): Promise<string[]> {
  const folder = path.dirname(record.path)
  const header = await readWfdbHeader(record.path)
  const signals = header.signals.map(signal => path.join(folder, signal.file))
  const segments = (header.segments ?? []).filter(segment => segment.record !== '~').map(segment => path.join(folder, segment.record))
  const parts = await Promise.all(segments.map(segment => segmentFiles(segment)))
  const files = [`${record.path}.hea`, ...signals, ...parts.flat(), `${record.path}.${reference}`]
  const there = await Promise.all([...new Set(files)].map(async file => ((await isThere(file)) ? file : null)))
  return there.filter(file => file !== null)
}

async function segmentFiles(segment: string): Promise<string[]> {
  const header = await readWfdbHeader(segment).catch(() => null)
  if (header === null) return []
  return [`${segment}.hea`, ...header.signals.map(signal => path.join(path.dirname(segment), signal.file))]
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
