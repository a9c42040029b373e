import type { Interval } from './intervals.js'

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

/** Exact 95 % interval of a proportion (Clopper & Pearson, Biometrika 26 (1934) 404), for outcomes that are independent. null where `whole` is 0. */
export function exactInterval(part: number, whole: number): Interval | null {
  if (whole === 0) return null
  const tail = 0.025
  // P(X >= part) grows with the proportion, P(X <= part) falls.
  return {
    low: part === 0 ? 0 : bisect(share => 1 - atMost(part - 1, whole, share) > tail),
    high: part === whole ? 1 : bisect(share => atMost(part, whole, share) < tail),
  }
}

/** Where `above` turns true between 0 and 1. */
function bisect(above: (share: number) => boolean): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (above(middle)) high = middle
    else low = middle
  }
  return (low + high) / 2
}

/** Probability of at most `k` of `n`. */
function atMost(k: number, n: number, share: number): number {
  let sum = 0
  for (let i = 0; i <= k; i++) sum += Math.exp(logBinomial(n, i) + i * Math.log(share) + (n - i) * Math.log1p(-share))
  return Math.min(1, sum)
}
