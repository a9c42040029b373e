import { pointsBefore, qrsSpan, shapeHz, tSpan, wideSpan, windowPoints } from './beat-window.js'

/** Numbers of one beat in one lead, in this order in a flat array. Amplitudes in units of the lead. */
const shapeNames = ['height', 'area', 'polarity', 'slope', 'spread', 'width', 'tLevel', 'tOpposition', 'roughness'] as const
export const shapeCount = shapeNames.length
export const shape = { height: 0, area: 1, polarity: 2, slope: 3, spread: 4, width: 5, tLevel: 6, tOpposition: 7, roughness: 8 } as const

/** Share of the steepest slope that still belongs to the QRS complex. */
const edgeShare = 0.2

/**
 * Measures a window from `at` on into `into`: height of the QRS complex peak to peak; area under its rectified deflection over its
 * height, in ms (a width that needs no edges); polarity from -1 (all down) to 1; steepest slope a point; spread of the slope's
 * energy about its centre, in ms; width between the outermost points with a fifth of the steepest slope, in ms; mean of the
 * T span over the height; the same against the sign of the main deflection; roughness of the signal outside QRS over the height.
 */
export function measureShape(window: Float64Array, at: number, into: Float64Array, to: number): void {
  let high = Number.NEGATIVE_INFINITY
  let low = Number.POSITIVE_INFINITY
  let steepest = 0
  let energy = 0
  let moment = 0
  for (let k = wideSpan.from; k < wideSpan.to; k++) {
    const x = window[at + k] as number
    if (k >= qrsSpan.from && k < qrsSpan.to) {
      if (x > high) high = x
      if (x < low) low = x
    }
    const slope = ((window[at + k + 1] as number) - (window[at + k - 1] as number)) / 2
    const power = slope * slope
    if (power > steepest) steepest = power
    energy += power
    moment += power * k
  }
  const height = high - low
  const centre = energy > 0 ? moment / energy : pointsBefore
  let spread = 0
  let first = wideSpan.to
  let last = wideSpan.from
  let area = 0
  const edge = edgeShare * edgeShare * steepest
  for (let k = wideSpan.from; k < wideSpan.to; k++) {
    const slope = ((window[at + k + 1] as number) - (window[at + k - 1] as number)) / 2
    const power = slope * slope
    spread += power * (k - centre) * (k - centre)
    if (power >= edge) {
      if (k < first) first = k
      last = k
    }
    area += Math.abs(window[at + k] as number)
  }
  let t = 0
  for (let k = tSpan.from; k < tSpan.to; k++) t += window[at + k] as number
  let rough = 0
  let roughCount = 0
  for (let k = 1; k < windowPoints - 1; k++) {
    if (k >= wideSpan.from && k < wideSpan.to) continue
    const bend = (window[at + k - 1] as number) - 2 * (window[at + k] as number) + (window[at + k + 1] as number)
    if (Number.isNaN(bend)) continue
    rough += Math.abs(bend)
    roughCount++
  }
  const scale = height > 0 ? 1 / height : 0
  const tLevel = (t / (tSpan.to - tSpan.from)) * scale
  const milliseconds = 1000 / shapeHz
  into[to + shape.height] = height
  into[to + shape.area] = area * scale * milliseconds
  into[to + shape.polarity] = (high + low) * scale
  into[to + shape.slope] = Math.sqrt(steepest)
  into[to + shape.spread] = energy > 0 ? Math.sqrt(spread / energy) * milliseconds : 0
  into[to + shape.width] = (last - first + 1) * milliseconds
  into[to + shape.tLevel] = tLevel
  into[to + shape.tOpposition] = high + low >= 0 ? tLevel : -tLevel
  into[to + shape.roughness] = roughCount > 0 ? (rough / roughCount) * scale : 0
}

/** Correlation of two stretches of `length` points (-1 to 1); 0 when one is flat, NaN when a point is missing. */
export function correlate(a: Float64Array, atA: number, b: Float64Array, atB: number, length: number): number {
  let sumA = 0
  let sumB = 0
  let ab = 0
  let aa = 0
  let bb = 0
  for (let k = 0; k < length; k++) {
    const x = a[atA + k] as number
    const y = b[atB + k] as number
    sumA += x
    sumB += y
    ab += x * y
    aa += x * x
    bb += y * y
  }
  const power = (aa - (sumA * sumA) / length) * (bb - (sumB * sumB) / length)
  if (Number.isNaN(power)) return Number.NaN
  return power > 0 ? (ab - (sumA * sumB) / length) / Math.sqrt(power) : 0
}
