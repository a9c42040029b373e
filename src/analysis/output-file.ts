import { constants } from 'node:fs'
import { access, rename, rm, stat } from 'node:fs/promises'
import { VitalwireError } from '../errors.js'
import { makeFolder } from './make-folder.js'

/** Throws `disk-write` unless files can be written into `folder`; with `make` it is made when it is not there. */
export async function requireWritableFolder(folder: string, options: { readonly make: boolean }): Promise<void> {
  try {
    if (options.make) await makeFolder(folder)
    if (!(await stat(folder)).isDirectory()) throw new Error('it is not a folder')
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw new VitalwireError(
      'disk-write',
      `folder ${folder} cannot be written to: ${(cause as Error).message}; accepted: a writable folder`,
      {
        cause,
      },
    )
  }
}

/**
 * Writes a file whole or not at all: `write` fills a neighbour, which then takes the name. What is there and is no plain
 * file (`/dev/stdout`) is written directly. Throws `disk-write`.
 */
export async function writeWhole(file: string, write: (target: string) => Promise<void>): Promise<void> {
  const there = await stat(file).catch(() => null)
  const direct = there !== null && !there.isFile()
  const target = direct ? file : `${file}.part`
  try {
    await write(target)
    if (!direct) await rename(target, file)
  } catch (cause) {
    if (!direct) await rm(target, { force: true })
    if (cause instanceof VitalwireError) throw cause
    throw new VitalwireError('disk-write', `file ${file} cannot be written: ${(cause as Error).message}`, { cause })
  }
}
