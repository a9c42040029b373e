import type { EcgView } from '../ecg-view.js'

/**
 * The stretch of signal round one beat, at 250 Hz whatever the rate of the stream, with the R peak at sample `origin`:
 * from 0.52 s before to 0.88 s after. All that delineation does is done in such frames, so its constants are times.
 */
export const frameHz = 250
export const frameOrigin = 130
export const frameLength = 350

/** Seconds of signal after the R peak that a frame needs, with the reach of the interpolation. */
export const frameAfterSeconds = (frameLength - frameOrigin) / frameHz + 0.016

/** Part of a frame whose samples are there: [from, to) round the R peak. */
export interface FrameSpan {
  readonly from: number
  readonly to: number
}

/** Reads frames of one rate; its buffers are reused from beat to beat. */
export class BeatFrameReader {
  private readonly raw: Float64Array
  private readonly reach: number
  private readonly margin: number
  private base = 0

  /** @param fsHz 100 to 1000 */
  constructor(private readonly fsHz: number) {
    // Keys' kernel reaches two of its own steps; it is stretched to the coarser of the two grids, so that it also smooths.
    this.reach = 2 * Math.max(1, fsHz / frameHz)
    this.margin = Math.ceil(this.reach) + Math.ceil(0.03 * fsHz)
    this.raw = new Float64Array(Math.ceil((frameLength / frameHz) * fsHz) + 2 * this.margin + 2)
  }

  /** Takes the raw samples round `peak` (samples, with fraction) out of the view; `fill` then lays frames over them. */
  take(view: EcgView, lead: number, peak: number): void {
    this.base = Math.floor(peak - (frameOrigin / frameHz) * this.fsHz) - this.margin
    view.read(lead, this.base, this.raw)
  }

  /**
   * Lays a frame with its origin at `peak` (within 30 ms of that of `take`) into `into`. Returns the part that is there;
   * beyond it the value at its edge goes on. Null when there is nothing at the origin.
   */
  fill(peak: number, into: Float64Array): FrameSpan | null {
    const { raw, base, fsHz, reach } = this
    const step = fsHz / frameHz
    const start = peak - base - frameOrigin * step
    const stretch = reach / 2
    const [low, high] = this.valid(Math.round(peak - base))
    if (low > high) return null
    const from = Math.max(0, Math.ceil((low + reach - 1 - start) / step))
    const to = Math.min(frameLength, Math.floor((high - reach + 1 - start) / step) + 1)
    if (from > frameOrigin || to <= frameOrigin) return null
    for (let k = from; k < to; k++) {
      const at = start + k * step
      let first = Math.ceil(at - reach)
      let last = Math.floor(at + reach)
      if (first < low) first = low
      if (last > high) last = high
      let sum = 0
      let weights = 0
      for (let j = first; j <= last; j++) {
        const weight = keys((at - j) / stretch)
        sum += weight * (raw[j] as number)
        weights += weight
      }
      into[k] = sum / weights
    }
    into.fill(into[from] as number, 0, from)
    into.fill(into[to - 1] as number, to)
    return { from, to }
  }

  /** First and last raw sample of the stretch without a missing one round `at`. */
  private valid(at: number): [number, number] {
    const { raw } = this
    let low = at
    let high = at
    if (!(at >= 0 && at < raw.length) || Number.isNaN(raw[at])) return [1, 0]
    while (low > 0 && !Number.isNaN(raw[low - 1])) low--
    while (high < raw.length - 1 && !Number.isNaN(raw[high + 1])) high++
    return [low, high]
  }
}

/** Cubic convolution kernel (Keys, IEEE Trans ASSP 29(6), 1981) with a = -1/2. */
function keys(x: number): number {
  const u = x < 0 ? -x : x
  if (u < 1) return (1.5 * u - 2.5) * u * u + 1
  if (u < 2) return ((-0.5 * u + 2.5) * u - 4) * u + 2
  return 0
}
