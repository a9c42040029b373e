import type { EcgView } from '../../../src/ecg/ecg-view.js'

export interface SyntheticBeat {
  readonly seconds: number
  readonly kind: 'normal' | 'wide' | 'early-p'
}

/** A lead of Gaussian waves: P, QRS and T; a wide beat has no P wave, a slow QRS complex and a T wave against it. */
export function drawBeats(beats: readonly SyntheticBeat[], fsHz: number, seconds: number, scale = 1): Float64Array {
  const samples = new Float64Array(Math.round(seconds * fsHz))
  const add = (centre: number, width: number, height: number): void => {
    const from = Math.max(0, Math.floor((centre - 4 * width) * fsHz))
    const to = Math.min(samples.length, Math.ceil((centre + 4 * width) * fsHz))
    for (let i = from; i < to; i++) {
      const t = (i / fsHz - centre) / width
      samples[i] = (samples[i] as number) + scale * height * Math.exp((-t * t) / 2)
    }
  }
  for (const { seconds: at, kind } of beats) {
    if (kind === 'wide') {
      add(at, 0.035, 1.6)
      add(at + 0.09, 0.03, -0.7)
      add(at + 0.3, 0.06, -0.5)
      continue
    }
    add(at - 0.16, 0.02, kind === 'early-p' ? -0.12 : 0.15)
    add(at - 0.025, 0.008, -0.1)
    add(at, 0.01, 1)
    add(at + 0.027, 0.009, -0.25)
    add(at + 0.26, 0.05, 0.3)
  }
  return samples
}

/** Leads in memory; nothing is shown from `end` on. */
export class MemoryView implements EcgView {
  readonly millivolts = true
  readonly reachSeconds = 10
  end = Number.POSITIVE_INFINITY

  constructor(
    private readonly leads: readonly Float64Array[],
    readonly fsHz: number,
  ) {}

  get leadCount(): number {
    return this.leads.length
  }

  read(lead: number, from: number, into: Float64Array): number {
    let present = 0
    for (let i = 0; i < into.length; i++) {
      const at = from + i
      into[i] = at >= 0 && at < this.end ? (this.leads[lead]?.[at] ?? Number.NaN) : Number.NaN
      if (!Number.isNaN(into[i])) present++
    }
    return present
  }
}
