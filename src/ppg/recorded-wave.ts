/** The last 1.6 s of the samples as they came, upright, at the detector's positions; the systolic peak is marked on them. */
export class RecordedWave {
  readonly samples: Float64Array
  readonly #mask: number
  readonly #reach: number

  constructor(fs: number) {
    let size = 16
    while (size < 1.6 * fs) size *= 2
    this.samples = new Float64Array(size)
    this.#mask = size - 1
    this.#reach = Math.round(0.1 * fs)
  }

  put(position: number, value: number): void {
    this.samples[position & this.#mask] = value
  }

  at(position: number): number {
    return this.samples[position & this.#mask]!
  }

  /**
   * The filter moves the peak by up to 50 ms, by an amount that the shape sets; so the mark goes to the highest sample as
   * recorded within 100 ms, `last` being the latest. Intervals stay those of the filtered wave: the shift is the same from beat to
   * beat there, while the top of a flat or noisy wave wanders.
   */
  highestNear(position: number, last: number): number {
    let best = position
    let high = Number.NEGATIVE_INFINITY
    const to = Math.min(last, position + this.#reach)
    for (let at = Math.max(0, position - this.#reach); at <= to; at += 1) {
      const value = this.at(at)
      if (value > high) {
        high = value
        best = at
      }
    }
    return best
  }
}
