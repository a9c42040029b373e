/**
 * The loops that carry the samples. Plain arrays in and out, so that another implementation (native, WebAssembly) can
 * stand in; the reference kernel is the definition, and every other one must give equal bits.
 *
 * `input` and `output` may be the same array. `length` samples are read from `input[0]` on and written from `output[0]`
 * on. State arrays belong to the caller and carry over from block to block, so the cut does not matter.
 */
export interface Kernel {
  readonly name: KernelName

  /**
   * Cascade of second-order sections, transposed direct form II.
   * @param coefficients five per section: b0 b1 b2 a1 a2 (a0 = 1)
   * @param state two per section
   */
  sosCascade(coefficients: Float64Array, state: Float64Array, input: Float64Array, output: Float64Array, length: number): void

  /**
   * Sum of the last `ring.length` samples (missing ones before the start count as what the ring holds).
   * @param ring the samples in the window; its length is the window
   * @param state [position in the ring, running sum]; the sum is taken anew at each wrap, so rounding never builds up
   */
  movingSum(ring: Float64Array, state: Float64Array, input: Float64Array, output: Float64Array, length: number): void

  /**
   * Difference to the sample `ring.length` earlier.
   * @param ring the last samples; its length is the lag
   * @param state [position in the ring]
   */
  lagDifference(ring: Float64Array, state: Float64Array, input: Float64Array, output: Float64Array, length: number): void
}

export const kernelNames = ['reference', 'wasm', 'native'] as const
export type KernelName = (typeof kernelNames)[number]

/** Throws RangeError for arrays that a kernel cannot work on; every implementation calls it once per block. */
export function checkKernelArrays(input: Float64Array, output: Float64Array, length: number): void {
  if (!Number.isInteger(length) || length < 0 || length > input.length || length > output.length) {
    throw new RangeError(`kernel: length ${length} does not fit arrays of ${input.length} and ${output.length} samples`)
  }
}
