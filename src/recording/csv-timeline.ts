import { VitalwireError } from '../errors.js'
import type { Rate } from '../signal/rate.js'
import { rateOfNanos } from './rate-text.js'

/** A gap is played second by second; a longer one is a time that was written wrong. */
const longestGapDays = 31
const longestGapMicros = longestGapDays * 86_400e6

/**
 * Sample indices of rows by their times. With a rate, each row goes to the nearest sample and must lie within a quarter
 * of one; without, the rate is that of the first two rows and every later time must be a multiple of their interval
 * from the start (to a millionth of it). Rows must be in order; samples between rows are missing.
 */
export class CsvTimeline {
  #first: number | null = null
  #interval: number | null = null
  #index = -1
  #last: number | null = null

  constructor(
    readonly path: string,
    readonly rate: Rate | null,
  ) {}

  /** Index of the row at `micros`; `row` counts from 1, for messages. Throws `recording-format`. */
  place(micros: number, row: number): number {
    this.#first ??= micros
    const elapsed = micros - this.#first
    if (this.rate === null && this.#interval === null && elapsed > 0) this.#interval = elapsed
    const exact = this.rate !== null ? (elapsed * this.rate.num) / (this.rate.den * 1e6) : elapsed / (this.#interval ?? 1)
    const index = Math.round(exact)
    const tolerance = this.rate !== null ? 0.25 : 1e-6
    if (!Number.isSafeInteger(index) || !(Math.abs(exact - index) <= tolerance)) {
      const accepted =
        this.rate === null
          ? 'rows at whole multiples of the first interval, or "# fs: RATE" above the names'
          : 'times within a quarter of a sample of "# fs"'
      throw new VitalwireError(
        'recording-format',
        `${this.path}, row ${row}: its time is not on the grid of the samples; accepted: ${accepted}`,
      )
    }
    if (index <= this.#index)
      throw new VitalwireError(
        'recording-format',
        `${this.path}, row ${row}: its time is not after that of the row before; accepted: rows in the order of time`,
      )
    if (this.#last !== null && micros - this.#last > longestGapMicros)
      throw new VitalwireError(
        'recording-format',
        `${this.path}, row ${row}: its time is ${Math.round((micros - this.#last) / 86_400e6)} days after that of the row before; accepted: gaps of up to ${longestGapDays} days`,
      )
    this.#index = index
    this.#last = micros
    return index
  }

  /** Rate of the rows so far. */
  foundRate(): Rate {
    const rate = this.rate ?? (this.#interval === null ? null : rateOfNanos(Math.round(this.#interval * 1000)))
    if (rate === null)
      throw new VitalwireError(
        'recording-format',
        `${this.path} does not show its sampling rate; accepted: "# fs: RATE" above the names, or a time column with at least two rows`,
      )
    return rate
  }
}
