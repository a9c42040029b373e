/**
 * Dyadic wavelet transform with the quadratic spline by the a-trous algorithm, as Li, Zheng and Tai (1995) and Martinez et
 * al. (IEEE Trans Biomed Eng 51(4), 2004) use it: at scale j the signal smoothed by j - 1 dilated copies of [1 3 3 1]/8 is
 * differenced over 2^(j-1) samples, so the result is the slope of a smoothed signal and its zero crossings are peaks. Frames
 * are whole in memory, so every filter is laid symmetrically: value k is the slope at k - 1/2, without delay.
 */
const scales = 4

/** Slopes of one frame at scales 1 to 4; buffers are reused. */
export class SplineWavelet {
  private readonly slopes: readonly Float64Array[]
  private readonly smooth: [Float64Array, Float64Array]

  constructor(private readonly length: number) {
    this.slopes = Array.from({ length: scales + 1 }, () => new Float64Array(length))
    this.smooth = [new Float64Array(length), new Float64Array(length)]
  }

  /** Of scale 1 to 4, in units of the signal; comparable only within a scale. Lent until the next transform. */
  slope(scale: number): Float64Array {
    return this.slopes[scale] as Float64Array
  }

  /** Beyond its ends the signal goes on with its first and last value. */
  transform(signal: Float64Array, upTo = scales): void {
    const { length, smooth } = this
    const last = length - 1
    let from: Float64Array = signal
    // `from[k]` belongs to k - lag/2: even steps of the smoothing keep it at whole or half samples.
    for (let j = 1; j <= upTo; j++) {
      const h = 1 << (j - 1)
      const slope = this.slopes[j] as Float64Array
      // Scale 1 is centred at k - 1/2. After the first smoothing values stand at k - 1/2 already, and steps are even.
      const back = j === 1 ? 1 : h >> 1
      const forth = j === 1 ? 0 : h >> 1
      for (let k = 0; k < length; k++) {
        const a = Math.max(k - back, 0)
        const b = Math.min(k + forth, last)
        slope[k] = (from[b] as number) - (from[a] as number)
      }
      if (j === upTo) break
      const to = smooth[j & 1] as Float64Array
      const two = j === 1 ? 2 : h + (h >> 1)
      const one = j === 1 ? 1 : h >> 1
      const plusOne = j === 1 ? 0 : h >> 1
      const plusTwo = j === 1 ? 1 : h + (h >> 1)
      for (let k = 0; k < length; k++) {
        const a = Math.max(k - two, 0)
        const b = Math.max(k - one, 0)
        const c = Math.min(k + plusOne, last)
        const d = Math.min(k + plusTwo, last)
        to[k] = ((from[a] as number) + 3 * ((from[b] as number) + (from[c] as number)) + (from[d] as number)) / 8
      }
      from = to
    }
  }
}
