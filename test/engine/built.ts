import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const stamp = join(root, 'dist/.test-built')

/**
 * Worker threads and child processes run the compiled program: compiles it when a source is newer. Type errors are not
 * this function's business (the compiler writes its output all the same).
 */
export function ensureBuilt(): void {
  if (isBuilt()) return
  // One at a time: what another test file has loaded half must not be written over by a second compiler.
  const lock = join(root, 'dist/.test-building')
  mkdirSync(join(root, 'dist'), { recursive: true })
  while (!takeLock(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  try {
    if (!isBuilt()) build()
  } finally {
    rmSync(lock, { force: true })
  }
}

function isBuilt(): boolean {
  const builtAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0
  return newest(join(root, 'src')) < builtAt && existsSync(join(root, 'dist/engine/worker.js'))
}

/** A lock whose process is gone is taken over. */
function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    try {
      const pid = Number(readFileSync(lock, 'utf8'))
      if (pid > 0) process.kill(pid, 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(lock, { force: true })
    }
    return false
  }
}

function build(): void {
  const startedAt = new Date()
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const run = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { encoding: 'utf8' })
  if (!existsSync(join(root, 'dist/engine/worker.js'))) throw new Error(`the program cannot be compiled: ${run.stdout}`)
  writeFileSync(stamp, '')
  // What was edited meanwhile is newer than this.
  utimesSync(stamp, startedAt, startedAt)
}

/** URL of a compiled module, e.g. `engine/engine.js`. */
function builtUrl(module: string): string {
  return pathToFileURL(join(root, 'dist', module)).href
}

export async function importBuilt<T>(module: string): Promise<T> {
  ensureBuilt()
  return (await import(/* @vite-ignore */ builtUrl(module))) as T
}

function newest(folder: string): number {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    // The station page is built on its own.
    if (entry.name === 'station') continue
    if (entry.isDirectory()) time = Math.max(time, newest(path))
    else if (entry.name.endsWith('.ts')) time = Math.max(time, statSync(path).mtimeMs)
  }
  return time
}
