import type { Kernel } from './kernel.js'
import {
  checkBlock,
  checkCascade,
  checkFrontEnd,
  checkLanes,
  checkMovingSum,
  checkPattern,
  checkResample,
  checkTranspose,
  checkVarints,
} from './kernel-checks.js'
import type { NativeAddon } from './native-addon.js'
import { referenceKernel } from './reference-kernel.js'

/**
 * Handing arrays to the addon costs about 130 ns. From here on (samples, sections times samples, products, bytes, numbers) that is won
 * back; below, and for a single section, which waits for its own last sample in any language, the reference does the work: it
 * gives the same bits.
 */
const worthTheCall = { cascade: 256, lanes: 64, movingSum: 96, frontEnd: 96, products: 512, crc: 128, varints: 64 } as const

/** The kernels of the addon behind the checks of the reference. */
export function createNativeKernel(addon: NativeAddon): Kernel {
  return {
    ...referenceKernel,
    name: 'native',
    instructions: addon.isas()[0] as string,

    sosCascade(coefficients, state, input, output, length) {
      if (coefficients.length < 10 || length * coefficients.length < 5 * worthTheCall.cascade) {
        referenceKernel.sosCascade(coefficients, state, input, output, length)
        return
      }
      checkBlock(length, input, output)
      checkCascade(coefficients, state)
      addon.sosCascade(coefficients, state, input, output, length)
    },

    sosCascadeLanes(coefficients, state, input, output, frames, lanes) {
      checkLanes(frames, lanes, input, output)
      checkCascade(coefficients, state, lanes)
      if (frames * lanes * coefficients.length < 5 * worthTheCall.lanes) {
        referenceKernel.sosCascadeLanes(coefficients, state, input, output, frames, lanes)
      } else addon.sosCascadeLanes(coefficients, state, input, output, frames, lanes)
    },

    toLanes(input, output, frames, lanes) {
      checkTranspose(frames, lanes, input, output)
      addon.toLanes(input, output, frames, lanes)
    },

    fromLanes(input, output, frames, lanes) {
      checkTranspose(frames, lanes, input, output)
      addon.fromLanes(input, output, frames, lanes)
    },

    movingSum(ring, state, input, output, length) {
      if (length < worthTheCall.movingSum) {
        referenceKernel.movingSum(ring, state, input, output, length)
        return
      }
      checkBlock(length, input, output)
      checkMovingSum(ring, state)
      addon.movingSum(ring, state, input, output, length)
    },

    ecgFrontEnd(design, input, slope, feature, wide, length) {
      if (length < worthTheCall.frontEnd) {
        referenceKernel.ecgFrontEnd(design, input, slope, feature, wide, length)
        return
      }
      checkFrontEnd(design)
      for (const output of [slope, feature, wide]) checkBlock(length, input, output)
      const { coefficients, state, lagRing, sumRing, scale, share } = design
      addon.ecgFrontEnd(coefficients, state, lagRing, sumRing, scale, share, input, slope, feature, wide, length)
    },

    correlate(pattern, input, output, length) {
      checkPattern(pattern, input, output, length)
      if (length * pattern.length < worthTheCall.products) referenceKernel.correlate(pattern, input, output, length)
      else addon.correlate(pattern, input, output, length)
    },

    resample(design, phase, input, output, count) {
      checkResample(design, phase, input, count, output.length)
      const { bank, taps, up, down } = design
      if (count * taps < worthTheCall.products) referenceKernel.resample(design, phase, input, output, count)
      else addon.resample(bank, taps, up, down, phase, input, output, count)
    },

    crc32c: (bytes, seed) => (bytes.length < worthTheCall.crc ? referenceKernel.crc32c(bytes, seed) : addon.crc32c(bytes, seed)),

    decodeVarints(bytes, output, count) {
      checkVarints(output, count)
      if (count < worthTheCall.varints) return referenceKernel.decodeVarints(bytes, output, count)
      return addon.decodeVarints(bytes, output, count)
    },
  }
}
