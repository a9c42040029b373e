import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { datasetsRoot } from '../../src/recording/datasets.js'

/** Path in a dataset; null when the set is not at hand (a test then skips and names it). */
export function datasetPath(set: string, ...parts: string[]): string | null {
  const folder = join(datasetsRoot(), set)
  return existsSync(folder) ? join(folder, ...parts) : null
}
