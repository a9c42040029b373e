import { atan2 } from '../dsp/math.js'
import type { Vector } from './axes-history.js'

/** Angle between two vectors in degrees, 0 to 180; 0 when one has no length. */
export function angleBetween(a: Vector, b: Vector): number {
  const cross: Vector = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
  const across = Math.sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2])
  const along = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
  return (180 / Math.PI) * atan2(across, along)
}
