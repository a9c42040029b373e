import { cos } from '../../dsp/math.js'
import { workingHz } from './working-signal.js'

const segment = 3 * workingHz
const edge = workingHz / 4
const threshold = 0.2
const taper = Float64Array.from({ length: edge }, (_, i) => 0.5 * (1 - cos((Math.PI * i) / edge)))

/**
 * Threshold crossing sample count (Arafat et al., Signal, Image and Video Processing 5, 2011): the share of the 3 s from `from` on at
 * which the size of the signal, under a cosine taper of 0.25 s at both ends and as a share of its maximum, is above 0.2.
 */
export function thresholdCrossings(x: Float64Array, from: number): number {
  let most = 0
  for (let i = 0; i < segment; i++) {
    const value = weight(i) * Math.abs(x[from + i] as number)
    if (value > most) most = value
  }
  const limit = threshold * most
  let count = 0
  for (let i = 0; i < segment; i++) if (weight(i) * Math.abs(x[from + i] as number) > limit) count++
  return count / segment
}

/** Mean over segments that begin each second of `x`, as far as whole ones fit. */
export function meanThresholdCrossings(x: Float64Array): number {
  let sum = 0
  let count = 0
  for (let from = 0; from + segment <= x.length; from += workingHz) {
    sum += thresholdCrossings(x, from)
    count++
  }
  return sum / count
}

function weight(i: number): number {
  if (i < edge) return taper[i] as number
  return i >= segment - edge ? (taper[segment - 1 - i] as number) : 1
}
