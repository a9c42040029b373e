import type { Rate } from '../signal/rate.js'
import { roundHalfAway } from '../signal/rate.js'

export interface Anchor {
  /** Sample index, or device clock in microseconds for a stream without samples (numerics). */
  readonly index: number
  /** Microseconds on the patient's axis. */
  readonly patientTime: number
}

/**
 * Places a stream on the patient's time axis. Between anchors t = patientTime + round((i - index) * 1e6 * den / num): an
 * anchor holds from its index on, so what was placed before stays where it was. Numerics use a rate of 1 MHz: their
 * index is the device clock.
 */
export class Timeline {
  readonly #fs: Rate
  #anchors: Anchor[] = []

  constructor(fs: Rate) {
    this.#fs = fs
  }

  /** Adds an anchor; one at or before the newest replaces what it covers. Two are kept: older samples are long placed. */
  add(anchor: Anchor): void {
    const kept = this.#anchors.filter(existing => existing.index < anchor.index)
    this.#anchors = [...kept.slice(-1), anchor]
  }

  /** Patient time of a sample in microseconds; before the first anchor it is extrapolated backwards. */
  timeOf(index: number): number {
    const newest = this.#anchors[this.#anchors.length - 1]
    if (newest === undefined) throw new Error('timeline without an anchor')
    const anchor = index >= newest.index ? newest : this.#anchors[0]!
    return anchor.patientTime + roundHalfAway(((index - anchor.index) * 1e6 * this.#fs.den) / this.#fs.num)
  }

  save(): Anchor[] {
    return this.#anchors.map(anchor => ({ ...anchor }))
  }

  load(state: unknown): void {
    this.#anchors = (state as Anchor[]).map(anchor => ({ ...anchor }))
  }
}

/** The time base of numerics and device events: one tick a microsecond of the device clock. */
export const microsecondRate: Rate = { num: 1_000_000, den: 1 }
