import { isMissing } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import type { EcgView } from './ecg-view.js'

/** Signal that later steps may look back on. Fibrillation is told from 8 s, a noisy beat from its neighbours. */
const historySeconds = 10
/** The chain pushes no more than this at once, so that nothing is overwritten before it is read. */
export const longestPushSeconds = 1

/** Rings of the raw samples of each lead, kept in single precision (24 bits; converters have at most that). */
export class EcgHistory implements EcgView {
  readonly reachSeconds = historySeconds
  /** Set by the chain before each decision. */
  end = 0
  private readonly rings: Float32Array[]
  private readonly mask: number
  private newest = -1

  /** @param scale millivolts in one unit of the samples, or null when the unit is no voltage */
  constructor(
    readonly leadCount: number,
    readonly fsHz: number,
    private readonly scale: number | null,
  ) {
    let size = 1
    while (size < (historySeconds + 2 * longestPushSeconds) * fsHz) size *= 2
    this.mask = size - 1
    this.rings = Array.from({ length: leadCount }, () => new Float32Array(size).fill(Number.NaN))
  }

  get millivolts(): boolean {
    return this.scale !== null
  }

  /**
   * Takes in samples of all leads from index `start` on (null: without contact, none is a sample); what lies between the
   * newest sample and `start` is missing.
   */
  push(start: number, channels: readonly Float64Array[] | null, from: number, length: number): void {
    const { mask, rings } = this
    const scale = this.scale ?? 1
    const missing = this.newest < 0 ? 0 : Math.min(start - this.newest, mask + 1)
    for (let lead = 0; lead < rings.length; lead++) {
      const ring = rings[lead] as Float32Array
      for (let k = start - missing; k < start; k++) ring[k & mask] = Number.NaN
      const samples = channels?.[lead]
      for (let i = 0; i < length; i++) {
        const value = samples === undefined ? Number.NaN : (samples[from + i] as number)
        ring[(start + i) & mask] = isMissing(value) ? Number.NaN : value * scale
      }
    }
    this.newest = start + length
  }

  read(lead: number, from: number, into: Float64Array): number {
    const ring = this.rings[lead] as Float32Array
    const { mask, newest } = this
    const length = into.length
    const oldest = Math.max(0, newest - mask - 1)
    const first = Math.min(length, Math.max(0, oldest - from))
    const last = Math.max(first, Math.min(length, Math.min(this.end, newest) - from))
    if (first > 0) into.fill(Number.NaN, 0, first)
    if (last < length) into.fill(Number.NaN, last)
    let missing = 0
    for (let i = first; i < last; i++) {
      const value = ring[(from + i) & mask] as number
      into[i] = value
      if (Number.isNaN(value)) missing++
    }
    return last - first - missing
  }

  restart(): void {
    for (const ring of this.rings) ring.fill(Number.NaN)
    this.newest = -1
    this.end = 0
  }

  save(): StageState {
    return { newest: this.newest, end: this.end, rings: this.rings.map(ring => ring.slice()) }
  }

  load(saved: StageState): void {
    const state = saved as { newest: number; end: number; rings: Float32Array[] }
    this.newest = state.newest
    this.end = state.end
    state.rings.forEach((ring, lead) => {
      this.rings[lead]?.set(ring)
    })
  }
}
