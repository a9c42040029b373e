import { cos } from '../dsp/math.js'
import { copyState, restoreState } from '../dsp/state.js'
import { ToneMeter } from '../dsp/tone.js'
import type { TreeEnsemble } from '../dsp/tree-ensemble.js'
import type { Kernel } from '../kernel/kernel.js'
import type { QualityReason } from '../signal/observation.js'
import { type SampleBlock, sampleFlags } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import { mainsDefaults } from './conditioning/mains-watch.js'
import { LeadNoiseFeatures } from './lead-quality-features.js'
import { judgeNoise } from './lead-quality-model.js'
import { noiseModel } from './noise-model.js'

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
  /** What is left is judged by this. */
  readonly noise: TreeEnsemble
}

export const leadQualityDefaults: LeadQualityParameters = {
  constantSeconds: 0.8,
  railSeconds: 0.08,
  railMillivolts: 4,
  lowMillivolts: 0.15,
  highMillivolts: 12,
  noise: noiseModel,
}

export interface SecondQuality {
  readonly quality: number
  readonly reason: QualityReason
}

/** The electrodes do not touch: whichever word the device has for it. */
export const noContact = sampleFlags.leadOff | sampleFlags.sensorOff

/** Share of the power of the second difference from which hum is what makes a signal rough. */
const humShare = 0.5

/** Signal quality of one lead, second by second, from its raw samples alone. */
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
    flags: 0,
  }
  private readonly noise: LeadNoiseFeatures
  /** Measured samples of the second that is open, as far as they fit. */
  private readonly second: Float64Array
  private hum: ToneMeter | null = null

  constructor(
    private readonly fsHz: number,
    private readonly millivolts: number | null,
    private readonly kernel: Kernel,
    private readonly parameters: LeadQualityParameters = leadQualityDefaults,
  ) {
    this.noise = new LeadNoiseFeatures(fsHz, kernel)
    this.second = new Float64Array(Math.floor(fsHz))
  }

  /** Flags of samples that are not measured at all. */
  flag(flags: number): void {
    this.state.flags |= flags
  }

  add(block: SampleBlock): void {
    const { state } = this
    state.flags |= block.flags
    this.noise.add(block)
    if (block.flags & sampleFlags.interpolated) return
    const samples = block.samples
    const room = this.second.length - state.samples
    if (room > 0) this.second.set(samples.length > room ? samples.subarray(0, room) : samples, state.samples)
    if (block.gapBefore > 0) {
      state.run = 0
      state.last = Number.POSITIVE_INFINITY
    }
    let { low, high, last, run, longest, longestAt } = state
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
      if (x !== last) run = 1
      else if (++run > longest) {
        longest = run
        longestAt = x
      }
      last = x
    }
    state.low = low
    state.high = high
    state.last = last
    state.run = run
    state.longest = longest
    state.longestAt = longestAt
    state.samples += samples.length
  }

  /** Closes a second of `expected` samples. */
  close(expected: number): SecondQuality {
    const failure = this.failure(expected)
    const measured = this.noise.close(failure === null)
    const result = failure ?? this.fromNoise(measured)
    const { state } = this
    Object.assign(state, { samples: 0, longest: state.run, longestAt: state.last, flags: 0 })
    return result
  }

  restart(): void {
    Object.assign(this.state, new LeadQuality(this.fsHz, this.millivolts, this.kernel, this.parameters).state)
    this.second.fill(0)
    this.noise.restart()
  }

  save(): StageState {
    return { samples: copyState(this.state), second: this.second.slice(), noise: this.noise.save() }
  }

  load(saved: StageState): void {
    const { samples, second, noise } = saved as { samples: StageState; second: Float64Array; noise: StageState }
    restoreState(this.state, samples)
    this.second.set(second)
    this.noise.load(noise)
  }

  private fromNoise(measured: boolean): SecondQuality {
    if (!measured) return { quality: 0.7, reason: 'good' }
    const judged = judgeNoise(this.noise.values)
    return judged.reason === 'muscle' && this.isHum() ? { ...judged, reason: 'mains' } : judged
  }

  /** A tone at a line frequency makes most of what is rough: hum, not muscle. */
  private isHum(): boolean {
    const { second, fsHz } = this
    if (this.state.samples < second.length) return false
    let bends = 0
    for (let i = 2; i < second.length; i++) {
      const bend = (second[i] as number) - 2 * (second[i - 1] as number) + (second[i - 2] as number)
      bends += bend * bend
    }
    bends /= second.length - 2
    const lines = mainsDefaults.linesHz.filter(hz => hz < 0.48 * fsHz)
    this.hum ??= new ToneMeter(second.length, fsHz, lines)
    const meter = this.hum
    return lines.some((hz, i) => {
      const bend = meter.measure(second, i).amplitude * (2 - 2 * cos((2 * Math.PI * hz) / fsHz))
      return (bend * bend) / 2 > humShare * bends
    })
  }

  /** What no ECG looks like, or one too small to be told from noise. */
  private failure(expected: number): SecondQuality | null {
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
    return null
  }
}
