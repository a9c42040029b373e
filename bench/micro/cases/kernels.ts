// @ts-expect-error fili has no types
import Fili from 'fili'
import { butterworthLowPass } from '../../../src/dsp/butterworth.js'
import { referenceKernel } from '../../../src/kernel/reference-kernel.js'
import type { BenchCase, CaseMaker } from '../bench-case.js'
import { ecgSamples } from '../signals.js'

const fs = 250
const input = ecgSamples(fs, 4)
const length = input.length
const work = { count: length, of: 'sample' }
/** Samples of the moving window: 150 ms. */
const window = Math.round(0.15 * fs)

/** Two sections (fourth order low-pass at 20 Hz) over a second-long blocks, as the chains run them. */
function sosCascade(): BenchCase {
  const sections = butterworthLowPass({ order: 4, cutHz: 20, fsHz: fs })
  const state = new Float64Array(4)
  const output = new Float64Array(length)
  // `order` of fili counts sections. A filter keeps its state, so each call takes a new one, as ours clears its own.
  const biquads = new Fili.CalcCascades().lowpass({ order: 2, characteristic: 'butterworth', Fs: fs, Fc: 20, preGain: false })
  return {
    work,
    expected: directForm(sections, input)[length - 1]!,
    tolerance: 1e-9,
    candidate: {
      name: 'reference kernel sosCascade',
      run() {
        state.fill(0)
        referenceKernel.sosCascade(sections, state, input, output, length)
        return output[length - 1]!
      },
    },
    baseline: {
      name: 'fili 2.0.3 IirFilter.singleStep',
      run() {
        const filter = new Fili.IirFilter(biquads)
        for (let i = 0; i < length; i++) output[i] = filter.singleStep(input[i]!)
        return output[length - 1]!
      },
    },
  }
}

/** Direct form I, the textbook's own formula: what both are held against. */
function directForm(sections: Float64Array, samples: Float64Array): Float64Array {
  let current = samples
  for (let at = 0; at < sections.length; at += 5) {
    const [b0 = 0, b1 = 0, b2 = 0, a1 = 0, a2 = 0] = sections.subarray(at, at + 5)
    const from = current
    const out = new Float64Array(from.length)
    for (let n = 0; n < from.length; n++) {
      out[n] = b0 * from[n]! + b1 * (from[n - 1] ?? 0) + b2 * (from[n - 2] ?? 0) - a1 * (out[n - 1] ?? 0) - a2 * (out[n - 2] ?? 0)
    }
    current = out
  }
  return current
}

function movingSum(): BenchCase {
  const ring = new Float64Array(window)
  const state = new Float64Array(2)
  const output = new Float64Array(length)
  return {
    work,
    expected: input.subarray(length - window).reduce((sum, x) => sum + x, 0),
    tolerance: 1e-9,
    candidate: {
      name: 'reference kernel movingSum',
      run() {
        ring.fill(0)
        state.fill(0)
        referenceKernel.movingSum(ring, state, input, output, length)
        return output[length - 1]!
      },
    },
    baseline: {
      name: `sum of the ${window} samples taken anew`,
      run() {
        for (let i = 0; i < length; i++) {
          let sum = 0
          for (let k = i < window ? 0 : i - window + 1; k <= i; k++) sum += input[k]!
          output[i] = sum
        }
        return output[length - 1]!
      },
    },
  }
}

export const kernelCases: Readonly<Record<string, CaseMaker>> = { 'sos-cascade': sosCascade, 'moving-sum': movingSum }
