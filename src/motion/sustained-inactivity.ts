import { atan2 } from '../dsp/math.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import type { Vector } from './axes-history.js'

export const inactivityParameters = { epochSeconds: 5, angleDegrees: 5, leastSeconds: 300 } as const

function newState() {
  return {
    sum: [0, 0, 0] as Vector,
    seconds: 0,
    /** Angle of the epoch before, degrees; null: none, or it was missing. */
    angle: null as number | null,
    still: 0,
    /** Of the hour, seconds: of sustained inactivity, and of epochs that were there. */
    inactive: 0,
    known: 0,
  }
}

/**
 * Sustained inactivity by the arm's angle (van Hees et al. 2015, PLoS ONE 10:e0142533): the angle of the third axis against the horizontal,
 * averaged over 5 s, that does not change by more than 5 degrees from one average to the next for 5 min. A stretch
 * counts in the hours that it lies in; the part before an hour's end is left out when it only lasts 5 min in the next.
 */
export class SustainedInactivity {
  readonly #state = newState()

  /** Mean of a usable second, g; null: it was missing. `ends`: the second is the last of an epoch. */
  second(mean: Vector | null, ends: boolean): void {
    const s = this.#state
    if (mean !== null) {
      for (let axis = 0; axis < 3; axis += 1) s.sum[axis]! += mean[axis]!
      s.seconds += 1
    }
    if (ends) this.#epoch()
  }

  /** Sustained inactivity and known time of the hour that ends, in seconds. */
  takeHour(): { inactive: number; known: number } {
    const s = this.#state
    const { inactive, known } = s
    s.inactive = 0
    s.known = 0
    return { inactive, known }
  }

  /** What follows does not join what was. */
  interrupt(): void {
    const { inactive, known } = this.#state
    Object.assign(this.#state, newState(), { inactive, known })
  }

  reset(): void {
    Object.assign(this.#state, newState())
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved)
  }

  #epoch(): void {
    const s = this.#state
    const { epochSeconds, angleDegrees, leastSeconds } = inactivityParameters
    const whole = s.seconds === epochSeconds
    const [x, y, z] = s.sum
    const angle = whole ? (180 / Math.PI) * atan2(z, Math.sqrt(x * x + y * y)) : null
    const before = s.angle
    s.sum = [0, 0, 0]
    s.seconds = 0
    s.angle = angle
    if (angle === null) {
      s.still = 0
      return
    }
    s.known += epochSeconds
    const change = before === null ? Number.POSITIVE_INFINITY : Math.abs(angle - before)
    s.still = change <= angleDegrees ? s.still + epochSeconds : 0
    // The part of the stretch that lies in this hour, as far as it is known.
    if (s.still === leastSeconds) s.inactive += Math.min(leastSeconds, s.known)
    else if (s.still > leastSeconds) s.inactive += epochSeconds
  }
}
