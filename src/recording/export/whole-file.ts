import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { VitalwireError } from '../../errors.js'

/** Writes a file whole or not at all: a neighbour is filled and then takes the name. Throws `disk-write`. */
export async function writeWholeFile(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const part = `${path}.part`
  try {
    const file = await open(part, 'w')
    try {
      await fill(file)
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (cause) {
    await rm(part, { force: true })
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause
    throw new VitalwireError('disk-write', `${path} cannot be written: ${cause.message}; accepted: a writable folder with room`, { cause })
  }
}
