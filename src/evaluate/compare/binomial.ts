/**
 * Two-sided exact p of `a` against `b` when each of the `a + b` outcomes could have been either (binomial, p = 1/2): the sum of
 * the probabilities of what is at most as likely. 1 when there is none.
 */
export function exactSignTest(a: number, b: number): number {
  const n = a + b
  const least = Math.min(a, b)
  if (n === 0 || 2 * least === n) return 1
  // Terms relative to the largest of them, k = least, so that nothing underflows.
  let term = 1
  let sum = 0
  for (let k = least; k >= 0 && term > 1e-18; k--) {
    sum += term
    term *= k / (n - k + 1)
  }
  return Math.min(1, 2 * sum * Math.exp(logBinomial(n, least) - n * Math.LN2))
}

function logBinomial(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i)
  return sum
}
