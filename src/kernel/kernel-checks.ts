import type { EcgFrontEnd, ResampleDesign } from './kernel.js'

/** RangeError for arrays that a kernel cannot work on; every implementation calls these once per block, before it writes. */
export function checkBlock(length: number, input: Float64Array, output: Float64Array): void {
  if (!isCount(length) || length > input.length || length > output.length) {
    throw new RangeError(`kernel: length ${length} does not fit arrays of ${input.length} and ${output.length} samples`)
  }
}

/** Returns the number of sections. */
export function checkCascade(coefficients: Float64Array, state: Float64Array, lanes = 1): number {
  const sections = coefficients.length / 5
  if (!Number.isInteger(sections) || state.length !== 2 * sections * lanes) {
    throw new RangeError(`kernel: ${coefficients.length} coefficients need a state of ${2 * sections * lanes}, not ${state.length}`)
  }
  return sections
}

export function checkLanes(frames: number, lanes: number, input: Float64Array, output: Float64Array): void {
  if (!isCount(lanes) || lanes === 0 || !isCount(frames)) throw new RangeError(`kernel: ${frames} frames of ${lanes} lanes are no block`)
  checkBlock(frames * lanes, input, output)
}

export function checkTranspose(frames: number, lanes: number, input: Float64Array, output: Float64Array): void {
  checkLanes(frames, lanes, input, output)
  if (input.buffer === output.buffer) throw new RangeError('kernel: lanes are turned into another array')
}

export function checkMovingSum(ring: Float64Array, state: Float64Array): void {
  if (ring.length === 0 || state.length !== 2 || !isPlace(state[0] as number, ring)) {
    throw new RangeError('kernel: a moving sum needs a window and a state of 2, the first a place in it')
  }
}

export function checkLag(ring: Float64Array, state: Float64Array): void {
  if (ring.length === 0 || state.length !== 1 || !isPlace(state[0] as number, ring)) {
    throw new RangeError('kernel: a lag difference needs a lag and a state of 1, a place in it')
  }
}

export function checkFrontEnd({ coefficients, state, lagRing, sumRing }: EcgFrontEnd): void {
  const places = isPlace(state[6] as number, lagRing) && isPlace(state[7] as number, sumRing)
  if (coefficients.length !== 15 || state.length !== 9 || !places) {
    throw new RangeError('kernel: the front end needs 3 sections, a state of 9, a lag and a window with places in them')
  }
}

export function checkPattern(pattern: Float64Array, input: Float64Array, output: Float64Array, length: number): void {
  checkBlock(length, input, output)
  if (length > 0 && (pattern.length === 0 || input.length < length + pattern.length - 1 || input.buffer === output.buffer)) {
    throw new RangeError(`kernel: ${length} places of a pattern of ${pattern.length} do not fit ${input.length} samples in another array`)
  }
}

export function checkResample(
  { bank, taps, up, down }: ResampleDesign,
  phase: number,
  input: Float64Array,
  count: number,
  room: number,
): void {
  const whole = [taps, up, down].every(value => isCount(value) && value > 0) && isCount(phase) && phase < up
  if (!whole || bank.length !== up * taps) throw new RangeError(`kernel: a bank of ${bank.length} is not ${up} rows of ${taps}`)
  const needed = count === 0 ? 0 : Math.floor((phase + (count - 1) * down) / up) + taps
  if (!isCount(count) || count > room || needed > input.length) {
    throw new RangeError(`kernel: ${count} outputs need ${needed} samples and as much room, there are ${input.length} and ${room}`)
  }
}

export function checkVarints(output: Int32Array, count: number): void {
  if (!isCount(count) || count > output.length) throw new RangeError(`kernel: ${count} numbers do not fit into ${output.length}`)
}

/** Far below what 32 bits count in bytes. */
const most = 2 ** 26

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most
}

function isPlace(value: number, ring: Float64Array): boolean {
  return isCount(value) && value < ring.length
}
