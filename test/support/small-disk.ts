import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

function mounts(...args: string[]): boolean {
  return spawnSync('mount', args).status === 0
}

/** A disk of its own in memory, which can be filled up, freed, and made unwritable part by part. */
export class SmallDisk {
  readonly path: string
  readonly #covered: string[] = []

  private constructor(path: string) {
    this.path = path
  }

  /** null where this user may mount nothing. */
  static mount(bytes: number): SmallDisk | null {
    const path = mkdtempSync(join(tmpdir(), 'vitalwire-disk-'))
    if (mounts('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path)) return new SmallDisk(path)
    rmdirSync(path)
    return null
  }

  /** Leaves about `bytes` free. */
  fill(bytes: number): void {
    const handle = openSync(join(this.path, 'filler'), 'w')
    const page = Buffer.alloc(4096, 1)
    try {
      while (writeSync(handle, page) > 0);
    } catch {
      // Full.
    }
    closeSync(handle)
    spawnSync('truncate', ['-s', `-${bytes}`, join(this.path, 'filler')])
  }

  free(): void {
    rmSync(join(this.path, 'filler'))
  }

  /** New files in the folder are refused as on a disk that is mounted read-only; `uncover` takes that back. */
  cover(folder: string): void {
    const path = join(this.path, folder)
    if (!mounts('--bind', path, path) || !mounts('-o', 'remount,bind,ro', path)) throw new Error(`${path} cannot be made read-only`)
    this.#covered.push(path)
  }

  uncover(): void {
    for (const path of this.#covered.splice(0)) spawnSync('umount', [path])
  }

  remove(): void {
    this.uncover()
    spawnSync('umount', ['-l', this.path])
    rmdirSync(this.path)
  }
}
