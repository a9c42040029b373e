import { fstatSync, fsyncSync, ftruncateSync, writeFileSync } from 'node:fs'

/**
 * Appends a line to a file that is open for appending, and has it on the disk before it returns. Whole or not at all: what
 * a full disk left of it is cut off again, so that the next line does not begin in the middle of one.
 */
export function appendLine(handle: number, line: string): void {
  const { size } = fstatSync(handle)
  try {
    writeFileSync(handle, `${line}\n`)
    fsyncSync(handle)
  } catch (error) {
    ftruncateSync(handle, size)
    throw error
  }
}
