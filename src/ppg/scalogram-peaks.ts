/**
 * Peaks of a wave by its local-maxima scalogram: a sample is a peak when it is higher than its neighbours at every distance up to
 * the one at which most samples are (Scholkmann et al., Algorithms 5 (2012) 588; for pulse waves Bishop and Ercole 2018, and Charlton et al. 2025,
 * who leave out distances that only a slower heart than 30 /min would need). No threshold and no memory: a second opinion that errs
 * in other ways than a detector with both.
 */
export class ScalogramPeaks {
  readonly #most: number
  readonly #work: Float64Array
  readonly #peaks: Int32Array
  #count = 0
  #reach = 0

  /** `rate` in Hz, about 20 to 50; windows of up to `length` samples. */
  constructor(rate: number, length: number) {
    // Half a period of 30 /min.
    this.#most = Math.max(1, Math.round(rate))
    this.#work = new Float64Array(length)
    this.#peaks = new Int32Array(length)
  }

  get count(): number {
    return this.#count
  }

  /** Distance from either end of the window within which no peak is told. */
  get reach(): number {
    return this.#reach
  }

  /** Place in the window of peak `k`, ascending. */
  at(k: number): number {
    return this.#peaks[k]!
  }

  /** Finds the peaks of `length` samples, given one by one. */
  find(length: number, sample: (place: number) => number): void {
    const x = this.#work
    this.#count = 0
    if (length < 4) return
    for (let i = 0; i < length; i += 1) x[i] = sample(i)
    detrend(x, length)
    const most = Math.min(this.#most, (length >> 1) - 1)
    const scale = this.#bestScale(length, most)
    this.#reach = scale
    for (let i = scale; i < length - scale; i += 1) if (isPeakUpTo(x, i, scale)) this.#peaks[this.#count++] = i
  }

  /** The distance at which most samples are higher than both neighbours. */
  #bestScale(length: number, most: number): number {
    const x = this.#work
    let best = 1
    let highest = -1
    for (let k = 1; k <= most; k += 1) {
      let count = 0
      for (let i = k; i < length - k; i += 1) if (x[i]! > x[i - k]! && x[i]! > x[i + k]!) count += 1
      if (count > highest) {
        highest = count
        best = k
      }
    }
    return best
  }
}

function isPeakUpTo(x: Float64Array, i: number, scale: number): boolean {
  const here = x[i]!
  for (let k = 1; k <= scale; k += 1) if (!(here > x[i - k]! && here >= x[i + k]!)) return false
  return true
}

/** Takes the line of least squares out. */
function detrend(x: Float64Array, length: number): void {
  const middle = (length - 1) / 2
  let sum = 0
  let slope = 0
  let spread = 0
  for (let i = 0; i < length; i += 1) {
    sum += x[i]!
    slope += (i - middle) * x[i]!
    spread += (i - middle) * (i - middle)
  }
  const mean = sum / length
  slope /= spread
  for (let i = 0; i < length; i += 1) x[i] = x[i]! - mean - slope * (i - middle)
}
