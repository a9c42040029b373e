import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { angleBetween } from './angle.js'
import type { Vector } from './axes-history.js'
import { StepCounter, stepParameters } from './step-counter.js'

/** Of the order of published limits of ENMO for rest and for vigorous activity (Hildebrand et al. 2014), rounded. */
const classParameters = { still: 40, running: 250, runningCadence: 140, walkingSteps: 20 } as const
const postureParameters = { uprightDegrees: 45, memorySeconds: 600, leastSeconds: 10 } as const

export const activityParameters = { steps: stepParameters, classes: classParameters, posture: postureParameters } as const

export interface MinuteOfActivity {
  readonly samples: number
  /** m[g]. */
  readonly enmo: number
  /** Steps since the boot; null: none in this minute. */
  readonly steps: number | null
  /** 1/min while walking; null with fewer than 20 steps. */
  readonly cadence: number | null
  /** 0 still, 1 light, 2 walking, 3 running. */
  readonly activityClass: number
  /** 0 unknown, 1 inclined as while walking, 2 otherwise. */
  readonly posture: number
}

function newState() {
  return {
    /** Of the second. */
    sum: [0, 0, 0] as Vector,
    count: 0,
    stepped: false,
    /** Of the minute. */
    excess: 0,
    samples: 0,
    gravity: [0, 0, 0] as Vector,
    steps: 0,
    /** Of its seconds with steps: sum of their means, and how many. */
    strides: [0, 0, 0] as Vector,
    strideSeconds: 0,
    /** Since the boot. */
    total: 0,
    /** Direction of gravity while walking, and the seconds of walking that it rests on. */
    walking: [0, 0, 0] as Vector,
    walked: 0,
  }
}

/** Activity of a minute: ENMO (van Hees et al. 2013), steps, their cadence, a class of activity, inclination against that while walking. */
export class ActivityMinute {
  readonly #steps: StepCounter
  readonly #state = newState()

  constructor(fs: number) {
    this.#steps = new StepCounter(fs)
  }

  /** A sample, g. */
  add([x, y, z]: Vector): void {
    const s = this.#state
    s.excess += Math.max(0, Math.sqrt(x * x + y * y + z * z) - 1)
    s.samples += 1
    s.sum[0] += x
    s.sum[1] += y
    s.sum[2] += z
    s.count += 1
  }

  move([x, y, z]: Vector): void {
    const s = this.#state
    const steps = this.#steps.step(Math.sqrt(x * x + y * y + z * z))
    if (steps === 0) return
    s.steps += steps
    s.total += steps
    s.stepped = true
  }

  restart(): void {
    this.#steps.restart()
  }

  /** Mean of the second that ends, g; null when it has fewer samples than `least`. */
  closeSecond(least: number): Vector | null {
    const s = this.#state
    const { sum, count, stepped } = s
    s.sum = [0, 0, 0]
    s.count = 0
    s.stepped = false
    if (count === 0 || count < least) return null
    const mean = sum.map(each => each / count) as Vector
    for (let axis = 0; axis < 3; axis += 1) s.gravity[axis]! += mean[axis]!
    if (stepped) {
      for (let axis = 0; axis < 3; axis += 1) s.strides[axis]! += mean[axis]!
      s.strideSeconds += 1
    }
    return mean
  }

  closeMinute(): MinuteOfActivity {
    const s = this.#state
    const enmo = s.samples === 0 ? 0 : (1000 * s.excess) / s.samples
    const rate = this.#steps.takeCadence()
    // A hand makes a few regular movements without a walk.
    const cadence = s.steps >= classParameters.walkingSteps ? rate : null
    if (cadence !== null) this.#learnUpright()
    const said = {
      samples: s.samples,
      enmo,
      steps: s.steps > 0 ? s.total : null,
      cadence,
      activityClass: activityClass(enmo, cadence),
      posture: this.#posture(),
    }
    s.excess = 0
    s.samples = 0
    s.gravity = [0, 0, 0]
    s.steps = 0
    s.strides = [0, 0, 0]
    s.strideSeconds = 0
    return said
  }

  reset(): void {
    this.#steps.restart()
    this.#steps.takeCadence()
    Object.assign(this.#state, newState())
  }

  save(): StageState {
    return { state: copyState(this.#state), steps: this.#steps.save() }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; steps: StageState }
    restoreState(this.#state, from.state)
    this.#steps.load(from.steps)
  }

  /** The direction of gravity over the last ten minutes of walking or so. */
  #learnUpright(): void {
    const s = this.#state
    if (s.strideSeconds === 0) return
    s.walked = Math.min(s.walked + s.strideSeconds, postureParameters.memorySeconds)
    for (let axis = 0; axis < 3; axis += 1) s.walking[axis]! += (s.strides[axis]! - s.strideSeconds * s.walking[axis]!) / s.walked
  }

  #posture(): number {
    const { gravity, walking, walked } = this.#state
    if (walked < postureParameters.leastSeconds) return 0
    return angleBetween(gravity, walking) <= postureParameters.uprightDegrees ? 1 : 2
  }
}

function activityClass(enmo: number, cadence: number | null): number {
  const { still, running, runningCadence } = classParameters
  if (cadence !== null) return cadence >= runningCadence && enmo >= running ? 3 : 2
  return enmo < still ? 0 : 1
}
