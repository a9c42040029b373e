import type { Rate } from '../signal/rate.js'

/**
 * Reads a positive decimal number as a fraction, exactly as its text says: `62.4725` is 624725/10000 in lowest terms,
 * never the nearest double. Returns null when it is not a positive decimal or does not fit safe integers.
 */
export function parseRate(text: string): Rate | null {
  const parts = /^\+?(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,2}))?$/i.exec(text)
  if (parts === null || text.length > 40) return null
  const whole = parts[1] ?? ''
  const fraction = parts[2] ?? ''
  if (whole + fraction === '') return null
  const exponent = Number(parts[3] ?? 0) - fraction.length
  const digits = BigInt(whole + fraction)
  return exponent >= 0 ? makeRate(digits * 10n ** BigInt(exponent), 1n) : makeRate(digits, 10n ** BigInt(-exponent))
}

/** `rate` times a positive integer, in lowest terms; null when it does not fit. */
export function multiplyRate(rate: Rate, factor: number): Rate | null {
  return makeRate(BigInt(rate.num) * BigInt(factor), BigInt(rate.den))
}

/** `a` over `b`, in lowest terms; null when it does not fit. */
export function divideRate(a: Rate, b: Rate): Rate | null {
  return makeRate(BigInt(a.num) * BigInt(b.den), BigInt(a.den) * BigInt(b.num))
}

/** The rate of one sample every `nanos` nanoseconds (a whole number). */
export function rateOfNanos(nanos: number): Rate | null {
  if (!Number.isSafeInteger(nanos)) return null
  return makeRate(1_000_000_000n, BigInt(nanos))
}

/** Decimal text of a rate where it has one of at most 12 digits, else the nearest double's. */
export function formatRate(rate: Rate): string {
  return String(Number((rate.num / rate.den).toPrecision(12)))
}

function makeRate(num: bigint, den: bigint): Rate | null {
  if (num <= 0n || den <= 0n) return null
  const divisor = greatestCommonDivisor(num, den)
  const rate = { num: Number(num / divisor), den: Number(den / divisor) }
  return Number.isSafeInteger(rate.num) && Number.isSafeInteger(rate.den) ? rate : null
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b]
  return a
}
