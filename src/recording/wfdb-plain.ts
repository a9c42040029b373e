import { dirname, isAbsolute, join } from 'node:path'
import { VitalwireError } from '../errors.js'
import { type FilePool, readSmallFile } from './file-pool.js'
import { parseWfdbHeader, type WfdbHeader } from './wfdb-header.js'
import { WfdbSignalFile } from './wfdb-signal-file.js'

/** A plain WFDB record, or one segment: a header and the signal files that it names. */
export class WfdbPlainRecord {
  private constructor(
    readonly header: WfdbHeader,
    /** Frames. */
    readonly frames: number,
    readonly files: readonly WfdbSignalFile[],
    /** For each signal its file and its place there. */
    readonly places: readonly { readonly file: WfdbSignalFile; readonly place: number }[],
  ) {}

  /** `frames` is what a multi-segment header says of this segment. */
  static async open(path: string, header: WfdbHeader, pool: FilePool, frames: number | null = null): Promise<WfdbPlainRecord> {
    const groups = new Map<string, number[]>()
    for (const [index, spec] of header.signals.entries()) {
      const group = groups.get(spec.file)
      if (group === undefined) groups.set(spec.file, [index])
      else group.push(index)
    }
    let length = header.length ?? frames
    const files: WfdbSignalFile[] = []
    const places: { file: WfdbSignalFile; place: number }[] = []
    for (const [name, indexes] of groups) {
      const specs = indexes.flatMap(index => header.signals[index] ?? [])
      const file = await WfdbSignalFile.open(resolveInside(dirname(path), name), specs, length, pool)
      length ??= file.frames
      files.push(file)
      for (const [place, index] of indexes.entries()) places[index] = { file, place }
    }
    return new WfdbPlainRecord(header, length ?? 0, files, places)
  }

  /** Samples as stored, of signals with equal samples a frame; see `Recording.readDigital`. */
  async readDigital(signals: readonly number[], from: number, length: number): Promise<Int32Array[]> {
    const out: Int32Array[] = []
    for (const file of this.files) {
      const here = signals.flatMap((signal, at) => {
        const where = this.places[signal]
        return where?.file === file ? [{ at, place: where.place }] : []
      })
      if (here.length === 0) continue
      const read = await file.read(
        here.map(item => item.place),
        from,
        length,
      )
      for (const [i, item] of here.entries()) out[item.at] = read[i] ?? new Int32Array(0)
    }
    return out
  }
}

const maxHeaderBytes = 16 * 1024 * 1024

export async function readWfdbHeader(path: string): Promise<WfdbHeader> {
  const file = `${path}.hea`
  const bytes = await readSmallFile(file, 'the header of a WFDB record, named by its path without extension', maxHeaderBytes)
  return parseWfdbHeader(decodeText(bytes), file)
}

/** UTF-8, or Latin-1 where that is not valid: older headers write units such as degrees in it. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1')
  }
}

/** Path of a file that a header names; it must lie in the header's folder or below. */
export function resolveInside(folder: string, name: string): string {
  if (isAbsolute(name) || name.includes('\0') || name.split(/[\\/]/).includes('..')) {
    throw new VitalwireError(
      'recording-format',
      `a header in ${folder} names the file "${name.slice(0, 60)}"; accepted: a name in the folder of the header or below`,
    )
  }
  return join(folder, name)
}
