import type { Kernel } from './kernel.js'
import { checkCascade, checkLanes, checkTranspose } from './kernel-checks.js'

/** Streams beside each other, one after the other: per lane the order of operations of `sosCascade`. */
export const referenceLanes: Pick<Kernel, 'sosCascadeLanes' | 'toLanes' | 'fromLanes'> = {
  sosCascadeLanes(coefficients, state, input, output, frames, lanes) {
    checkLanes(frames, lanes, input, output)
    const sections = checkCascade(coefficients, state, lanes)
    const end = frames * lanes
    let source = input
    for (let section = 0; section < sections; section++) {
      const [b0, b1, b2, a1, a2] = coefficients.subarray(5 * section, 5 * section + 5) as unknown as [
        number,
        number,
        number,
        number,
        number,
      ]
      for (let lane = 0; lane < lanes; lane++) {
        const at = 2 * section * lanes + lane
        let z1 = state[at] as number
        let z2 = state[at + lanes] as number
        for (let i = lane; i < end; i += lanes) {
          const x = source[i] as number
          const y = b0 * x + z1
          z1 = b1 * x - a1 * y + z2
          z2 = b2 * x - a2 * y
          output[i] = y
        }
        state[at] = z1
        state[at + lanes] = z2
      }
      source = output
    }
    if (sections === 0 && input !== output) output.set(input.subarray(0, end))
  },

  toLanes(input, output, frames, lanes) {
    checkTranspose(frames, lanes, input, output)
    for (let lane = 0; lane < lanes; lane++) {
      for (let f = 0; f < frames; f++) output[f * lanes + lane] = input[lane * frames + f] as number
    }
  },

  fromLanes(input, output, frames, lanes) {
    checkTranspose(frames, lanes, input, output)
    for (let lane = 0; lane < lanes; lane++) {
      for (let f = 0; f < frames; f++) output[lane * frames + f] = input[f * lanes + lane] as number
    }
  },
}
