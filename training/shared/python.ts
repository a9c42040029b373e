import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository, seen from the compiled code below node_modules/.cache. */
export const repository = path.resolve(fileURLToPath(import.meta.url), '..', '..', '..', '..', '..', '..')

/** Runs a script of the training folder with `VITALWIRE_PYTHON` (default `python3`); its output is shown. Throws when it fails. */
export function runPython(script: string, ...scriptArguments: string[]): void {
  const python = process.env.VITALWIRE_PYTHON ?? 'python3'
  const { status, error } = spawnSync(python, [path.join(repository, 'training', script), ...scriptArguments], {
    stdio: 'inherit',
    env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
  })
  if (error) throw new Error(`${python} cannot be run (${error.message}); name a Python 3.11 or newer in VITALWIRE_PYTHON`)
  if (status !== 0) throw new Error(`${python} training/${script} failed; it needs the packages of training/requirements.txt`)
}
