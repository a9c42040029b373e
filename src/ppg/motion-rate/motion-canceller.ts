export interface MotionCancellerOptions {
  readonly axes: number
  /** Samples of each axis that reach the wave. */
  readonly taps: number
  /** Of the mean power of the axes, added to the power of each tap. */
  readonly ridge: number
  /** Samples at the end of the window that are wanted. */
  readonly wanted: number
}

/**
 * Takes out of a pulse wave what follows the acceleration: least squares of the wave on the last `taps` samples of each axis
 * (a finite impulse response from each axis to the light), over the whole of the window, with a ridge that keeps the solution
 * small where the axes move little. It is the Wiener filter of the window, solved anew each second instead of adapted step by
 * step, so nothing of it diverges (Widrow & Stearns, Adaptive Signal Processing, 1985). What it was taught by a strong movement
 * earlier in the window may not hold at its end, so there it is scaled once more, from not at all to wholly.
 */
export class MotionCanceller {
  readonly #options: MotionCancellerOptions
  readonly #factor: Float64Array
  readonly #weights: Float64Array
  readonly #explained: Float64Array
  #axes: readonly Float64Array[] = []
  #axesPresent: Uint8Array = new Uint8Array(0)
  #solvable = false

  constructor(options: MotionCancellerOptions) {
    this.#options = options
    const size = options.axes * options.taps
    this.#factor = new Float64Array(size * size)
    this.#weights = new Float64Array(size)
    this.#explained = new Float64Array(options.wanted)
  }

  /**
   * Takes the axes of the window, 0 where a sample is missing (`present` 0), for the waves that `clean` is given next. `noise`: power
   * of what the axes measure while nothing moves, summed over the window.
   */
  learn(axes: readonly Float64Array[], present: Uint8Array, noise: number): void {
    const { taps, ridge } = this.#options
    const size = this.#weights.length
    const factor = this.#factor
    this.#axes = axes
    this.#axesPresent = present
    for (let a = 0; a < axes.length; a += 1) {
      for (let b = 0; b <= a; b += 1) writeLagProducts(axes[a]!, axes[b]!, taps, factor, size, a * taps, b * taps)
    }
    let trace = 0
    for (let k = 0; k < size; k += 1) trace += factor[k * size + k]!
    for (let k = 0; k < size; k += 1) factor[k * size + k] = factor[k * size + k]! + (ridge * trace) / size + noise
    this.#solvable = trace > 0 && factorCholesky(factor, size)
  }

  /** Writes the last `wanted` samples of the wave without what the axes explain to `output`; a sample whose `present` is 0 is 0. */
  clean(wave: Float64Array, present: Uint8Array, output: Float64Array): void {
    const from = wave.length - this.#options.wanted
    for (let i = 0; i < output.length; i += 1) output[i] = present[from + i]! * wave[from + i]!
    if (!this.#solvable) return
    const explained = this.#explain(wave, present, from)
    let both = 0
    let own = 0
    for (let i = 0; i < output.length; i += 1) {
      both += explained[i]! * output[i]!
      own += explained[i]! * explained[i]!
    }
    const scale = own > 0 ? Math.min(1, Math.max(0, both / own)) : 0
    for (let i = 0; i < output.length; i += 1) output[i] = output[i]! - scale * explained[i]!
  }

  /** What the axes explain of the wave from sample `from` of the window on, where it is present. */
  #explain(wave: Float64Array, present: Uint8Array, from: number): Float64Array {
    const { taps } = this.#options
    const weights = this.#weights
    let known = 0
    let both = 0
    for (let i = taps - 1; i < wave.length; i += 1) {
      known += this.#axesPresent[i]!
      both += this.#axesPresent[i]! & present[i]!
    }
    for (let row = 0; row < weights.length; row += 1) {
      const axis = this.#axes[Math.floor(row / taps)]!
      const lag = row % taps
      let sum = 0
      for (let i = taps - 1; i < wave.length; i += 1) sum += present[i]! * wave[i]! * axis[i - lag]!
      // The axes' own products are sums also over samples that the wave has not.
      weights[row] = both > 0 ? (sum * known) / both : 0
    }
    solveCholesky(this.#factor, weights.length, weights)
    const explained = this.#explained.fill(0)
    for (let row = 0; row < weights.length; row += 1) {
      const axis = this.#axes[Math.floor(row / taps)]!
      const weight = weights[row]!
      const at = from - (row % taps)
      for (let i = 0; i < explained.length; i += 1) explained[i] = explained[i]! + weight * axis[at + i]!
    }
    for (let i = 0; i < explained.length; i += 1) explained[i] = explained[i]! * present[from + i]!
    return explained
  }
}

/**
 * Sums over i >= taps - 1 of a[i - row] * b[i - column] for all rows and columns below `taps`, into `matrix` from (`top`, `left`) on.
 * Each but the first of its row and column follows from its neighbour one up and one to the left: one product comes, one goes.
 */
function writeLagProducts(
  a: Float64Array,
  b: Float64Array,
  taps: number,
  matrix: Float64Array,
  size: number,
  top: number,
  left: number,
): void {
  const first = taps - 1
  const last = a.length - 1
  for (let row = 0; row < taps; row += 1) {
    for (let column = 0; column < taps; column += 1) {
      let sum = 0
      if (row === 0 || column === 0) {
        for (let i = first; i <= last; i += 1) sum += a[i - row]! * b[i - column]!
      } else {
        sum =
          matrix[(top + row - 1) * size + left + column - 1]! +
          a[first - row]! * b[first - column]! -
          a[last - row + 1]! * b[last - column + 1]!
      }
      matrix[(top + row) * size + left + column] = sum
    }
  }
}

/** Lower triangle of a symmetric matrix to its Cholesky factor, in place; false when it is not positive definite. */
function factorCholesky(matrix: Float64Array, size: number): boolean {
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * size + column]!
      for (let k = 0; k < column; k += 1) sum -= matrix[row * size + k]! * matrix[column * size + k]!
      if (row !== column) matrix[row * size + column] = sum / matrix[column * size + column]!
      else if (sum > 0) matrix[row * size + row] = Math.sqrt(sum)
      else return false
    }
  }
  return true
}

/** Solves with the factor, in place. */
function solveCholesky(factor: Float64Array, size: number, x: Float64Array): void {
  for (let row = 0; row < size; row += 1) {
    let sum = x[row]!
    for (let k = 0; k < row; k += 1) sum -= factor[row * size + k]! * x[k]!
    x[row] = sum / factor[row * size + row]!
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = x[row]!
    for (let k = row + 1; k < size; k += 1) sum -= factor[k * size + row]! * x[k]!
    x[row] = sum / factor[row * size + row]!
  }
}
