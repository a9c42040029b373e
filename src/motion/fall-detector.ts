import { exp } from '../dsp/math.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { angleBetween } from './angle.js'
import type { Vector } from './axes-history.js'
import { type FallCandidate, FallCandidates, type FallModel, fallParameters } from './fall-candidates.js'
import { fallModel } from './fall-model.js'

/** A fall begins (told when it is judged) or is over. Places are samples since the detector began or began anew. */
export interface FallTold {
  readonly on: boolean
  /** The blow, or where the wearer was up again. */
  readonly at: number
  readonly confidence: number
  /** g; of a beginning. */
  readonly peak: number
}

export const recoveryParameters = {
  /** Up again: the direction of gravity is nearer to that before the fall than to that after it, for so many seconds. */
  upSeconds: 5,
  /** Or: moving all the time for so long. */
  moving: 0.4,
} as const

/**
 * Falls of a wearer, from samples in g. A blow is judged `judgeSeconds` later: what has been undone by then was a jump, a step, lying down
 * and sitting up again, or a fall that needs no help. Card: docs/algorithms/motion-falls.md.
 */
export class FallDetector {
  readonly #model: FallModel
  readonly #candidates: FallCandidates
  readonly #second: number
  readonly #state = {
    fallen: false,
    before: [0, 0, 0] as Vector,
    after: [0, 0, 0] as Vector,
    upSeconds: 0,
    movingSeconds: 0,
    /** Place of the next look at whether the wearer is up. */
    nextLook: 0,
  }

  constructor(fs: number, model: FallModel = fallModel) {
    this.#model = model
    this.#candidates = new FallCandidates(fs)
    this.#second = Math.round(fs)
  }

  /** A sample in g, filtered (`AxesFilter`); what it decides, or null. */
  step(x: number, y: number, z: number): FallTold | null {
    const found = this.#candidates.step(x, y, z)
    const s = this.#state
    if (s.fallen) return this.#look()
    return found === null ? null : this.#judge(found)
  }

  /** The signal ends or has a gap: what can be judged is. The next sample begins anew, at place 0; a fall that is on stays on. */
  end(): FallTold | null {
    const found = this.#candidates.end()
    this.#state.nextLook = this.#second
    if (this.#state.fallen) return null
    for (const each of found) {
      const told = this.#judge(each)
      if (told !== null) return told
    }
    return null
  }

  save(): StageState {
    return { candidates: this.#candidates.save(), state: copyState(this.#state) }
  }

  load(saved: StageState): void {
    const from = saved as { candidates: StageState; state: object }
    this.#candidates.load(from.candidates)
    restoreState(this.#state, from.state)
  }

  #judge({ at, peak, features, before, after }: FallCandidate): FallTold | null {
    const { weights, bias } = this.#model
    const score = bias + weights[0] * features[0] + weights[1] * features[1] + weights[2] * features[2]
    if (!(score > 0)) return null
    const s = this.#state
    s.fallen = true
    s.before = [...before]
    s.after = [...after]
    s.upSeconds = s.movingSeconds = 0
    s.nextLook = this.#candidates.history.seen + this.#second
    return { on: true, at, confidence: 1 / (1 + exp(-score)), peak }
  }

  /** Whether the wearer of a fall is up again. */
  #look(): FallTold | null {
    const s = this.#state
    const { history } = this.#candidates
    if (history.seen < s.nextLook) return null
    s.nextLook = history.seen + this.#second
    const from = history.seen - this.#second
    const now = history.mean(from, history.seen)
    const turned = angleBetween(s.before, s.after) >= fallParameters.turnBounds[0]
    const up = turned && angleBetween(now, s.before) < angleBetween(now, s.after)
    s.upSeconds = up ? s.upSeconds + 1 : 0
    s.movingSeconds = history.spread(from, history.seen) > recoveryParameters.moving ? s.movingSeconds + 1 : 0
    if (Math.max(s.upSeconds, s.movingSeconds) < recoveryParameters.upSeconds) return null
    s.fallen = false
    return { on: false, at: history.seen - 1, confidence: 1, peak: 0 }
  }
}
