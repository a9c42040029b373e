/**
 * Takes out of a pulse wave what follows the acceleration: least squares of the wave on the last `taps` samples of each axis
 * (a finite impulse response from each axis to the light), over the whole of the window, with a ridge that keeps the solution
 * small where the axes move little. It is the Wiener filter of the window, solved anew each second instead of adapted step by
 * step, so nothing of it diverges (Widrow & Stearns, Adaptive Signal Processing, 1985).
 */
export class MotionCanceller {
  readonly #taps: number
  readonly #axes: number
  readonly #ridge: number
  readonly #gram: Float64Array
  readonly #weights: Float64Array

  constructor(options: { axes: number; taps: number; ridge: number }) {
    this.#axes = options.axes
    this.#taps = options.taps
    this.#ridge = options.ridge
    const size = options.axes * options.taps
    this.#gram = new Float64Array(size * size)
    this.#weights = new Float64Array(size)
  }

  /** Writes the wave without what the axes explain to `output`, all of one length; only samples with `present` 1 are learned from. */
  clean(wave: Float64Array, present: Uint8Array, axes: readonly Float64Array[], output: Float64Array): void {
    output.set(wave)
    const taps = this.#taps
    const size = this.#axes * taps
    const gram = this.#gram
    const weights = this.#weights
    let trace = 0
    for (let row = 0; row < size; row += 1) {
      const a = axes[Math.floor(row / taps)]!
      const lag = row % taps
      weights[row] = lagProduct(a, lag, wave, 0, present, taps - 1)
      for (let column = 0; column <= row; column += 1) {
        gram[row * size + column] = lagProduct(a, lag, axes[Math.floor(column / taps)]!, column % taps, present, taps - 1)
      }
      trace += gram[row * size + row]!
    }
    for (let k = 0; k < size; k += 1) gram[k * size + k] = gram[k * size + k]! + (this.#ridge * trace) / size
    // A still device explains nothing.
    if (!(trace > 0) || !factorCholesky(gram, size)) return
    solveCholesky(gram, size, weights)
    for (let row = 0; row < size; row += 1) {
      const axis = axes[Math.floor(row / taps)]!
      const weight = weights[row]!
      const lag = row % taps
      for (let i = lag; i < output.length; i += 1) output[i] = output[i]! - weight * axis[i - lag]!
    }
  }
}

/** Sum over i >= from of a[i - lagA] * b[i - lagB], where present[i]. */
function lagProduct(a: Float64Array, lagA: number, b: Float64Array, lagB: number, present: Uint8Array, from: number): number {
  let sum = 0
  for (let i = from; i < a.length; i += 1) sum += present[i]! * a[i - lagA]! * b[i - lagB]!
  return sum
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
