import { existsSync } from 'node:fs'
import path from 'node:path'
import { datasetsRoot } from '../../src/recording/datasets.js'

/** Whether a set of real recordings is at hand; tests that need it are skipped by its name where it is not. */
export function hasDataset(name: string): boolean {
  return existsSync(path.join(datasetsRoot(), name))
}

export function datasetPath(...parts: string[]): string {
  return path.join(datasetsRoot(), ...parts)
}
