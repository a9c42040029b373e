/**
 * Which way up a channel is. Blood arrives faster than it leaves, so in an upright pulse wave the rises are short and
 * steep and the third moment of the slope is positive; light intensity (less light with more blood) shows the mirror
 * image. The first 4 s window with a clear skew decides at once, later three in a row are needed.
 */
export interface PolarityState {
  sign: number
  square: number
  cube: number
  count: number
  decided: boolean
  against: number
  last: number
}

const clearSkew = 0.2

export function newPolarity(): PolarityState {
  return { sign: 1, square: 0, cube: 0, count: 0, decided: false, against: 0, last: Number.NaN }
}

/** `y` as recorded (band-passed, not yet turned). True when the sign changed with this sample. */
export function stepPolarity(s: PolarityState, y: number, windowSamples: number): boolean {
  if (!Number.isNaN(s.last)) {
    const slope = y - s.last
    s.square += slope * slope
    s.cube += slope * slope * slope
  }
  s.last = y
  s.count += 1
  if (s.count < windowSamples) return false
  const power = s.square / s.count
  const skew = power > 0 ? s.cube / s.count / (power * Math.sqrt(power)) : 0
  s.square = s.cube = s.count = 0
  if (skew * s.sign > clearSkew) {
    s.decided = true
    s.against = 0
    return false
  }
  if (skew * s.sign > -clearSkew) {
    s.against = 0
    return false
  }
  s.against += 1
  if (s.decided && s.against < 3) return false
  s.decided = true
  s.against = 0
  s.sign = -s.sign
  return true
}

export function restartPolarity(s: PolarityState): void {
  s.square = s.cube = s.count = 0
  s.last = Number.NaN
}
