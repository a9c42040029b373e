import type { Rate } from '../signal/rate.js'

/**
 * Index of the first sample at or after second `second` of the stream's own sample counter. What a chain says once a
 * second it says over [secondStart(k), secondStart(k + 1)): the grid belongs to the stream, not to the blocks, so it is
 * the same however the stream is cut.
 */
export function secondStart(second: number, fs: Rate): number {
  return Math.ceil((second * fs.num) / fs.den)
}

/** The second that sample `index` lies in. */
export function secondOf(index: number, fs: Rate): number {
  let second = Math.floor((index * fs.den) / fs.num)
  while (secondStart(second + 1, fs) <= index) second += 1
  while (secondStart(second, fs) > index) second -= 1
  return second
}
