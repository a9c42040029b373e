import type { Kernel } from './kernel.js'
import { checkBlock, checkCascade, checkLag, checkMovingSum } from './kernel-checks.js'
import { referenceBytes } from './reference-bytes.js'
import { referenceConvolution } from './reference-convolution.js'
import { referenceEcg } from './reference-ecg.js'
import { referenceLanes } from './reference-lanes.js'

/** The definition of every kernel: plain loops, float64 state, + - * only, in this order of operations. */
export const referenceKernel: Kernel = {
  name: 'reference',
  instructions: 'typescript',
  ...referenceLanes,
  ...referenceEcg,
  ...referenceConvolution,
  ...referenceBytes,

  sosCascade(coefficients, state, input, output, length) {
    checkBlock(length, input, output)
    const sections = checkCascade(coefficients, state)
    let source = input
    let section = 0
    // Two sections at a time: a section waits for its own last sample, and meanwhile the other one goes on.
    for (; section + 1 < sections; section += 2) {
      const at = 5 * section
      const b0 = coefficients[at] as number
      const b1 = coefficients[at + 1] as number
      const b2 = coefficients[at + 2] as number
      const a1 = coefficients[at + 3] as number
      const a2 = coefficients[at + 4] as number
      const d0 = coefficients[at + 5] as number
      const d1 = coefficients[at + 6] as number
      const d2 = coefficients[at + 7] as number
      const c1 = coefficients[at + 8] as number
      const c2 = coefficients[at + 9] as number
      let z1 = state[2 * section] as number
      let z2 = state[2 * section + 1] as number
      let w1 = state[2 * section + 2] as number
      let w2 = state[2 * section + 3] as number
      for (let i = 0; i < length; i++) {
        const x = source[i] as number
        const y = b0 * x + z1
        z1 = b1 * x - a1 * y + z2
        z2 = b2 * x - a2 * y
        const v = d0 * y + w1
        w1 = d1 * y - c1 * v + w2
        w2 = d2 * y - c2 * v
        output[i] = v
      }
      state[2 * section] = z1
      state[2 * section + 1] = z2
      state[2 * section + 2] = w1
      state[2 * section + 3] = w2
      source = output
    }
    for (; section < sections; section++) {
      const at = 5 * section
      const b0 = coefficients[at] as number
      const b1 = coefficients[at + 1] as number
      const b2 = coefficients[at + 2] as number
      const a1 = coefficients[at + 3] as number
      const a2 = coefficients[at + 4] as number
      let z1 = state[2 * section] as number
      let z2 = state[2 * section + 1] as number
      for (let i = 0; i < length; i++) {
        const x = source[i] as number
        const y = b0 * x + z1
        z1 = b1 * x - a1 * y + z2
        z2 = b2 * x - a2 * y
        output[i] = y
      }
      state[2 * section] = z1
      state[2 * section + 1] = z2
      source = output
    }
    if (sections === 0 && input !== output) output.set(input.subarray(0, length))
  },

  movingSum(ring, state, input, output, length) {
    checkBlock(length, input, output)
    checkMovingSum(ring, state)
    const window = ring.length
    let at = state[0] as number
    let sum = state[1] as number
    for (let i = 0; i < length; i++) {
      const x = input[i] as number
      sum += x - (ring[at] as number)
      ring[at] = x
      at++
      if (at === window) {
        at = 0
        sum = 0
        for (let k = 0; k < window; k++) sum += ring[k] as number
      }
      output[i] = sum
    }
    state[0] = at
    state[1] = sum
  },

  lagDifference(ring, state, input, output, length) {
    checkBlock(length, input, output)
    checkLag(ring, state)
    const lag = ring.length
    let at = state[0] as number
    for (let i = 0; i < length; i++) {
      const x = input[i] as number
      output[i] = x - (ring[at] as number)
      ring[at] = x
      at = at + 1 === lag ? 0 : at + 1
    }
    state[0] = at
  },
}
