import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { VitalwireError } from '../errors.js'
import { writeJsonFile } from '../journal/atomic-file.js'
import type { StoredPosition } from './store.js'

/**
 * Position of a store that has no transactions, in a file of its own: replaced as a whole, after the write was checked.
 * Deleting the file fills the database again from the beginning: points have the same timestamps and replace themselves.
 * `target` says which database it speaks of; for another one there is no position yet.
 */
export class PositionFile {
  constructor(
    private readonly file: string,
    private readonly target: string,
  ) {}

  read(): StoredPosition | null {
    let text: string
    try {
      text = readFileSync(this.file, 'utf8')
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw new VitalwireError('disk-format', `${this.file} cannot be read: ${(problem as Error).message}`, { cause: problem })
    }
    try {
      const { version, target, epoch, position } = JSON.parse(text) as { version?: unknown; target?: unknown } & StoredPosition
      if (version === 1 && typeof epoch === 'string' && typeof position === 'string')
        return target === this.target ? { epoch, position } : null
    } catch {
      // said below
    }
    throw new VitalwireError(
      'disk-format',
      `${this.file} is no position of version 1; delete it to fill the database again from the event log`,
    )
  }

  /** Throws `disk-write`, and then the position before stands. */
  write(stored: StoredPosition): void {
    mkdirSync(dirname(this.file), { recursive: true })
    writeJsonFile(this.file, { version: 1, target: this.target, ...stored })
  }
}
