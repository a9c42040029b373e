/** A value over time by straight lines between [seconds, value] points; two points at one time make a step. */
export type CoursePoints = readonly (readonly [number, number])[]

/**
 * A course of a physiological value with its exact integral, so that phases (heart, breathing) need no stepping. Before
 * the first point and after the last the value stands. With a finite `periodSeconds` the course repeats.
 */
export class Course {
  readonly #times: number[]
  readonly #values: number[]
  /** Integral from 0 to each point. */
  readonly #sums: number[]
  readonly #period: number
  readonly #periodSum: number

  constructor(points: CoursePoints, periodSeconds: number) {
    const first = points[0]
    if (first === undefined) throw new RangeError('a course needs at least one point')
    const all = first[0] > 0 ? [[0, first[1]] as const, ...points] : points
    this.#times = all.map(point => point[0])
    this.#values = all.map(point => point[1])
    this.#sums = [0]
    for (let i = 1; i < all.length; i++) {
      const width = this.#times[i]! - this.#times[i - 1]!
      if (width < 0) throw new RangeError('the points of a course must be in the order of their times')
      this.#sums.push(this.#sums[i - 1]! + (width * (this.#values[i]! + this.#values[i - 1]!)) / 2)
    }
    this.#period = periodSeconds
    this.#periodSum = Number.isFinite(periodSeconds) ? this.#integralWithin(periodSeconds) : 0
  }

  at(seconds: number): number {
    const time = this.#wrap(seconds)
    const i = this.#segment(time)
    return this.#valueAfter(i, time - this.#times[i]!)
  }

  /** Integral of the value from 0 to `seconds` (value times seconds). */
  integral(seconds: number): number {
    if (seconds <= 0) return seconds * this.#values[0]!
    if (!Number.isFinite(this.#period)) return this.#integralWithin(seconds)
    const rounds = Math.floor(seconds / this.#period)
    return rounds * this.#periodSum + this.#integralWithin(seconds - rounds * this.#period)
  }

  #wrap(seconds: number): number {
    return Number.isFinite(this.#period) && seconds > 0 ? seconds - Math.floor(seconds / this.#period) * this.#period : seconds
  }

  /** Last point at or before `time`; of several at one time the last. */
  #segment(time: number): number {
    let i = this.#times.length - 1
    while (i > 0 && this.#times[i]! > time) i--
    return i
  }

  #integralWithin(time: number): number {
    const i = this.#segment(time)
    const width = time - this.#times[i]!
    return this.#sums[i]! + (width * (this.#values[i]! + this.#valueAfter(i, width))) / 2
  }

  /** Value `width` seconds after point i, on the line to the next. */
  #valueAfter(i: number, width: number): number {
    const next = this.#values[i + 1]
    if (next === undefined || width <= 0) return this.#values[i]!
    return this.#values[i]! + ((next - this.#values[i]!) * width) / (this.#times[i + 1]! - this.#times[i]!)
  }
}
