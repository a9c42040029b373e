/**
 * Dyadic wavelet transform with the quadratic spline by the a-trous algorithm, as Li, Zheng and Tai (1995) and Martinez et
 * al. (IEEE Trans Biomed Eng 51(4), 2004) use it: at scale j the signal smoothed by j - 1 dilated copies of [1 3 3 1]/8 is
 * differenced over 2^(j-1) samples, so the result is the slope of a smoothed signal and its zero crossings are peaks. Frames
 * are whole in memory, so every filter is laid symmetrically: value k is the slope at k - 1/2, without delay.
 */
const scales = 4

/** Where the taps of one step lie about a sample. */
interface Reach {
  readonly outer: number
  readonly inner: number
  readonly innerAfter: number
  readonly outerAfter: number
}

/**
 * Step 1 is centred at k - 1/2. After the first smoothing values stand at k - 1/2 already, and steps are even, so that they
 * stay there.
 */
const smoothing: readonly Reach[] = [
  { outer: 2, inner: 1, innerAfter: 0, outerAfter: 1 },
  { outer: 3, inner: 1, innerAfter: 1, outerAfter: 3 },
  { outer: 6, inner: 2, innerAfter: 2, outerAfter: 6 },
]
const differencing: readonly { readonly back: number; readonly forth: number }[] = [
  { back: 1, forth: 0 },
  { back: 1, forth: 1 },
  { back: 2, forth: 2 },
  { back: 4, forth: 4 },
]

/** Slopes of one frame at one of the scales 1 to 4; buffers are reused. */
export class SplineWavelet {
  private readonly result: Float64Array
  private readonly smooth: readonly [Float64Array, Float64Array]
  /** Of each smoothed signal the part that is needed, [lows[j], highs[j]). */
  private readonly lows = new Int32Array(scales)
  private readonly highs = new Int32Array(scales)

  constructor(private readonly length: number) {
    this.result = new Float64Array(length)
    this.smooth = [new Float64Array(length), new Float64Array(length)]
  }

  /**
   * Slope of the signal at scale 1 to 4 for samples [from, to), in units of the signal; comparable only within a scale. Beyond its
   * ends the signal goes on with its first and last value. The result is lent until the next call; outside [from, to) it is not
   * to be read.
   */
  slope(signal: Float64Array, scale: number, from = 0, to = this.length): Float64Array {
    const { length, smooth, lows, highs, result } = this
    const { back, forth } = differencing[scale - 1] as { back: number; forth: number }
    let low = Math.max(0, from - back)
    let high = Math.min(length, to + forth)
    for (let j = scale - 2; j >= 0; j--) {
      lows[j] = low
      highs[j] = high
      low = Math.max(0, low - (smoothing[j] as Reach).outer)
      high = Math.min(length, high + (smoothing[j] as Reach).outerAfter)
    }
    let source = signal
    for (let j = 0; j < scale - 1; j++) {
      const target = smooth[j & 1] as Float64Array
      smoothOnce(source, target, smoothing[j] as Reach, lows[j] as number, highs[j] as number)
      source = target
    }
    const last = length - 1
    for (let k = Math.max(0, from); k < Math.min(length, to); k++) {
      const a = k < back ? 0 : k - back
      const b = Math.min(k + forth, last)
      result[k] = (source[b] as number) - (source[a] as number)
    }
    return result
  }
}

function smoothOnce(from: Float64Array, to: Float64Array, reach: Reach, low: number, high: number): void {
  const { outer, inner, innerAfter, outerAfter } = reach
  const last = from.length - 1
  // Only near the ends an index must be held inside.
  const inside = Math.min(high, Math.max(low, outer))
  const outside = Math.max(inside, Math.min(high, last - outerAfter + 1))
  for (let k = low; k < high; k++) {
    if (k === inside) {
      for (; k < outside; k++) {
        const middle = (from[k - inner] as number) + (from[k + innerAfter] as number)
        to[k] = ((from[k - outer] as number) + 3 * middle + (from[k + outerAfter] as number)) / 8
      }
      if (k === high) break
    }
    const middle = (from[Math.max(k - inner, 0)] as number) + (from[Math.min(k + innerAfter, last)] as number)
    to[k] = ((from[Math.max(k - outer, 0)] as number) + 3 * middle + (from[Math.min(k + outerAfter, last)] as number)) / 8
  }
}
