/**
 * Which way up a channel is. Blood arrives faster than it leaves, so in an upright pulse wave the rises are short and
 * steep and the third moment of the slope is positive; light intensity (less light with more blood) shows the mirror
 * image. Each 4 s window with a clear skew is a vote. The first decides; later the channel is turned when the votes of
 * about the last half minute speak against it: a moving hand makes a few wrong votes, seldom so many, and a channel that
 * was decided wrongly has few to be outvoted.
 */
export interface PolarityState {
  sign: number
  square: number
  cube: number
  count: number
  decided: boolean
  /** Votes for the sign less those against it, from `-turnVotes` to `mostVotes`. */
  votes: number
  last: number
}

const clearSkew = 0.2
const mostVotes = 8
const turnVotes = 3

export function newPolarity(): PolarityState {
  return { sign: 1, square: 0, cube: 0, count: 0, decided: false, votes: 0, last: Number.NaN }
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
  if (Math.abs(skew) <= clearSkew) return false
  if (skew * s.sign > 0) {
    s.decided = true
    s.votes = Math.min(s.votes + 1, mostVotes)
    return false
  }
  s.votes -= 1
  if (s.decided && s.votes > -turnVotes) return false
  s.decided = true
  s.votes = -s.votes
  s.sign = -s.sign
  return true
}

export function restartPolarity(s: PolarityState): void {
  s.square = s.cube = s.count = 0
  s.last = Number.NaN
}
