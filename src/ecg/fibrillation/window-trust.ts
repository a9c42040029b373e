import type { Excess } from './own-size.js'
import { windowSamples } from './working-signal.js'

/** How much of what a window says counts, 0 to 1: for fibrillation and against it. */
export interface Trust {
  readonly for: number
  readonly against: number
}

export const trustDefaults = {
  /** Logarithm of the deviation with drift over that without: from where on a window counts less, and from where on nothing. */
  drift: [0.1, 0.4],
  /** Share of a saturated window that counts. */
  saturated: 0.05,
  /** Complexes steeper or larger than the own ones by these (logarithms) are no ordinary beats: they cannot speak against. */
  steeper: [0.5, 1.2],
  larger: [0.7, 1.4],
  /** Share of any window that counts for fibrillation while it is believed: chest compressions drift as well. */
  least: 0.1,
  /** Mean quality of the lead over the window below which nothing begins, and from which on all counts. */
  quality: [0.15, 0.35],
} as const

/**
 * Artefact says little: a line that drifts, is at the converter's limit or jumps as no complex of this person did. It holds what was
 * believed before, which keeps an episode through compressions and shocks and begins none.
 *
 * @param quality mean quality of the lead over the window; matters only while fibrillation is not believed
 */
export function trustIn(drift: number, saturated: boolean, { steeper, larger }: Excess, believed: boolean, quality: number): Trust {
  const still = falling(drift, trustDefaults.drift) * (saturated ? trustDefaults.saturated : 1)
  const against = still * falling(steeper, trustDefaults.steeper) * falling(larger, trustDefaults.larger)
  if (believed) return { for: Math.max(still, trustDefaults.least), against }
  return { for: still * (1 - falling(quality, trustDefaults.quality)), against }
}

/** 1 up to the first of two limits, 0 from the second on, a straight line between. */
function falling(value: number, [from, to]: readonly [number, number]): number {
  return Math.min(Math.max((to - value) / (to - from), 0), 1)
}

const atLimit = 0.03
const still = 0.004
const shortest = 8
const fewest = 4

/** Whether the line stands still at its top or bottom, for 110 ms at one place or for more than 80 ms at several. */
export function isSaturated(window: Float64Array, { low, high }: { readonly low: number; readonly high: number }): boolean {
  const range = high - low
  if (!(range > 0)) return false
  let run = 0
  let places = 0
  for (let i = 0; i < windowSamples; i++) {
    const value = window[i] as number
    const rests = i === 0 || Math.abs(value - (window[i - 1] as number)) < still * range
    run = rests && (value - low < atLimit * range || high - value < atLimit * range) ? run + 1 : 0
    if (run >= shortest) places++
  }
  return places >= fewest
}
