import { frameOrigin } from './beat-frame.js'
import { type DelineationParameters, samplesPerMs } from './delineation-parameters.js'
import { findExtremes, footOf, zeroCrossing } from './slope-extremes.js'

export interface TWave {
  readonly peak: number
  readonly end: number
  /** Mean slope (scale 4) of its two flanks at their steepest. */
  readonly steepness: number
}

/** Where to look, in frame samples. */
export interface TWindow {
  readonly from: number
  /** Flanks lie before this. */
  readonly to: number
  readonly endLimit: number
  /** Where T waves use to peak at this rate. */
  readonly usual: number
  /** Where that of the same average was before; -1: not known. */
  readonly before: number
}

/** A wave within so many frame samples of its place before is the same wave. */
const sameWithin = 10

/**
 * T wave. In the slopes of scale 4 two neighbouring extremes of opposite sign are the flanks of a wave, whatever its
 * polarity. Of all such pairs in the window the strongest is the T wave, believed less the further it lies from where T waves
 * use to be; the zero crossing between its flanks is its peak. The T end is where the slope after the last flank falls below
 * a share of that flank's (Martinez et al. 2004). Tried and not taken, for larger scatter against QTDB's cardiologist: the
 * trapezium area of Vazquez-Seisdedos (2011), and the mean of both.
 */
export function findTWave(slope: Float64Array, window: TWindow, p: DelineationParameters): TWave | null {
  const { from, to, before, usual, endLimit } = window
  const extremes = findExtremes(slope, from, to)
  const size = (i: number): number => Math.abs(slope[extremes[i] as number] as number)
  const width = p.tPlaceWidth * (usual - frameOrigin)
  let best = -1
  let bestStrength = 0
  for (let i = 0; i + 1 < extremes.length; i++) {
    const first = extremes[i] as number
    const second = extremes[i + 1] as number
    // At the edge of the window a slope is no extreme: it is the end of what lies outside.
    if (first <= from || second >= to - 1) continue
    const middle = (first + second) / 2
    const off = (middle - usual) / width
    const bell = 1 / (1 + off * off)
    const pair = p.tPairWeight * Math.min(size(i), size(i + 1)) + (1 - p.tPairWeight) * Math.max(size(i), size(i + 1))
    const known = before >= 0 && Math.abs(middle - before) < sameWithin ? p.sameWave : 1
    const strength = pair * bell * bell * known
    if (strength <= bestStrength) continue
    bestStrength = strength
    best = i
  }
  if (best < 0) return singleFlank(slope, extremes, window, p)
  const steepness = (size(best) + size(best + 1)) / 2
  let flank = extremes[best + 1] as number
  // A biphasic wave ends with its third flank.
  const third = extremes[best + 2]
  if (third !== undefined && third < to - 1 && size(best + 2) >= p.tBiphasicShare * steepness) {
    if (third - flank <= p.tBiphasicMs * samplesPerMs) flank = third
  }
  const peak = zeroCrossing(slope, extremes[best] as number, extremes[best + 1] as number)
  return { peak: peak - 0.5, end: endAfter(slope, flank, endLimit, p), steepness }
}

/** No pair inside the window: the steepest flank alone, with the peak where it begins. */
function singleFlank(slope: Float64Array, extremes: readonly number[], window: TWindow, p: DelineationParameters): TWave | null {
  const { from, to } = window
  let flank = -1
  for (const k of extremes) if (flank < 0 || Math.abs(slope[k] as number) > Math.abs(slope[flank] as number)) flank = k
  if (flank <= from || flank >= to - 1) return null
  const sign = (slope[flank] as number) < 0 ? -1 : 1
  let start = flank
  while (start > from && sign * (slope[start - 1] as number) > 0) start--
  return { peak: start - 0.5, end: endAfter(slope, flank, window.endLimit, p), steepness: Math.abs(slope[flank] as number) / 2 }
}

function endAfter(slope: Float64Array, flank: number, limit: number, p: DelineationParameters): number {
  return footOf(slope, flank, 1, limit, p.tEndShare) - 0.5 + p.tEndShiftMs * samplesPerMs
}
