import { type DesaturationChange, DesaturationWatch, desaturationParameters } from '../oximetry/desaturation-watch.js'
import type { StageState } from '../signal/stage.js'

/** A number stands for the seconds after it, as many as lay between the two before, this many at most. */
const mostHeldSeconds = 9

/** A desaturation in a device's numbers begins or ends. */
export interface NumericDesaturation extends DesaturationChange {
  /** Device clock, microseconds, where it began or ended. */
  readonly at: number
  /** Desaturations of `drops[i]` points an hour so far; null while too little is known. */
  readonly indices: readonly (number | null)[]
}

/** Desaturations in the SpO2 that a device sends as numbers: every second or every few. */
export class NumericDesaturations {
  readonly #watch = new DesaturationWatch()
  /** Second of the newest number, and that number; -1 before the first. */
  #second = -1
  #value = 0
  /** Seconds between the last two numbers. */
  #interval = 1

  /** A number at a device clock in microseconds, in the order of their times. */
  push(deviceTime: number, value: number): NumericDesaturation[] {
    const second = Math.floor(deviceTime / 1e6)
    const found: NumericDesaturation[] = []
    if (this.#second >= 0 && second <= this.#second) return found
    // After a long silence nothing of before is left in the window, however long it was.
    const from = Math.max(this.#second + 1, second - desaturationParameters.baselineSeconds - desaturationParameters.mostSilentSeconds)
    if (this.#second >= 0) {
      for (let missing = from; missing < second; missing += 1)
        this.#step(missing - this.#second < Math.min(this.#interval, mostHeldSeconds) ? this.#value : null, missing, found)
    }
    this.#step(value, second, found)
    if (this.#second >= 0) this.#interval = second - this.#second
    this.#second = second
    this.#value = value
    return found
  }

  save(): unknown {
    return { watch: this.#watch.save(), second: this.#second, value: this.#value, interval: this.#interval }
  }

  load(state: unknown): void {
    const saved = state as { watch: StageState; second: number; value: number; interval: number }
    this.#watch.load(saved.watch)
    this.#second = saved.second
    this.#value = saved.value
    this.#interval = saved.interval
  }

  #step(value: number | null, second: number, found: NumericDesaturation[]): void {
    const change = this.#watch.step(value)
    if (change === null) return
    const indices = desaturationParameters.drops.map((_, which) => this.#watch.index(which))
    found.push({ ...change, at: (second - change.secondsBack) * 1e6, indices })
  }
}
