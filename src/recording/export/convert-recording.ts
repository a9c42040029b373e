import { VitalwireError } from '../../errors.js'
import { hertz } from '../../signal/rate.js'
import type { EdfAnnotation } from '../edf/edf-annotations.js'
import type { Recording, SignalInfo } from '../recording.js'
import { type ExportWindow, layTracks } from './export-track.js'
import { writeEdf } from './write-edf.js'
import type { WrittenFile } from './write-job.js'
import { writeWfdb } from './write-wfdb.js'

export const exportFormats = ['wfdb', 'edf', 'bdf'] as const
export type ExportFormat = (typeof exportFormats)[number]

export interface ConvertRequest {
  readonly recording: Recording
  /** Those to write. */
  readonly signals: readonly SignalInfo[]
  readonly window: ExportWindow
  readonly format: ExportFormat
  readonly folder: string
  /** Names that were written already, which a further recording must not take. */
  readonly taken?: Set<string>
  readonly signal?: AbortSignal
  readonly onProgress?: (seconds: number) => void
}

export interface ConvertedRecord extends WrittenFile {
  readonly format: ExportFormat
  readonly durationSeconds: number
  /** Of the first sample, UTC as far as the recording says. */
  readonly startTime: string | null
}

/**
 * Writes a recording, or a part of it, into `folder` under its own name. Numerics have no place in signal files: a remark says
 * so. Throws `recording-format`, `disk-write`, and what reading throws.
 */
export async function convertRecording(request: ConvertRequest): Promise<ConvertedRecord> {
  const { recording, window, format, taken, signals } = request
  const name = recording.name.replace(/[^A-Za-z0-9_-]/g, '_') || 'recording'
  const tracks = layTracks(recording, signals, window)
  if (tracks.length === 0 || tracks.every(track => track.length === 0))
    throw new VitalwireError(
      'recording-format',
      `${recording.name} has no samples to write in this part; accepted: a recording with signals`,
    )
  if (taken?.has(name))
    throw new VitalwireError('usage-option', `two recordings are named ${name}; accepted: recordings of different names, or --out for each`)
  taken?.add(name)
  const from = window.from ?? 0
  const startTime = recording.startTime === null ? null : new Date(recording.startTime.getTime() + Math.round(from * 1000))
  const durationSeconds = Math.max(...tracks.map(track => track.length / hertz(track.fs)))
  const notes = notesOf(recording)
    .map(note => ({ ...note, onset: note.onset - from }))
    .filter(({ onset }) => (window.from === undefined || onset >= 0) && (window.to === undefined || onset < window.to - from))
  const job = {
    folder: request.folder,
    name,
    tracks,
    startTime,
    notes,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(request.onProgress === undefined ? {} : { onProgress: request.onProgress }),
  }
  const written = format === 'wfdb' ? await writeWfdb(job) : await writeEdf(job, format)
  const remarks = [...written.remarks]
  if ((recording.numerics ?? []).length > 0)
    remarks.push(`${recording.numerics!.length} series of numbers are left out: the format has signals only`)
  return { format, durationSeconds, startTime: startTime?.toISOString() ?? null, ...written, remarks }
}

/** Annotations of recordings that have them in the file itself. */
function notesOf(recording: Recording): readonly EdfAnnotation[] {
  return 'annotations' in recording ? (recording.annotations as readonly EdfAnnotation[]) : []
}
