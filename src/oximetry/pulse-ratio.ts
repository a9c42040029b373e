/** Powers of red and infrared and their product: [red red, red infrared, infrared infrared]. */
export type Powers = readonly [rr: number, ri: number, ii: number]

export interface PulseRatio {
  /** Red over infrared of the pulsatile part; NaN when there is none to take. */
  r: number
  /** Standard deviation that one degree of freedom of the pulse would give R. */
  spread: number
  /** Power of the best combination of red and infrared at the pulse over its power beside it: how far a pulse stands out. */
  contrast: number
}

/**
 * The ratio of the part of red and infrared that is at the pulse, in the presence of what is beside it. `pulse` and `rest`
 * are mean powers by degree of freedom at the harmonics of the heart rate and off them.
 *
 * The combination of the two channels whose power at the pulse stands out most from its power beside it is the first
 * generalised eigenvector u of (pulse, rest): what moves both channels in a fixed ratio (movement of venous blood) is
 * cancelled in it, without that ratio being known. What goes along with it at the pulse, `pulse * u`, has the ratio of the
 * arteries. This is the beamformer of largest signal-to-noise ratio (Van Trees, Optimum Array Processing, 2002, 6.2) with
 * two sensors. The result object is given back.
 */
export function measurePulseRatio(pulse: Powers, rest: Powers, result: PulseRatio): PulseRatio {
  const [a, b, c] = pulse
  const [p, q, s] = rest
  result.r = Number.NaN
  result.spread = Number.POSITIVE_INFINITY
  result.contrast = 0
  const square = p * s - q * q
  if (!(square > 0)) return result
  const linear = -(a * s + c * p - 2 * b * q)
  const discriminant = linear * linear - 4 * square * (a * c - b * b)
  const contrast = (-linear + Math.sqrt(Math.max(discriminant, 0))) / (2 * square)
  // Of the two rows of pulse - contrast * rest, the longer one is safe to divide by.
  const d0 = a - contrast * p
  const d1 = b - contrast * q
  const d2 = c - contrast * s
  const first = d0 * d0 + d1 * d1 >= d1 * d1 + d2 * d2
  const u0 = first ? -d1 : d2
  const u1 = first ? d0 : -d1
  const red = a * u0 + b * u1
  const infrared = b * u0 + c * u1
  if (infrared === 0) return result
  const r = red / infrared
  // What is left of red less R times infrared, beside the pulse and at it: the larger of the two errs.
  const beside = p - 2 * r * q + r * r * s
  const within = a - 2 * r * b + r * r * c
  result.r = r
  result.contrast = contrast
  result.spread = Math.sqrt((Math.max(beside, within, 0) * (u0 * red + u1 * infrared)) / (infrared * infrared))
  return result
}
