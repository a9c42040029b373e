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
  /** Frame samples after which the two grids lie to one another as before, and the raw samples that these are. */
  private readonly cycle: number
  private readonly cycleSamples: number
  private readonly weights: Float64Array
  private base = 0
  /** No raw sample is missing. */
  private complete = false

  /** @param fsHz 100 to 1000 */
  constructor(private readonly fsHz: number) {
    // Keys' kernel reaches two of its own steps; it is stretched to the coarser of the two grids, so that it also smooths.
    this.reach = 2 * Math.max(1, fsHz / frameHz)
    this.margin = Math.ceil(this.reach) + Math.ceil(0.03 * fsHz)
    this.raw = new Float64Array(Math.ceil((frameLength / frameHz) * fsHz) + 2 * this.margin + 2)
    let cycle = 1
    while (cycle < frameLength && !Number.isInteger((cycle * fsHz) / frameHz)) cycle++
    this.cycle = cycle
    this.cycleSamples = (cycle * fsHz) / frameHz
    this.weights = new Float64Array(Math.ceil(2 * this.reach) + 2)
  }

  /** Takes the raw samples round `peak` (samples, with fraction) out of the view; `fill` then lays frames over them. */
  take(view: EcgView, lead: number, peak: number): void {
    this.base = Math.floor(peak - (frameOrigin / frameHz) * this.fsHz) - this.margin
    this.complete = view.read(lead, this.base, this.raw) === this.raw.length
  }

  /**
   * Lays a frame with its origin at `peak` (within 30 ms of that of `take`) into `into`, of it samples [first, last), which hold
   * the origin. Returns the part of the whole frame that is there; beyond it the value at its edge goes on. Null when there is
   * nothing at the origin.
   */
  fill(peak: number, into: Float64Array, first = 0, last = frameLength): FrameSpan | null {
    const { base, fsHz, reach, cycle } = this
    const step = fsHz / frameHz
    const start = peak - base - frameOrigin * step
    const [low, high] = this.valid(Math.round(peak - base))
    if (low > high) return null
    const from = Math.max(0, Math.ceil((low + reach - 1 - start) / step))
    const to = Math.min(frameLength, Math.floor((high - reach + 1 - start) / step) + 1)
    if (from > frameOrigin || to <= frameOrigin) return null
    const a = Math.max(from, first)
    const b = Math.min(to, last)
    for (let phase = 0; phase < cycle; phase++) {
      const behind = a > phase ? Math.ceil((a - phase) / cycle) : 0
      if (phase + behind * cycle < b) this.fillPhase(start + phase * step, phase, behind, b, low, high, into)
    }
    into.fill(into[a] as number, first, a)
    into.fill(into[b - 1] as number, b, last)
    return { from, to }
  }

  /** Frame samples `phase + m * cycle` below `end` from m = `cycles` on: they lie alike between raw samples and share their weights. */
  private fillPhase(at: number, phase: number, cycles: number, end: number, low: number, high: number, into: Float64Array): void {
    const { raw, reach, weights, cycle, cycleSamples } = this
    const stretch = reach / 2
    const first = Math.ceil(at - reach)
    const count = Math.floor(at + reach) - first + 1
    let all = 0
    for (let i = 0; i < count; i++) {
      const weight = keys((at - first - i) / stretch)
      weights[i] = weight
      all += weight
    }
    let m = cycles
    let k = phase + m * cycle
    // Where all raw samples are there, four at a time: sums that do not wait for each other.
    for (; k + 3 * cycle < end; m += 4, k += 4 * cycle) {
      const j = first + m * cycleSamples
      if (j < low || j + 3 * cycleSamples + count - 1 > high) break
      let one = 0
      let two = 0
      let three = 0
      let four = 0
      for (let i = 0; i < count; i++) {
        const weight = weights[i] as number
        one += weight * (raw[j + i] as number)
        two += weight * (raw[j + cycleSamples + i] as number)
        three += weight * (raw[j + 2 * cycleSamples + i] as number)
        four += weight * (raw[j + 3 * cycleSamples + i] as number)
      }
      into[k] = one / all
      into[k + cycle] = two / all
      into[k + 2 * cycle] = three / all
      into[k + 3 * cycle] = four / all
    }
    for (; k < end; m++, k += cycle) {
      const j = first + m * cycleSamples
      let sum = 0
      if (j >= low && j + count - 1 <= high) {
        for (let i = 0; i < count; i++) sum += (weights[i] as number) * (raw[j + i] as number)
        into[k] = sum / all
        continue
      }
      let there = 0
      for (let i = Math.max(0, low - j); i < count && j + i <= high; i++) {
        sum += (weights[i] as number) * (raw[j + i] as number)
        there += weights[i] as number
      }
      into[k] = sum / there
    }
  }

  /** First and last raw sample of the stretch without a missing one round `at`. */
  private valid(at: number): [number, number] {
    const { raw } = this
    if (this.complete) return [0, raw.length - 1]
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
