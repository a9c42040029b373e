import type { EdfAnnotation } from '../edf/edf-annotations.js'
import type { ExportTrack } from './export-track.js'

/** A recording to write. */
export interface ExportJob {
  readonly folder: string
  /** Of the files, without extension: letters, digits, `_` and `-`. */
  readonly name: string
  /** At least one. */
  readonly tracks: readonly ExportTrack[]
  /** Of sample 0. */
  readonly startTime: Date | null
  /** Onsets from sample 0. */
  readonly notes: readonly EdfAnnotation[]
  readonly signal?: AbortSignal
  /** Seconds of signal that are written. */
  readonly onProgress?: (seconds: number) => void
}

export interface WrittenSignal {
  /** As the file has it. */
  readonly name: string
  readonly unit: string
  /** Samples of the recording. */
  readonly samples: number
  /** Stretches of missing samples. */
  readonly gaps: number
  /** Largest difference between a value and what is read back, in the unit; 0: none. */
  readonly rounding: number
}

export interface WrittenFile {
  /** Names within the folder. */
  readonly files: readonly string[]
  readonly signals: readonly WrittenSignal[]
  readonly remarks: readonly string[]
}
