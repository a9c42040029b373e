import { SosCascade } from '../dsp/sos-filter.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { eegBandPass } from './eeg-filters.js'

export const suppressionParameters = { amplitude: 5, leastSeconds: 0.5, windowSeconds: 60, leastCoverage: 0.8 } as const

/**
 * Suppression ratio: share of the last minute in which the EEG, from 0.5 to 45 Hz, stays within 5 uV for half a second and longer (I. J. Rampil,
 * Anesthesiology 89 (1998) 980, who gives these limits). Counted in seconds of the stream's grid.
 */
export class Suppression {
  readonly #filter: SosCascade
  readonly #least: number
  readonly #one = new Float64Array(1)
  readonly #state = { run: 0, here: 0, present: 0, suppressed: [] as number[], seen: [] as number[] }

  constructor(fsHz: number) {
    this.#filter = new SosCascade(eegBandPass(fsHz))
    this.#least = Math.ceil(suppressionParameters.leastSeconds * fsHz)
  }

  /** A sample in microvolts; NaN: missing. */
  step(value: number): void {
    const s = this.#state
    if (Number.isNaN(value)) {
      this.#restart()
      return
    }
    s.present += 1
    this.#one[0] = value
    this.#filter.run(this.#one, this.#one, 1)
    const size = this.#one[0]!
    if (size > suppressionParameters.amplitude || size < -suppressionParameters.amplitude) {
      s.run = 0
      return
    }
    s.run += 1
    // The half second before counts once it is known to belong to a suppression.
    if (s.run === this.#least) s.here += this.#least
    else if (s.run > this.#least) s.here += 1
  }

  /** Whole seconds never came. */
  lose(seconds: number): void {
    this.#restart()
    for (let k = 0; k < Math.min(seconds, suppressionParameters.windowSeconds); k += 1) this.#add(0, 0)
  }

  closeSecond(): void {
    const s = this.#state
    this.#add(s.here, s.present)
    s.here = s.present = 0
  }

  /** Per cent; null with less than 80 % of a minute of signal. */
  ratio(fsHz: number): number | null {
    const { suppressed, seen } = this.#state
    const present = seen.reduce((sum, count) => sum + count, 0)
    const { windowSeconds, leastCoverage } = suppressionParameters
    if (present < leastCoverage * windowSeconds * fsHz) return null
    return Math.min(100, (100 * suppressed.reduce((sum, count) => sum + count, 0)) / present)
  }

  #restart(): void {
    this.#state.run = 0
    this.#filter.restart()
  }

  #add(suppressed: number, present: number): void {
    const s = this.#state
    s.suppressed.push(suppressed)
    s.seen.push(present)
    if (s.seen.length <= suppressionParameters.windowSeconds) return
    s.suppressed.shift()
    s.seen.shift()
  }

  save(): StageState {
    return { state: copyState(this.#state), filter: this.#filter.save() }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; filter: StageState }
    restoreState(this.#state, from.state)
    this.#filter.load(from.filter)
  }
}
