import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { appendLine } from '../journal/append-line.js'

/**
 * Lines that a database refused for good (a field of another type, a name that it does not take): kept by name in a
 * file of JSON lines `{line, reason}`, so that they can be looked at and sent again, and do not hold up what follows.
 */
export class DeadLetters {
  private handle: number | null = null

  constructor(readonly file: string) {}

  keep(line: string, reason: string): void {
    if (this.handle === null) {
      mkdirSync(dirname(this.file), { recursive: true })
      this.handle = openSync(this.file, 'a')
    }
    appendLine(this.handle, JSON.stringify({ line, reason }))
  }

  close(): void {
    if (this.handle !== null) closeSync(this.handle)
    this.handle = null
  }
}
