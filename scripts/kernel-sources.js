// What the kernels in C are made of, and the checksum that says from which sources a binary was made. Plain Node.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './ensure-build.js'

export const native = path.join(root, 'native')

/** Of the loops themselves; the addon around them has no part in the WebAssembly module. */
export const kernelSources = ['kernels.h', 'kernels.c']

/** First 16 hexadecimal digits of the SHA-256 of the sources, one after the other. */
export function kernelSourceHash() {
  const hash = createHash('sha256')
  for (const file of kernelSources) hash.update(readFileSync(path.join(native, file)))
  return hash.digest('hex').slice(0, 16)
}
