/**
 * A number with fixed decimals as C's `printf` writes it: what lies exactly between two neighbours goes to the even one
 * (3.125 is 3.12), where `toFixed` goes up.
 */
export function formatFixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals)
  // Halfway is exact in binary only when 2^(decimals + 1) times the value is odd.
  const isHalfway = Math.abs((value * 2 ** (decimals + 1)) % 2) === 1
  const isOdd = Number(text.at(-1)) % 2 === 1
  if (!isHalfway || !isOdd) return text
  return (Number(text) - Math.sign(value) * 10 ** -decimals).toFixed(decimals)
}

/** Percentage of a ratio, `-` where the denominator is 0. */
export function formatPercent(part: number, whole: number, decimals: number): string {
  return whole === 0 ? '-' : formatFixed((100 * part) / whole, decimals)
}
