/** A sampling rate as a fraction in Hz; both parts positive integers. There is no default rate anywhere. */
export interface Rate {
  readonly num: number
  readonly den: number
}

/** Hz as a double, for designing filters and turning seconds into samples. */
export function hertz(rate: Rate): number {
  return rate.num / rate.den
}

/** Duration of `samples` in whole microseconds, half away from zero. */
export function samplesToMicros(samples: number, rate: Rate): number {
  return roundHalfAway((samples * 1e6 * rate.den) / rate.num)
}

export function sameRate(a: Rate, b: Rate): boolean {
  return a.num * b.den === b.num * a.den
}

/** Rounds to the nearest integer, halves away from zero (Math.round takes them towards +infinity). */
export function roundHalfAway(value: number): number {
  return value < 0 ? -Math.floor(-value + 0.5) : Math.floor(value + 0.5)
}
