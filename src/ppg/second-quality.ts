import type { QualityReason } from '../signal/observation.js'

/** What one second of one channel looked like, sample by sample; the hard failures of a sensor. */
export interface SecondState {
  samples: number
  missing: number
  sensorOff: number
  motion: number
  saturated: number
  last: number
  run: number
  longestRun: number
  sum: number
  /** Extremes of the channel since it began: where a saturated signal rests. */
  highest: number
  lowest: number
  atHighest: number
  atLowest: number
  /** Smallest change from sample to sample since it began: one step of the converter, where the signal comes from one. */
  step: number
}

export function newSecond(): SecondState {
  return {
    samples: 0,
    missing: 0,
    sensorOff: 0,
    motion: 0,
    saturated: 0,
    last: Number.NaN,
    run: 0,
    longestRun: 0,
    sum: 0,
    highest: Number.NEGATIVE_INFINITY,
    lowest: Number.POSITIVE_INFINITY,
    atHighest: 0,
    atLowest: 0,
    step: Number.POSITIVE_INFINITY,
  }
}

export function addToSecond(s: SecondState, value: number): void {
  s.sum += value
  if (value === s.last) {
    s.run += 1
  } else {
    const change = Math.abs(value - s.last)
    if (change < s.step) s.step = change
    s.run = 1
    s.last = value
  }
  if (s.run > s.longestRun) s.longestRun = s.run
  if (value >= s.highest) {
    s.atHighest = value > s.highest ? 1 : s.atHighest + 1
    s.highest = value
  }
  if (value <= s.lowest) {
    s.atLowest = value < s.lowest ? 1 : s.atLowest + 1
    s.lowest = value
  }
}

/** The next second begins; a run of equal values goes on across the border. */
export function turnSecond(s: SecondState): void {
  s.samples = s.missing = s.sensorOff = s.motion = s.saturated = 0
  s.longestRun = 0
  s.sum = 0
  s.atHighest = s.atLowest = 0
}

/** Hard failure of the second, or null. `fs` in Hz. */
export function hardFailure(s: SecondState, fs: number): QualityReason | null {
  if (s.sensorOff * 2 > s.samples) return 'sensor-off'
  if (s.missing * 2 > s.samples) return 'missing'
  const present = s.samples - s.missing
  if (s.saturated * 5 > present) return 'saturated'
  if (s.longestRun > 0.8 * fs) return 'flat'
  // A fifth of a second on the rail, in one stretch at least in part: a pulse peak rests there for less.
  if (s.longestRun > 0.1 * fs + 2 && (s.atHighest * 5 > present || s.atLowest * 5 > present)) return 'saturated'
  if (s.motion * 5 > present) return 'motion'
  return null
}
