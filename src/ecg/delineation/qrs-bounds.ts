import { frameOrigin } from './beat-frame.js'
import { type DelineationParameters, samplesPerMs } from './delineation-parameters.js'

/** Onset and end of the QRS complex in frame samples, with fractions, and its steepest slope at scale 2. */
export interface QrsBounds {
  readonly onset: number
  readonly end: number
  readonly steepest: number
}

/**
 * QRS onset and end as Martinez et al. (2004) find them: from the steepest slope at scale 2 outward to the last significant
 * extreme, then to where the slope falls below a share of that extreme, or turns. Departures: an extreme must follow within
 * `qrsBridge...Ms` of the one before, so that a P wave close by is not taken in; the share has a floor, so that a small last
 * deflection is not followed into noise.
 * @param slope scale 2 of the frame, value k standing at k - 1/2; what is there of it is [from, to)
 */
export function findQrsBounds(slope: Float64Array, from: number, to: number, p: DelineationParameters): QrsBounds | null {
  const around = Math.round(p.qrsCoreMs * samplesPerMs)
  let start = -1
  let steepest = 0
  for (let k = Math.max(from, frameOrigin - around); k <= Math.min(to - 1, frameOrigin + around); k++) {
    const size = Math.abs(slope[k] as number)
    if (size > steepest) {
      steepest = size
      start = k
    }
  }
  if (start < 0) return null
  const first = Math.max(from, frameOrigin - Math.round(p.qrsLongestBeforeMs * samplesPerMs))
  const last = Math.min(to - 1, frameOrigin + Math.round(p.qrsLongestAfterMs * samplesPerMs))
  const outerBefore = outermost(slope, start, p.qrsBefore * steepest, -1, first, last, p.qrsBridgeBeforeMs * samplesPerMs)
  const outerAfter = outermost(slope, start, p.qrsAfter * steepest, 1, first, last, p.qrsBridgeAfterMs * samplesPerMs)
  const onset = edge(slope, outerBefore, p.qrsOnsetShare, p.qrsOnsetFloor * steepest, -1, first, last)
  const end = edge(slope, outerAfter, p.qrsEndShare, p.qrsEndFloor * steepest, 1, first, last)
  return { onset: onset + p.qrsOnsetShiftMs * samplesPerMs, end: end + p.qrsEndShiftMs * samplesPerMs, steepest }
}

/** The last significant extreme outward, each within `bridge` of the one before. */
function outermost(
  slope: Float64Array,
  start: number,
  significant: number,
  step: 1 | -1,
  first: number,
  last: number,
  bridge: number,
): number {
  let outer = start
  for (let k = start + step; k > first && k < last && Math.abs(k - outer) <= bridge; k += step) {
    const size = Math.abs(slope[k] as number)
    if (size < significant) continue
    if (size >= Math.abs(slope[k - 1] as number) && size >= Math.abs(slope[k + 1] as number)) outer = k
  }
  return outer
}

function edge(slope: Float64Array, outer: number, share: number, floor: number, step: 1 | -1, first: number, last: number): number {
  const level = Math.max(share * Math.abs(slope[outer] as number), floor)
  let k = outer
  while (k + step >= first && k + step <= last) {
    const here = Math.abs(slope[k] as number)
    const next = Math.abs(slope[k + step] as number)
    if (next < level || (next > here && here < 2 * level)) {
      const part = here > next && here > level ? (here - level) / (here - next) : 0
      return k - 0.5 + step * Math.min(1, part)
    }
    k += step
  }
  return k - 0.5
}
