import { type DelineationParameters, samplesPerMs } from './delineation-parameters.js'
import { findExtremes, footOf, zeroCrossing } from './slope-extremes.js'

export interface PWave {
  readonly onset: number
  readonly peak: number
  readonly end: number
  /** Slope (scale 3) of the weaker of its two flanks at its steepest. */
  readonly steepness: number
}

/** Where to look, in frame samples. */
export interface PWindow {
  readonly from: number
  /** The QRS onset. */
  readonly to: number
  readonly usual: number
  /** Where that of the same average was before; -1: not known. */
  readonly before: number
}

const sameWithin = 8
/** The onset may lie so far before the window in which the flanks are looked for, frame samples. */
export const onsetBefore = 10

/**
 * P wave. In the slopes of scale 3 the pair of neighbouring extremes whose weaker one is strongest is its two flanks (a T
 * wave that runs into the window has only one), believed less the further it lies from where P waves use to be. Onset and
 * end are where the slope outside the flanks falls below a share of theirs. Whether there is a P wave at all is not told
 * here but from beat to beat (`pLikeness`).
 */
export function findPWave(slope: Float64Array, window: PWindow, p: DelineationParameters): PWave | null {
  const { from, to, usual, before } = window
  const extremes = findExtremes(slope, from, to)
  const size = (i: number): number => Math.abs(slope[extremes[i] as number] as number)
  let best = -1
  let bestStrength = 0
  for (let i = 0; i + 1 < extremes.length; i++) {
    const first = extremes[i] as number
    const second = extremes[i + 1] as number
    if (first <= from || second >= to - 1 || second - first > p.pLongestFlanksMs * samplesPerMs) continue
    const middle = (first + second) / 2
    const off = (middle - usual) / (p.pPlaceWidthMs * samplesPerMs)
    const known = before >= 0 && Math.abs(middle - before) < sameWithin ? p.sameWave : 1
    const strength = (Math.min(size(i), size(i + 1)) / (1 + off * off)) * known
    if (strength <= bestStrength) continue
    bestStrength = strength
    best = i
  }
  if (best < 0) return null
  const steepness = Math.min(size(best), size(best + 1))
  let first = extremes[best] as number
  let last = extremes[best + 1] as number
  const peak = zeroCrossing(slope, first, last)
  // A biphasic wave has a third flank, before or after.
  const earlier = extremes[best - 1]
  const later = extremes[best + 2]
  const reach = p.pBiphasicMs * samplesPerMs
  const enough = p.pBiphasicShare * steepness
  if (earlier !== undefined && earlier > from && size(best - 1) >= enough && first - earlier <= reach) first = earlier
  if (later !== undefined && later < to - 1 && size(best + 2) >= enough && later - last <= reach) last = later
  const onset = footOf(slope, first, -1, Math.max(1, from - onsetBefore), p.pOnsetShare) - 0.5
  const end = footOf(slope, last, 1, to, p.pEndShare) - 0.5
  return {
    onset: onset + p.pOnsetShiftMs * samplesPerMs,
    peak: peak - 0.5,
    end: Math.min(to - 0.5, end + p.pEndShiftMs * samplesPerMs),
    steepness,
  }
}
