import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Worker threads and child processes run the compiled program: compiles it when a source is newer. */
export function ensureBuilt(): void {
  const stamp = join(root, 'dist/.tsbuildinfo')
  const builtAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0
  if (newest(join(root, 'src')) < builtAt) return
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'pipe',
  })
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
    if (entry.isDirectory()) time = Math.max(time, newest(path))
    else if (entry.name.endsWith('.ts')) time = Math.max(time, statSync(path).mtimeMs)
  }
  return time
}
