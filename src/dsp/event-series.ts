import type { StageState } from '../signal/stage.js'
import { copyState, restoreState } from './state.js'

/** Values kept a series; 8 /s over a window of 32 s. */
const depth = 256

/** Values of one kind at uneven places of a sample counter (heights of beats, a level now and then), newest last. */
export class EventSeries {
  readonly #state = { at: new Float64Array(depth), values: new Float64Array(depth), count: 0 }

  /** `index`: ascending, fractions allowed. */
  add(index: number, value: number): void {
    const s = this.#state
    s.at[s.count % depth] = index
    s.values[s.count % depth] = value
    s.count += 1
  }

  clear(): void {
    this.#state.at.fill(0)
    this.#state.values.fill(0)
    this.#state.count = 0
  }

  /** Number of values that are kept. */
  get length(): number {
    return Math.min(this.#state.count, depth)
  }

  /** Place of the value `back` before the newest one (0: the newest itself). */
  placeAt(back: number): number {
    return this.#state.at[(this.#state.count - 1 - back) % depth]!
  }

  /**
   * Straight lines between the values on a grid of `grid.length` points, `step` samples apart, from `from` on; level before
   * the first value and after the last. Mean of the values at or after `from`; null, and nothing to be read from the
   * grid, when they are fewer than 12.
   */
  layOut(grid: Float64Array, from: number, step: number): number | null {
    const s = this.#state
    const { length } = this
    let within = 0
    let sum = 0
    while (within < length && this.placeAt(within) >= from) {
      sum += s.values[(s.count - 1 - within) % depth]!
      within += 1
    }
    if (within < 12) return null
    let filled = 0
    // The value before the window leads into it.
    let back = Math.min(within, length - 1)
    let beforeAt = Number.NaN
    let before = s.values[(s.count - 1 - back) % depth]!
    for (; back >= 0; back -= 1) {
      const at = this.placeAt(back)
      const value = s.values[(s.count - 1 - back) % depth]!
      for (; filled < grid.length && from + filled * step <= at; filled += 1) {
        const t = from + filled * step
        grid[filled] = Number.isNaN(beforeAt) ? value : before + ((value - before) * (t - beforeAt)) / (at - beforeAt)
      }
      beforeAt = at
      before = value
    }
    for (; filled < grid.length; filled += 1) grid[filled] = before
    return sum / within
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(state: StageState): void {
    restoreState(this.#state, state)
  }
}
