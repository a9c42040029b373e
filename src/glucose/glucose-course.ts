import { exp } from '../dsp/math.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

export const glucoseCourseParameters = {
  /** The rate of change is the slope of the line through the readings of this time. */
  slopeSeconds: 630,
  leastReadings: 3,
  /** A reading so long after the one before begins anew. */
  longestGapSeconds: 930,
  predictedSeconds: 1200,
  /** How fast a rate is forgotten (docs/algorithms/glucose-course.md). */
  dampingSeconds: 630,
} as const

const leastGlucose = 10

export interface GlucoseOutlook {
  /** mg/dL a minute. */
  readonly rate: number
  /** mg/dL in 20 min. */
  readonly predicted: number
}

/** Value in `seconds`, from a value in mg/dL and a rate in mg/dL a minute that fades with the time constant. */
export function predictGlucose(value: number, rate: number, seconds: number): number {
  const { dampingSeconds } = glucoseCourseParameters
  return value + (rate / 60) * dampingSeconds * (1 - exp(-seconds / dampingSeconds))
}

/**
 * Rate of change and outlook of one sensor, reading by reading: a line by least squares through the newest readings, continued with
 * a damped trend (E. S. Gardner and E. McKenzie, Management Science 31 (1985) 1237).
 */
export class GlucoseCourse {
  readonly #state = { times: [] as number[], values: [] as number[] }

  /** `time` in seconds, rising; `value` in mg/dL. Null until three readings lie close enough. */
  push(time: number, value: number): GlucoseOutlook | null {
    const { times, values } = this.#state
    const before = times[times.length - 1]
    if (before !== undefined && time <= before) return null
    const { slopeSeconds, leastReadings, longestGapSeconds, predictedSeconds } = glucoseCourseParameters
    if (before !== undefined && time - before > longestGapSeconds) times.length = values.length = 0
    times.push(time)
    values.push(value)
    while ((times[0] as number) < time - slopeSeconds) {
      times.shift()
      values.shift()
    }
    if (times.length < leastReadings) return null
    const rate = slopeOf(times, values) * 60
    // A sensor shows no less, however steep the fall.
    return { rate, predicted: Math.max(leastGlucose, predictGlucose(value, rate, predictedSeconds)) }
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }
}

function slopeOf(times: readonly number[], values: readonly number[]): number {
  const count = times.length
  const middle = times.reduce((sum, time) => sum + time, 0) / count
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  let product = 0
  let squares = 0
  for (let i = 0; i < count; i += 1) {
    const t = (times[i] as number) - middle
    product += t * ((values[i] as number) - mean)
    squares += t * t
  }
  return product / squares
}
