import { copyState, restoreState } from '../dsp/state.js'
import { ofSameCuff, pressureNames } from '../signal/cuff-pressure.js'
import type { NumericSample } from '../signal/numeric.js'
import type { StageState } from '../signal/stage.js'
import { type PressureVerdict, pressureVerdict } from './pressure-check.js'

/** Fluid comes and goes by less than this in a day, and by less than the other with each further day (choice of this project). */
const weightJump = { firstDayKg: 4, dayKg: 1, mostKg: 15 } as const
const dayMicros = 86_400e6
/** No device measures more pressures at one moment; what goes beyond is judged as a moment of its own. */
const mostAtOnce = 32

/** A value that is settled: nothing that comes later changes what is thought of it. */
export interface SettledSpot {
  readonly sample: NumericSample
  /** Patient time, microseconds. */
  readonly t: number
  /** Why it is doubtful; null: nothing speaks against it. */
  readonly doubt: string | null
  /** The pressures of its moment cannot be of one measurement: it counts as not sent. */
  readonly refused: boolean
}

interface Weight {
  /** Patient time, microseconds. */
  readonly t: number
  readonly value: number
}

interface SpotState {
  /** The last weight that was believed. */
  weight: Weight | null
  /** The one after it, where it is in doubt. */
  jumped: Weight | null
  /** Patient time of the pressures under way; null: none. */
  moment: number | null
  /** Pressures of that moment, in the order in which they came; `settled` of them have been handed on. */
  pressures: NumericSample[]
  settled: number
  refused: boolean
}

/**
 * Holds values of one device's numbers against each other. Pressures of one cuff and moment are judged together however they arrive, and so are
 * held until the moment is over: anything of a later time has come, the device says that everything before a later time has been sent,
 * or its numbers end or fall silent. Then each goes on with what came, alone if it came alone; one that follows even after that is judged
 * with those before it, which stay as they were. All other values go on at once. `weight-jump`: a weight far from
 * the last one that was believed. It is believed when one about the same comes next (the person has changed, or the scale), and what comes
 * after a slip is believed when it fits what was before the slip.
 */
export class SpotCheck {
  #state: SpotState = { weight: null, jumped: null, moment: null, pressures: [], settled: 0, refused: false }

  /** Takes a value of patient time `t`; what is settled by it, in order. */
  take(sample: NumericSample, t: number): SettledSpot[] {
    const settled = this.#leave(t)
    if (!pressureNames.includes(sample.name)) {
      return [...settled, { sample, t, doubt: this.#doubtOf(sample, t), refused: false }]
    }
    if (this.#state.pressures.length >= mostAtOnce) settled.push(...this.#forget())
    this.#state.moment = t
    this.#state.pressures.push(sample)
    return settled
  }

  /** Pressures of patient time `t` were refused before they came here: the others of that moment are, too. */
  refuse(t: number): SettledSpot[] {
    const settled = this.#leave(t)
    this.#state.moment = t
    this.#state.refused = true
    return settled
  }

  /** Everything before patient time `t` has come. */
  upTo(t: number): SettledSpot[] {
    const { moment } = this.#state
    return moment !== null && moment < t ? this.#forget() : []
  }

  /** Nothing comes for now: what is held goes on. */
  settle(): SettledSpot[] {
    const s = this.#state
    const held = s.pressures.slice(s.settled)
    if (s.moment === null || held.length === 0) return []
    const t = s.moment
    s.settled = s.pressures.length
    return held.map(sample => {
      const verdict: PressureVerdict = s.refused ? 'wrong-order' : pressureVerdict(ofSameCuff(s.pressures, sample))
      const refused = verdict === 'wrong-order'
      return { sample, t, doubt: refused ? 'pressure-order' : verdict, refused }
    })
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(state: StageState): void {
    restoreState(this.#state, state)
  }

  /** Something of patient time `t` comes: the moment under way is over when it is another, whichever way the clock went. */
  #leave(t: number): SettledSpot[] {
    return this.#state.moment === null || this.#state.moment === t ? [] : this.#forget()
  }

  #forget(): SettledSpot[] {
    const settled = this.settle()
    Object.assign(this.#state, { moment: null, pressures: [], settled: 0, refused: false })
    return settled
  }

  #doubtOf({ name, value }: NumericSample, t: number): string | null {
    return name === 'body-weight' && typeof value === 'number' ? this.#checkWeight(t, value) : null
  }

  #checkWeight(t: number, value: number): string | null {
    const { weight, jumped } = this.#state
    const weighed = { t, value }
    const fits = (before: Weight | null) => before !== null && near(before, weighed)
    const believed = weight === null || fits(weight) || fits(jumped)
    if (believed) this.#state.weight = weighed
    this.#state.jumped = believed ? null : weighed
    return believed ? null : 'weight-jump'
  }
}

function near(before: Weight, { t, value }: Weight): boolean {
  const days = Math.max(0, (t - before.t) / dayMicros)
  const allowed = Math.min(weightJump.mostKg, weightJump.firstDayKg + weightJump.dayKg * days)
  return Math.abs(value - before.value) <= allowed
}
