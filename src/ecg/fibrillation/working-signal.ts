import type { StageState } from '../../signal/stage.js'
import type { EcgView } from '../ecg-view.js'

/** Rate in Hz at which fibrillation is looked for: low enough for every stream that the ECG chain accepts. */
export const workingHz = 100
/** Seconds of signal that a conclusion rests on. */
export const windowSeconds = 8
export const windowSamples = windowSeconds * workingHz
/** Up to this share of a window may be missing; it is bridged by straight lines (defibrillation saturates and loses signal). */
const mostMissing = 0.25

/**
 * The last 8 s of each lead at 100 Hz. Sample n is the mean of the raw signal over [(n - 1) / 100 s, (n + 1) / 100 s): a box of 20 ms,
 * which has its zeros at 50 and 100 Hz and so leaves little of mains, muscle and what would fold back. Places are counted from
 * sample 0 of the stream, so the result does not depend on when it was asked for. What was worked out before is kept, and is part of the
 * state: after a long gap the view no longer has the samples that it was made of.
 */
export class WorkingSignal {
  /** Raw samples in one sample of the working rate. */
  private readonly ratio: number
  private readonly rings: Float64Array[]
  private readonly next: number[]
  private readonly raw: Float64Array

  constructor(fsHz: number, leadCount: number) {
    this.ratio = fsHz / workingHz
    this.rings = Array.from({ length: leadCount }, () => new Float64Array(ringSize).fill(Number.NaN))
    this.next = new Array<number>(leadCount).fill(Number.NEGATIVE_INFINITY)
    this.raw = new Float64Array(Math.ceil((windowSamples + 2) * this.ratio) + 2)
  }

  /**
   * Copies the window that ends before raw sample `to` into `into` (`windowSamples` long). False when more than a quarter of it is missing,
   * also because the stream is younger than the window.
   */
  read(lead: number, to: number, view: EcgView, into: Float64Array): boolean {
    const end = Math.floor(to / this.ratio)
    const from = end - windowSamples
    if (from < 1) return false
    this.workOut(lead, Math.max(from, this.next[lead] as number), end, view)
    const ring = this.rings[lead] as Float64Array
    let missing = 0
    for (let i = 0; i < windowSamples; i++) {
      const value = ring[(from + i) & ringMask] as number
      into[i] = value
      if (Number.isNaN(value)) missing++
    }
    if (missing > mostMissing * windowSamples) return false
    if (missing > 0) bridge(into)
    return true
  }

  restart(): void {
    this.next.fill(Number.NEGATIVE_INFINITY)
    for (const ring of this.rings) ring.fill(Number.NaN)
  }

  save(): StageState {
    return { next: [...this.next], rings: this.rings.map(ring => ring.slice()) }
  }

  load(saved: StageState): void {
    const { next, rings } = saved as { next: number[]; rings: Float64Array[] }
    for (const [lead, ring] of rings.entries()) {
      this.next[lead] = next[lead] as number
      this.rings[lead]?.set(ring)
    }
  }

  private workOut(lead: number, from: number, end: number, view: EcgView): void {
    if (from >= end) return
    const { ratio, raw } = this
    const ring = this.rings[lead] as Float64Array
    const first = Math.floor((from - 1) * ratio)
    view.read(lead, first, raw.subarray(0, Math.ceil(end * ratio) - first))
    for (let n = from; n < end; n++) {
      const start = (n - 1) * ratio - first
      const stop = (n + 1) * ratio - first
      const firstWhole = Math.ceil(start)
      const lastWhole = Math.floor(stop)
      let sum = 0
      for (let k = firstWhole; k < lastWhole; k++) sum += raw[k] as number
      if (firstWhole > start) sum += (firstWhole - start) * (raw[firstWhole - 1] as number)
      if (stop > lastWhole) sum += (stop - lastWhole) * (raw[lastWhole] as number)
      ring[n & ringMask] = sum / (stop - start)
    }
    this.next[lead] = end
  }
}

const ringSize = 1024
const ringMask = ringSize - 1

/** Straight lines over what is missing; at the ends the nearest value. */
function bridge(values: Float64Array): void {
  let before = -1
  for (let i = 0; i <= values.length; i++) {
    if (i < values.length && Number.isNaN(values[i])) continue
    if (i - before > 1) {
      const left = (before >= 0 ? values[before] : values[i]) as number
      const right = (i < values.length ? values[i] : left) as number
      const step = (right - left) / (i - before)
      for (let k = before + 1; k < i; k++) values[k] = left + step * (k - before)
    }
    before = i
  }
}
