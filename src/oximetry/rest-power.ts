import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'

export const restParameters = {
  /** Movement: power above that of rest by this factor; rest is the least power of a certain pulse, doubled in so many seconds. */
  mostMovement: 2.5,
  restDoubling: 120,
  /** The same while the pulse makes up most of the power (its share), in good light. */
  restDoublingQuiet: 15,
  quietShare: 0.6,
  /** A pulse that has grown is no movement: as large a share at the known rate (within so many steps of its grid), */
  grownReach: 6,
  /** with the known ratio within `grownRatio` for `grownSeconds`, or a lower one that stays within it for `steadySeconds` (venous blood has the higher). */
  grownRatio: 0.1,
  grownSeconds: 4,
  steadySeconds: 20,
  /** A faster rhythm with this much of its share is what it is a fraction of. */
  fractionShare: 0.8,
} as const

/**
 * Infrared power of a window while only the pulse is in it, to hold movement against. It is learned from certain pulses
 * alone: a dark, flat or pulseless window says nothing of rest. A pulse that grew (a cuff let go, warmth) sets it anew.
 */
export class RestPower {
  readonly #least: number
  readonly #state = { power: Number.POSITIVE_INFINITY, quiet: false, rate: -1, r: 0, agreeing: 0, steady: 0, least: 0, most: 0 }

  /** `least`: power of the weakest pulse that counts. */
  constructor(least: number) {
    this.#least = least
  }

  /** Infinity: not known. */
  get power(): number {
    return this.#state.power
  }

  /** Step of the rate grid where the last certain pulse was; -1: none yet. */
  get rate(): number {
    return this.#state.rate
  }

  /** A second on. */
  age(): void {
    const s = this.#state
    s.power *= 1 + Math.LN2 / (s.quiet ? restParameters.restDoublingQuiet : restParameters.restDoubling)
  }

  isMovement(power: number): boolean {
    return power >= restParameters.mostMovement * this.#state.power
  }

  /** A second without movement whose pulse is certain and above the perfusion gate. */
  learn(power: number, rate: number, r: number, share: number): void {
    const s = this.#state
    s.power = Math.min(s.power, Math.max(this.#least, power))
    s.quiet = share >= restParameters.quietShare
    s.rate = rate
    s.r = r
    s.agreeing = s.steady = 0
  }

  /** A second without movement, without such a pulse. */
  pass(): void {
    this.#state.quiet = false
    this.#state.agreeing = this.#state.steady = 0
  }

  /** A second with the power of movement, of which `share` is at the known rate with the ratio `r`. True: it was a pulse that grew. */
  recognise(power: number, r: number, share: number): boolean {
    const p = restParameters
    const s = this.#state
    s.quiet = false
    if (!(share >= p.quietShare && r > 0 && r <= s.r + p.grownRatio)) {
      s.agreeing = s.steady = 0
      return false
    }
    s.agreeing = Math.abs(r - s.r) <= p.grownRatio ? s.agreeing + 1 : 0
    s.least = s.steady === 0 ? r : Math.min(s.least, r)
    s.most = s.steady === 0 ? r : Math.max(s.most, r)
    if (s.most - s.least <= p.grownRatio) s.steady += 1
    else {
      s.steady = 1
      s.least = s.most = r
    }
    if (s.agreeing < p.grownSeconds && s.steady < p.steadySeconds) return false
    s.power = Math.max(this.#least, power)
    s.agreeing = s.steady = 0
    return true
  }

  forget(): void {
    Object.assign(this.#state, { power: Number.POSITIVE_INFINITY, quiet: false, rate: -1, r: 0, agreeing: 0, steady: 0, least: 0, most: 0 })
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(saved: StageState): void {
    restoreState(this.#state, saved as object)
  }
}
