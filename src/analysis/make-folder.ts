import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * Makes a folder and what is missing above it, one by one: Node's own recursive `mkdir` never returns below a folder that
 * takes none, such as /proc. Rejects with the system's reason.
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = []
  let at = path.resolve(folder)
  for (; !(await isThere(at)); at = path.dirname(at)) missing.unshift(at)
  for (const part of missing) {
    await mkdir(part).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

async function isThere(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null)
  if (found !== null && !found.isDirectory()) throw new Error(`${folder} is not a folder`)
  return found !== null || folder === path.dirname(folder)
}
