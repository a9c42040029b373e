import { secondOf, secondStart } from '../dsp/second-grid.js'
import type { SecondwiseChannel } from '../dsp/secondwise-chain.js'
import { copyState, restoreState } from '../dsp/state.js'
import { Welch } from '../dsp/welch.js'
import type { QualityReason } from '../signal/observation.js'
import { hertz, type Rate } from '../signal/rate.js'
import type { StageState } from '../signal/stage.js'
import { eegFilterParameters } from './eeg-filters.js'
import { ElectrodeQuality, electrodeParameters } from './electrode-quality.js'
import { Suppression, suppressionParameters } from './suppression.js'

export const eegParameters = {
  epochSeconds: 10,
  segmentSeconds: 2,
  highestHz: 45,
  /** Of an epoch's seconds, so many must be usable. */
  leastUsable: 8,
  band: eegFilterParameters,
  electrode: electrodeParameters,
  suppression: suppressionParameters,
  version: 2,
} as const

/** What an epoch of one electrode gave. */
export interface EegEpoch {
  /** uV^2/Hz; null: `reason`. */
  readonly density: Float64Array | null
  readonly binHz: number
  /** Per cent of the last minute; null: too little signal. */
  readonly suppression: number | null
  readonly reason: QualityReason
  /** Share of the epoch's seconds that were usable. */
  readonly usable: number
  readonly from: number
  readonly to: number
}

/** One electrode (or pair): quality each second, a spectrum and the suppression ratio each epoch of ten. */
export class EegChannel implements SecondwiseChannel {
  readonly #fs: Rate
  readonly #microvolts: number
  readonly #welch: Welch
  readonly #quality: ElectrodeQuality
  readonly #suppression: Suppression
  /** The epoch under way; NaN where nothing came or the second was not usable. */
  #samples: Float64Array
  readonly #state = { next: -1, epochFrom: 0, epochEnd: 0, usable: 0, worst: 'good' as QualityReason, worth: 0 }
  epoch: EegEpoch | null = null

  /** `microvolts`: of one unit of the stream. */
  constructor(fs: Rate, microvolts: number) {
    const fsHz = hertz(fs)
    this.#fs = fs
    this.#microvolts = microvolts
    const { segmentSeconds, highestHz, epochSeconds } = eegParameters
    this.#welch = new Welch({ length: Math.round(segmentSeconds * fsHz), fsHz, highestHz })
    this.#quality = new ElectrodeQuality(fsHz)
    this.#suppression = new Suppression(fsHz)
    this.#samples = new Float64Array(Math.ceil(epochSeconds * fsHz) + 1).fill(Number.NaN)
  }

  step(value: number, index: number, flags: number): boolean {
    const s = this.#state
    if (s.next < 0 || index >= s.epochEnd) this.#begin(index)
    const sample = value * this.#microvolts
    this.#quality.step(sample, flags)
    this.#suppression.step(sample)
    this.#samples[index - s.epochFrom] = sample
    s.next = index + 1
    return false
  }

  lose(count: number): void {
    this.#suppression.lose(Math.floor(count / hertz(this.#fs)))
  }

  missInSecond(count: number): void {
    this.#quality.miss(count)
  }

  closeSecond(now: number): number {
    const s = this.#state
    const quality = this.#quality.closeSecond()
    this.#suppression.closeSecond()
    // The second that ends may lie in an epoch that this electrode has not begun.
    if (s.next < 0 || now >= s.epochEnd || now < s.epochFrom) this.#begin(now)
    if (quality >= 0.5) s.usable += 1
    else {
      s.worst = this.reason
      const from = secondStart(secondOf(now, this.#fs), this.#fs)
      this.#samples.fill(Number.NaN, Math.max(0, from - s.epochFrom), now + 1 - s.epochFrom)
    }
    s.worth += 0.125 * (quality - s.worth)
    this.epoch = now + 1 === s.epochEnd ? this.#closeEpoch() : null
    return quality
  }

  finish(): boolean {
    return false
  }

  get reason(): QualityReason {
    return this.#quality.reason
  }

  get worth(): number {
    return this.#state.worth
  }

  save(): StageState {
    return {
      state: copyState(this.#state),
      samples: this.#samples.slice(),
      quality: this.#quality.save(),
      suppression: this.#suppression.save(),
    }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; samples: Float64Array; quality: StageState; suppression: StageState }
    restoreState(this.#state, from.state)
    this.#samples.set(from.samples)
    this.#quality.load(from.quality)
    this.#suppression.load(from.suppression)
  }

  #begin(index: number): void {
    const s = this.#state
    const { epochSeconds } = eegParameters
    const epoch = Math.floor(secondOf(index, this.#fs) / epochSeconds)
    s.epochFrom = secondStart(epoch * epochSeconds, this.#fs)
    s.epochEnd = secondStart((epoch + 1) * epochSeconds, this.#fs)
    s.usable = 0
    s.worst = 'missing'
    this.#samples.fill(Number.NaN)
    s.next = index
  }

  #closeEpoch(): EegEpoch {
    const s = this.#state
    const { epochSeconds, leastUsable } = eegParameters
    const { epochFrom: from, epochEnd: to } = s
    const enough = s.usable >= leastUsable
    const density = enough ? (this.#welch.density(this.#samples.subarray(0, to - from))?.density ?? null) : null
    const suppression = enough ? this.#suppression.ratio(hertz(this.#fs)) : null
    const epoch = { density, binHz: this.#welch.binHz, suppression, reason: s.worst, usable: s.usable / epochSeconds, from, to }
    s.next = -1
    return epoch
  }
}
