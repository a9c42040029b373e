/**
 * Solves T x = b for a symmetric positive definite Toeplitz matrix with first row `row` (Levinson 1947; Golub and Van Loan,
 * Matrix Computations, algorithm 4.7.2). False, and `x` is of no use, when the matrix is not positive definite.
 */
export function solveToeplitz(row: Float64Array, b: Float64Array, x: Float64Array): boolean {
  const n = b.length
  const scale = row[0] as number
  if (!(scale > 0)) return false
  const y = new Float64Array(n)
  let alpha = -(row[1] ?? 0) / scale
  let beta = 1
  y[0] = alpha
  x[0] = (b[0] as number) / scale
  for (let k = 1; k < n; k++) {
    beta *= 1 - alpha * alpha
    if (!(beta > 1e-12)) return false
    let mu = (b[k] as number) / scale
    for (let i = 0; i < k; i++) mu -= ((row[i + 1] as number) / scale) * (x[k - 1 - i] as number)
    mu /= beta
    for (let i = 0; i < k; i++) x[i] = (x[i] as number) + mu * (y[k - 1 - i] as number)
    x[k] = mu
    if (k === n - 1) break
    let sum = (row[k + 1] as number) / scale
    for (let i = 0; i < k; i++) sum += ((row[i + 1] as number) / scale) * (y[k - 1 - i] as number)
    alpha = -sum / beta
    for (let i = 0, j = k - 1; i <= j; i++, j--) {
      const left = y[i] as number
      const right = y[j] as number
      y[i] = left + alpha * right
      if (i !== j) y[j] = right + alpha * left
    }
    y[k] = alpha
  }
  return true
}
