import { crc32cOn } from '../signal/crc32c.js'
import type { Kernel } from './kernel.js'
import { checkVarints } from './kernel-checks.js'

/** The bytes of chunks. */
export const referenceBytes: Pick<Kernel, 'crc32c' | 'decodeVarints'> = {
  crc32c: (bytes, seed) => crc32cOn(seed, bytes),

  decodeVarints(bytes, output, count) {
    checkVarints(output, count)
    const { length } = bytes
    let at = 0
    for (let i = 0; i < count; i++) {
      if (at >= length) return -1
      let code = bytes[at++] as number
      if (code > 127) {
        code &= 127
        let byte = 128
        for (let shift = 7; byte > 127; shift += 7) {
          if (at >= length) return -1
          byte = bytes[at++] as number
          if (shift === 28 && byte > 15) return -1
          code |= (byte & 127) << shift
        }
      }
      output[i] = (code >>> 1) ^ -(code & 1)
    }
    return at
  },
}
