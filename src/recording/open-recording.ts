import { stat } from 'node:fs/promises'
import { VitalwireError } from '../errors.js'
import { openCsvRecording } from './csv-recording.js'
import { openEdfRecording } from './edf/edf-recording.js'
import { isEmpaticaFolder, openEmpaticaFolder } from './empatica-folder.js'
import type { Recording } from './recording.js'
import { openSessionRecording } from './session-recording.js'
import { openWfdbRecording } from './wfdb-recording.js'

/**
 * Opens a recording by its path: `NAME.recording.json`, `NAME.csv`, `NAME.edf` or `.bdf`, the folder of an Empatica E4 session, or a WFDB record without extension (`NAME.hea` is
 * taken as well). Throws `recording-missing`, `recording-short`, `recording-format` or `dataset-missing`.
 */
export async function openRecording(path: string): Promise<Recording> {
  if (path.endsWith('.recording.json')) return openSessionRecording(path)
  if (/\.csv$/i.test(path)) return openCsvRecording(path)
  if (/\.(edf|bdf|rec)$/i.test(path)) return openEdfRecording(path)
  if (/\.(json|mat|dat|txt)$/i.test(path)) {
    throw new VitalwireError(
      'recording-format',
      `${path} is not a recording that can be read; accepted: a WFDB record without extension, NAME.csv, NAME.edf, NAME.bdf, NAME.recording.json (which takes MATLAB files and tables of text), the folder of an Empatica E4 session`,
    )
  }
  if (await isEmpaticaFolder(path)) return openEmpaticaFolder(path)
  if (await isOtherFolder(path)) {
    throw new VitalwireError(
      'recording-missing',
      `${path} is a folder and no recording; accepted: a WFDB record in it without extension, NAME.csv, NAME.edf, NAME.bdf, NAME.recording.json, or the folder of an Empatica E4 session`,
    )
  }
  return openWfdbRecording(path.endsWith('.hea') ? path.slice(0, -4) : path)
}

/** A folder that no record stands beside: `100` may be a record and a folder. */
async function isOtherFolder(path: string): Promise<boolean> {
  const [folder, header] = await Promise.all([path, `${path}.hea`].map(each => stat(each).catch(() => null)))
  return folder?.isDirectory() === true && header === null
}
