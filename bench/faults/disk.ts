import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import path from 'node:path'

const sizeMiB = 48
/** Left free of a full disk, so that writes are cut short and not only refused. */
const crumbBytes = 3000

/** Whether this user may mount a file system of a limited size. */
export function canMount(folder: string): boolean {
  const at = path.join(folder, 'mount-probe')
  mkdirSync(at, { recursive: true })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at]).status === 0
  if (mounted) spawnSync('umount', [at])
  rmSync(at, { recursive: true, force: true })
  return mounted
}

export function canLimit(): boolean {
  return spawnSync('prlimit', ['--pid', String(process.pid), '--fsize']).status === 0
}

/** The file system under the data folder: a small tmpfs where that is permitted, else a plain folder. */
export class Disk {
  readonly folder: string
  readonly #mounted: boolean

  constructor(folder: string, mount: boolean) {
    this.folder = folder
    this.#mounted = mount
    mkdirSync(folder, { recursive: true })
    if (mount) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder])
  }

  /** ENOSPC from now on, but for some kilobytes. */
  fill(): void {
    const fd = openSync(this.#ballast, 'w')
    const block = Buffer.alloc(1024 * 1024)
    let size = block.length
    try {
      while (size >= 4096) {
        try {
          if (writeSync(fd, block, 0, size) < size) size = 0
        } catch {
          size >>= 1
        }
      }
    } finally {
      closeSync(fd)
    }
    truncateSync(this.#ballast, Math.max(0, statSync(this.#ballast).size - crumbBytes))
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true })
  }

  /** Only while nobody has a file of it open for writing. */
  setReadOnly(readOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, this.folder])
  }

  remove(): void {
    if (this.#mounted) spawnSync('umount', ['-l', this.folder])
    rmSync(this.folder, { recursive: true, force: true })
  }

  get #ballast(): string {
    return path.join(this.folder, 'ballast')
  }
}

/** No file of the process may grow any more (EFBIG); `unlimited` mends it. */
export function limitFiles(pid: number, limit: '0' | 'unlimited'): void {
  spawnSync('prlimit', ['--pid', String(pid), `--fsize=${limit}:unlimited`])
}
