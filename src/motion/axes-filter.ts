import { butterworthLowPass } from '../dsp/butterworth.js'
import type { StageState } from '../signal/stage.js'
import type { Vector } from './axes-history.js'

/** Movement of a body lies below; above is the ring of the sensor's own mounting. */
const cutHz = 20

/** Low-pass of three axes (Butterworth, second order, 20 Hz), one sample at a time; without effect at rates that cannot carry more. */
export class AxesFilter {
  readonly #sections: Float64Array | null
  /** Two per axis. */
  #state = new Float64Array(6)
  #started = false

  constructor(fs: number) {
    this.#sections = fs > 2.5 * cutHz ? butterworthLowPass({ order: 2, cutHz, fsHz: fs }) : null
  }

  step(values: Vector): Vector {
    const sections = this.#sections
    if (sections === null) return values
    const [b0, b1, b2, a1, a2] = [sections[0]!, sections[1]!, sections[2]!, sections[3]!, sections[4]!]
    const state = this.#state
    const out: Vector = [0, 0, 0]
    for (let axis = 0; axis < 3; axis += 1) {
      const x = values[axis]!
      if (!this.#started) {
        // As if the axis had stood at its first value for ever: the output is that value, too.
        state[2 * axis] = (1 - b0) * x
        state[2 * axis + 1] = (b2 - a2) * x
      }
      const y = b0 * x + state[2 * axis]!
      state[2 * axis] = b1 * x - a1 * y + state[2 * axis + 1]!
      state[2 * axis + 1] = b2 * x - a2 * y
      out[axis] = y
    }
    this.#started = true
    return out
  }

  restart(): void {
    this.#started = false
  }

  save(): StageState {
    return { state: this.#state.slice(), started: this.#started }
  }

  load(saved: StageState): void {
    const from = saved as { state: Float64Array; started: boolean }
    this.#state = from.state.slice()
    this.#started = from.started
  }
}
