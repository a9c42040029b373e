/**
 * Decides what a gap of one channel means to its filters. Up to `maxSamples` missing samples are bridged by a straight
 * line, for filtering only; more than that, and the filters start anew: nothing is measured across.
 */
export interface GapBridgeState {
  missing: number
  last: number
  started: boolean
}

export function newGapBridge(): GapBridgeState {
  return { missing: 0, last: 0, started: false }
}

/** What comes before the valid sample that ends a gap: `restart`, or that many bridged samples (0 when contiguous). */
export const restart = -1

export function samplesToBridge(state: GapBridgeState, maxSamples: number): number {
  if (!state.started || state.missing > maxSamples) return restart
  return state.missing
}

/** Value `step` (1 to `missing`) of the line between the last valid sample and `next`. */
export function bridged(state: GapBridgeState, next: number, step: number): number {
  return state.last + ((next - state.last) * step) / (state.missing + 1)
}
