import { windowSeconds } from './working-signal.js'

/** A deviation below this over the last 4 s is a line without activity: fine fibrillation is larger, and asystole is told elsewhere. */
export const quietMillivolts = 0.03

/** Seconds that are looked at: the last half of a window. */
export const quietLineSeconds = windowSeconds / 2

/** Whether the last half of `window` has hardly any activity; without known units only a line that does not move at all. */
export function isQuiet(window: Float64Array, millivolts: boolean): boolean {
  const from = window.length >> 1
  const n = window.length - from
  let sum = 0
  for (let i = from; i < window.length; i++) sum += window[i] as number
  const mean = sum / n
  let squares = 0
  for (let i = from; i < window.length; i++) {
    const d = (window[i] as number) - mean
    squares += d * d
  }
  const limit = millivolts ? quietMillivolts * quietMillivolts : 0
  return squares / n <= limit
}
