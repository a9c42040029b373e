/** Bits of `flags`. The first five are those of the wire protocol's chunk header. */
export const sampleFlags = {
  historical: 1,
  leadOff: 2,
  saturated: 4,
  last: 8,
  motion: 16,
  sensorOff: 32,
  /** Short gap bridged for filtering only; nothing may be measured from it. */
  interpolated: 64,
} as const

/**
 * One stretch of a stream, all channels in step, cut anywhere. Values are physical (the stream's unit); NaN marks a
 * missing sample of that channel. `start` is the index of the first sample since boot; samples between the end of the
 * block before and `start` are lost in every channel. The arrays are lent for the duration of `push()`.
 */
export interface StreamBlock {
  readonly start: number
  readonly length: number
  readonly flags: number
  readonly channels: readonly Float64Array[]
  /** Samples since boot at which the device says that a pacing pulse began, ascending; those outside of the block mean nothing. */
  readonly paceMarks?: readonly number[]
}

/** One channel's contiguous, valid samples; what a stage reads. Lent for the duration of `push()`. */
export interface SampleBlock {
  /** Index of samples[0] on the stream's own sample counter. */
  readonly start: number
  /** Samples missing before this block in this channel; 0 when contiguous with the block before. */
  readonly gapBefore: number
  readonly flags: number
  readonly samples: Float64Array
}

/** Beyond this nothing is a measurement, and squares of it still are numbers. */
const largestValue = 1e30

/** Whether a sample is none: NaN, an infinity, or a number that no converter gives. */
export function isMissing(value: number): boolean {
  return !(value > -largestValue && value < largestValue)
}

/** Indices beyond this (thousands of years) are none, and sums of them stay exact. */
const largestIndex = 2 ** 48

/**
 * Refuses what no stream can have said, before a chain takes it: RangeError with what is accepted. `next`: index after the block
 * before; -1: there was none.
 */
export function checkBlock(block: StreamBlock, channels: number, next: number): void {
  const { start, length } = block
  if (!(Number.isInteger(start) && start >= Math.max(0, next) && start <= largestIndex))
    throw new RangeError(`block starts at ${start}; accepted: an integer from ${Math.max(0, next)} to ${largestIndex}`)
  if (!(Number.isInteger(length) && length >= 0)) throw new RangeError(`block has a length of ${length}; accepted: an integer of 0 or more`)
  if (block.channels.length !== channels || block.channels.some(samples => samples.length < length))
    throw new RangeError(`block at ${start} has ${block.channels.length} channels; accepted: ${channels} of at least ${length} samples`)
}
