import type { Kernel } from './kernel.js'
import { checkPattern, checkResample } from './kernel-checks.js'

/** Sums of products: each in the order of its taps, which is part of the definition. */
export const referenceConvolution: Pick<Kernel, 'correlate' | 'resample'> = {
  correlate(pattern, input, output, length) {
    checkPattern(pattern, input, output, length)
    const taps = pattern.length
    for (let i = 0; i < length; i++) {
      let sum = 0
      for (let k = 0; k < taps; k++) sum += (pattern[k] as number) * (input[i + k] as number)
      output[i] = sum
    }
  },

  resample(design, phase, input, output, count) {
    checkResample(design, phase, input, count, output.length)
    const { bank, taps, up, down } = design
    let at = 0
    let place = phase
    for (let m = 0; m < count; m++) {
      const row = place * taps
      let sum = 0
      for (let k = 0; k < taps; k++) sum += (bank[row + k] as number) * (input[at + k] as number)
      output[m] = sum
      place += down
      while (place >= up) {
        place -= up
        at++
      }
    }
  },
}
