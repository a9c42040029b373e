import { roundHalfAway } from '../signal/rate.js'

/** To the nearest whole number, halves away from zero. */
export function roundWhole(value: number): number {
  return roundHalfAway(value)
}

/**
 * To the nearest tenth, halves away from zero, as a decimal reader rounds: 36.05 is stored as a double just below the
 * half and times ten gives 360.49999999999994; a part in 10^11 makes up for that and for nothing that a sensor can tell.
 */
export function roundTenth(value: number): number {
  const scaled = value * 10
  return roundHalfAway(scaled + (scaled < 0 ? -1 : 1) * 1e-9) / 10
}
