import { copyState, restoreState } from '../dsp/state.js'
import type { QualityReason } from '../signal/observation.js'
import { type SampleBlock, sampleFlags } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'

export interface LeadQualityParameters {
  /** A run of equal samples this long is no heart, however still: the electrode is off or the channel dead. */
  readonly constantSeconds: number
  /** Equal samples at the top or bottom of a large swing: the amplifier is at its rail. */
  readonly railSeconds: number
  readonly railMillivolts: number
  /** Peak to peak below this is low amplitude: usable, a real asystole looks so. */
  readonly lowMillivolts: number
  /** Peak to peak above this within a second is no ECG. */
  readonly highMillivolts: number
  /** Noise peaks over QRS peaks in the detector's feature: quality falls from 1 at the first to 0.3 at the second. */
  readonly noiseRatio: readonly [number, number]
  /** Mean size of the second difference over a millivolt-scaled signal, as a share of peak to peak: muscle and mains. */
  readonly roughness: readonly [number, number]
}

export const leadQualityDefaults: LeadQualityParameters = {
  constantSeconds: 0.8,
  railSeconds: 0.08,
  railMillivolts: 4,
  lowMillivolts: 0.15,
  highMillivolts: 12,
  noiseRatio: [0.3, 0.8],
  roughness: [0.12, 0.4],
}

export interface SecondQuality {
  readonly quality: number
  readonly reason: QualityReason
}

/** The electrodes do not touch: whichever word the device has for it. */
export const noContact = sampleFlags.leadOff | sampleFlags.sensorOff

/** Signal quality of one lead, second by second, from its raw samples and from the levels that the detector has learned. */
export class LeadQuality {
  private readonly state = {
    samples: 0,
    low: 0,
    high: 0,
    /** The run of equal samples that goes on, also from the second before. */
    last: Number.POSITIVE_INFINITY,
    run: 0,
    longest: 0,
    longestAt: 0,
    before: 0,
    rough: 0,
    flags: 0,
  }

  constructor(
    private readonly fsHz: number,
    private readonly millivolts: number | null,
    private readonly parameters: LeadQualityParameters = leadQualityDefaults,
  ) {}

  /** Flags of samples that are not measured at all. */
  flag(flags: number): void {
    this.state.flags |= flags
  }

  add(block: SampleBlock): void {
    const { state } = this
    state.flags |= block.flags
    if (block.flags & sampleFlags.interpolated) return
    const samples = block.samples
    if (block.gapBefore > 0) {
      state.run = 0
      state.last = Number.POSITIVE_INFINITY
    }
    let { low, high, last, run, longest, longestAt, before, rough } = state
    const first = samples[0] as number
    if (state.samples === 0) {
      low = first
      high = first
    }
    // Before the first sample of a stretch there is none to differ from.
    const fresh = last === Number.POSITIVE_INFINITY
    if (fresh) {
      last = first
      run = 0
    }
    if (longest === 0) {
      longest = 1
      longestAt = first
    }
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i] as number
      if (x < low) low = x
      if (x > high) high = x
      const difference = x - last
      if (difference !== 0) run = 1
      else if (++run > longest) {
        longest = run
        longestAt = x
      }
      const bend = difference - before
      rough += bend < 0 ? -bend : bend
      before = difference
      last = x
    }
    state.low = low
    state.high = high
    state.last = last
    state.run = run
    state.longest = longest
    state.longestAt = longestAt
    state.before = before
    state.rough = rough
    state.samples += samples.length
  }

  /** Closes a second of `expected` samples; `noise` and `qrs` are the detector's levels (0: not learned). */
  close(expected: number, noise: number, qrs: number): SecondQuality {
    const result = this.judge(expected, noise, qrs)
    const { state } = this
    Object.assign(state, { samples: 0, longest: state.run, longestAt: state.last, rough: 0, flags: 0 })
    return result
  }

  restart(): void {
    Object.assign(this.state, new LeadQuality(this.fsHz, this.millivolts, this.parameters).state)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }

  private judge(expected: number, noise: number, qrs: number): SecondQuality {
    const { state, parameters: p } = this
    if (state.flags & noContact) return { quality: 0, reason: 'lead-off' }
    if (state.flags & sampleFlags.saturated) return { quality: 0, reason: 'saturated' }
    if (state.samples < expected / 2) return { quality: 0, reason: 'missing' }
    if (state.longest >= p.constantSeconds * this.fsHz) return { quality: 0, reason: 'flat' }
    const swing = state.high - state.low
    const swingMillivolts = this.millivolts === null ? null : swing * this.millivolts
    const atRail = state.longestAt === state.high || state.longestAt === state.low
    const big = swingMillivolts === null || swingMillivolts >= p.railMillivolts
    if (atRail && big && state.longest >= p.railSeconds * this.fsHz) return { quality: 0.2, reason: 'saturated' }
    if (swingMillivolts !== null && swingMillivolts > p.highMillivolts) return { quality: 0.2, reason: 'noise' }
    if (swingMillivolts !== null && swingMillivolts < p.lowMillivolts) return { quality: 0.6, reason: 'low-amplitude' }
    const fromPeaks = qrs > 0 ? falling(noise / qrs, p.noiseRatio) : 0.7
    const fromRoughness = falling(((state.rough / state.samples) * this.fsHz) / 250 / (swing || 1), p.roughness)
    const quality = Math.min(fromPeaks, fromRoughness)
    return { quality, reason: quality < 0.5 ? 'noise' : 'good' }
  }
}

/** 1 up to the first bound, 0.3 at the second, straight between, not below 0.1. */
function falling(value: number, [from, to]: readonly [number, number]): number {
  if (value <= from) return 1
  const fallen = 1 - (0.7 * (value - from)) / (to - from)
  return Math.max(0.1, fallen)
}
