/**
 * Mean and variance of all values so far by Welford's recurrence (Technometrics 4(3), 1962): one pass, and no loss of
 * digits when the mean is large against the spread.
 */
export class RunningMoments {
  #count = 0
  #mean = 0
  #squares = 0

  add(value: number): void {
    this.#count += 1
    const delta = value - this.#mean
    this.#mean += delta / this.#count
    this.#squares += delta * (value - this.#mean)
  }

  get count(): number {
    return this.#count
  }

  /** NaN when there is no value. */
  get mean(): number {
    return this.#count > 0 ? this.#mean : Number.NaN
  }

  /** Sample variance (n - 1); NaN below two values. */
  get variance(): number {
    return this.#count > 1 ? this.#squares / (this.#count - 1) : Number.NaN
  }

  get standardDeviation(): number {
    return Math.sqrt(this.variance)
  }

  reset(): void {
    this.#count = this.#mean = this.#squares = 0
  }

  save(): { count: number; mean: number; squares: number } {
    return { count: this.#count, mean: this.#mean, squares: this.#squares }
  }

  load(state: { count: number; mean: number; squares: number }): void {
    this.#count = state.count
    this.#mean = state.mean
    this.#squares = state.squares
  }
}

/** The last `length` values with their order statistics; a sorted copy is kept up to date, O(length) a value. */
export class WindowedQuantile {
  readonly #ring: Float64Array
  readonly #sorted: Float64Array
  #count = 0
  #next = 0

  constructor(length: number) {
    if (!(Number.isInteger(length) && length > 0)) throw new RangeError('length must be a positive integer')
    this.#ring = new Float64Array(length)
    this.#sorted = new Float64Array(length)
  }

  add(value: number): void {
    const sorted = this.#sorted
    let count = this.#count
    if (count === this.#ring.length) {
      const oldest = this.#ring[this.#next]!
      let at = 0
      while (sorted[at] !== oldest) at += 1
      sorted.copyWithin(at, at + 1, count)
      count -= 1
    }
    let at = count
    while (at > 0 && sorted[at - 1]! > value) {
      sorted[at] = sorted[at - 1]!
      at -= 1
    }
    sorted[at] = value
    this.#count = count + 1
    this.#ring[this.#next] = value
    this.#next = (this.#next + 1) % this.#ring.length
  }

  get count(): number {
    return this.#count
  }

  get min(): number {
    return this.quantile(0)
  }

  get max(): number {
    return this.quantile(1)
  }

  get median(): number {
    return this.quantile(0.5)
  }

  /** Linear between order statistics (type 7 of Hyndman and Fan); NaN when empty. `p` from 0 to 1. */
  quantile(p: number): number {
    if (this.#count === 0) return Number.NaN
    const place = p * (this.#count - 1)
    const below = Math.floor(place)
    const low = this.#sorted[below]!
    return below + 1 < this.#count ? low + (place - below) * (this.#sorted[below + 1]! - low) : low
  }

  reset(): void {
    this.#count = 0
    this.#next = 0
  }

  save(): { ring: Float64Array; sorted: Float64Array; count: number; next: number } {
    return { ring: this.#ring.slice(), sorted: this.#sorted.slice(), count: this.#count, next: this.#next }
  }

  load(state: { ring: Float64Array; sorted: Float64Array; count: number; next: number }): void {
    this.#ring.set(state.ring)
    this.#sorted.set(state.sorted)
    this.#count = state.count
    this.#next = state.next
  }
}

/** Smallest and largest of the last `length` values, amortised O(1): two monotonic queues of candidates. */
export class WindowedExtremes {
  readonly #length: number
  readonly #low: MonotonicQueue
  readonly #high: MonotonicQueue
  #index = 0

  constructor(length: number) {
    if (!(Number.isInteger(length) && length > 0)) throw new RangeError('length must be a positive integer')
    this.#length = length
    this.#low = new MonotonicQueue(length)
    this.#high = new MonotonicQueue(length)
  }

  add(value: number): void {
    const expired = this.#index - this.#length
    this.#low.add(this.#index, value, expired)
    this.#high.add(this.#index, -value, expired)
    this.#index += 1
  }

  /** NaN when empty. */
  get min(): number {
    return this.#low.front
  }

  get max(): number {
    return -this.#high.front
  }

  reset(): void {
    this.#index = 0
    this.#low.reset()
    this.#high.reset()
  }

  save(): { index: number; low: QueueState; high: QueueState } {
    return { index: this.#index, low: this.#low.save(), high: this.#high.save() }
  }

  load(state: { index: number; low: QueueState; high: QueueState }): void {
    this.#index = state.index
    this.#low.load(state.low)
    this.#high.load(state.high)
  }
}

interface QueueState {
  values: Float64Array
  indices: Float64Array
  head: number
  count: number
}

/** Ascending candidates for the minimum of a sliding window. */
class MonotonicQueue {
  readonly #values: Float64Array
  readonly #indices: Float64Array
  #head = 0
  #count = 0

  constructor(length: number) {
    this.#values = new Float64Array(length)
    this.#indices = new Float64Array(length)
  }

  add(index: number, value: number, expired: number): void {
    const size = this.#values.length
    if (this.#count > 0 && this.#indices[this.#head]! <= expired) {
      this.#head = (this.#head + 1) % size
      this.#count -= 1
    }
    while (this.#count > 0 && this.#values[(this.#head + this.#count - 1) % size]! >= value) this.#count -= 1
    const tail = (this.#head + this.#count) % size
    this.#values[tail] = value
    this.#indices[tail] = index
    this.#count += 1
  }

  get front(): number {
    return this.#count > 0 ? this.#values[this.#head]! : Number.NaN
  }

  reset(): void {
    this.#head = this.#count = 0
  }

  save(): QueueState {
    return { values: this.#values.slice(), indices: this.#indices.slice(), head: this.#head, count: this.#count }
  }

  load(state: QueueState): void {
    this.#values.set(state.values)
    this.#indices.set(state.indices)
    this.#head = state.head
    this.#count = state.count
  }
}

/** Median of the first `count` of `values` (NaN when none), by insertion into `scratch`, which holds at least as many. For small counts. */
export function medianOf(values: Float64Array, count: number, scratch: Float64Array): number {
  if (count === 0) return Number.NaN
  for (let i = 0; i < count; i += 1) {
    const value = values[i]!
    let at = i
    while (at > 0 && scratch[at - 1]! > value) {
      scratch[at] = scratch[at - 1]!
      at -= 1
    }
    scratch[at] = value
  }
  const half = count >> 1
  return count % 2 === 1 ? scratch[half]! : 0.5 * (scratch[half - 1]! + scratch[half]!)
}
