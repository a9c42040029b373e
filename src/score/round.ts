import { roundHalfAway } from '../signal/rate.js'

/** To the nearest whole number, halves away from zero. */
export function roundWhole(value: number): number {
  return roundHalfAway(value)
}

/**
 * To the nearest tenth, halves away from zero, as a decimal reader rounds: a half that a conversion has left a hair
 * short (from kelvin, 30.65 arrives as 30.649999999999977) still goes up. The 10^-10 of a degree that is added
 * is more than what conversions lose and less than any sensor tells.
 */
export function roundTenth(value: number): number {
  const scaled = value * 10
  return roundHalfAway(scaled + (scaled < 0 ? -1 : 1) * 1e-9) / 10
}
