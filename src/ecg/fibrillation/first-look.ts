import { windowSamples, workingHz } from './working-signal.js'

/** What a window shows at little cost; steepness is |x[i] - x[i - 2]| of the working signal. */
export interface FirstLook {
  /**
   * Mean steepness over the greatest, over stretches of 2 s, mean of the four in the window. Small where steep complexes stand out of a
   * quiet line, as in nearly every second of nearly every person.
   */
  readonly steadiness: number
  /** Mean over the stretches of their greatest steepness, and the greatest of all. */
  readonly steep: number
  readonly steepest: number
  /** Mean over the stretches of their peak to peak, and the greatest of all. */
  readonly size: number
  readonly largest: number
  /** Least and greatest value of the window. */
  readonly low: number
  readonly high: number
}

const stretch = 2 * workingHz

/** `window`: 8 s at 100 Hz. */
export function lookAt(window: Float64Array): FirstLook {
  let steadiness = 0
  let steep = 0
  let steepest = 0
  let size = 0
  let largest = 0
  let lowest = window[0] as number
  let highest = lowest
  for (let from = 0; from < windowSamples; from += stretch) {
    let sum = 0
    let most = 0
    let low = window[from] as number
    let high = low
    for (let i = from + 2; i < from + stretch; i++) {
      const value = window[i] as number
      const slope = Math.abs(value - (window[i - 2] as number))
      sum += slope
      if (slope > most) most = slope
      if (value < low) low = value
      if (value > high) high = value
    }
    steadiness += most > 0 ? sum / most : 0
    steep += most
    size += high - low
    if (most > steepest) steepest = most
    if (high - low > largest) largest = high - low
    if (low < lowest) lowest = low
    if (high > highest) highest = high
  }
  const stretches = windowSamples / stretch
  return {
    steadiness: steadiness / windowSamples,
    steep: steep / stretches,
    steepest,
    size: size / stretches,
    largest,
    low: lowest,
    high: highest,
  }
}
