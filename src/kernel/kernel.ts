/**
 * The loops that carry the samples. Plain arrays in and out, so that another implementation (native, WebAssembly) can
 * stand in; the reference kernel is the definition, and every other one must give equal bits.
 *
 * `input` and `output` may be the same array where nothing else is said. `length` samples are read from `input[0]` on and
 * written from `output[0]` on. State arrays belong to the caller and carry over from block to block, so the cut does not
 * matter. Each throws RangeError for arrays that do not fit (`kernel-checks.ts`), before anything is written.
 */
export interface Kernel {
  readonly name: KernelName
  /** In which instructions it runs: `typescript`, `wasm-simd128`, `sse2`, `avx2`, `avx512`. */
  readonly instructions: string

  /**
   * Cascade of second-order sections, transposed direct form II.
   * @param coefficients five per section: b0 b1 b2 a1 a2 (a0 = 1)
   * @param state two per section
   */
  sosCascade(coefficients: Float64Array, state: Float64Array, input: Float64Array, output: Float64Array, length: number): void

  /**
   * The same cascade over `lanes` streams beside each other: sample f of stream l lies at [f * lanes + l].
   * @param state of each section the first value of all lanes, then the second of all lanes: 2 * sections * lanes
   */
  sosCascadeLanes(
    coefficients: Float64Array,
    state: Float64Array,
    input: Float64Array,
    output: Float64Array,
    frames: number,
    lanes: number,
  ): void

  /** Streams one after the other (sample f of stream l at [l * frames + f]) to lanes; `output` is another array. */
  toLanes(input: Float64Array, output: Float64Array, frames: number, lanes: number): void

  /** And back. */
  fromLanes(input: Float64Array, output: Float64Array, frames: number, lanes: number): void

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

  /** The front end of the QRS detector in one pass; the outputs are arrays of their own. */
  ecgFrontEnd(
    design: EcgFrontEnd,
    input: Float64Array,
    slope: Float64Array,
    feature: Float64Array,
    wide: Float64Array,
    length: number,
  ): void

  /** `output[i]`: sum over k of `pattern[k] * input[i + k]`, in the order of k; `input` has `length + pattern.length - 1` samples. */
  correlate(pattern: Float64Array, input: Float64Array, output: Float64Array, length: number): void

  /**
   * Polyphase filter: output m lies at `phase + m * down` on the axis that has `up` points an input sample. Its row of `bank`
   * is that place modulo `up`, its first sample the place over `up`, its sum in the order of the taps.
   */
  resample(design: ResampleDesign, phase: number, input: Float64Array, output: Float64Array, count: number): void

  /** CRC-32C of what `seed` is the CRC of (0: of nothing), followed by `bytes`. */
  crc32c(bytes: Uint8Array, seed: number): number

  /** `count` zig-zag varints into `output`; the bytes that they take, or -1 when they are cut off or one has more than 32 bits. */
  decodeVarints(bytes: Uint8Array, output: Int32Array, count: number): number
}

export interface EcgFrontEnd {
  /** High-pass; low-pass of the slope's band; low-pass of the wide band: one section each, both low-passes behind the high-pass. */
  readonly coefficients: Float64Array
  /** Two for each section, position in `lagRing`, position in `sumRing`, running sum. */
  readonly state: Float64Array
  /** Lag of the slope, and window over which its size is summed. */
  readonly lagRing: Float64Array
  readonly sumRing: Float64Array
  /** The slope is the difference times this, the feature the sum times that. */
  readonly scale: number
  readonly share: number
}

export interface ResampleDesign {
  /** `up` rows of `taps`. */
  readonly bank: Float64Array
  readonly taps: number
  readonly up: number
  readonly down: number
}

export const kernelNames = ['reference', 'wasm', 'native'] as const
export type KernelName = (typeof kernelNames)[number]
