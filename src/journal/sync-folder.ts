import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Has the folder's list of names on the disk: a file that was made or renamed in it may else be gone after a loss of power. */
export function syncFolder(dir: string): void {
  const handle = openSync(dir, 'r')
  try {
    fsyncSync(handle)
  } catch (error) {
    // Some file systems keep folders in another way and refuse this.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error
  } finally {
    closeSync(handle)
  }
}
