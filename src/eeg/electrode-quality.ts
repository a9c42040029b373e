import { copyState, restoreState } from '../dsp/state.js'
import { ToneMeter } from '../dsp/tone.js'
import type { QualityReason } from '../signal/observation.js'
import { sampleFlags } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'

/** Amplitudes in microvolts. Choices of this project: scalp EEG of adults is mostly below 200 uV peak to peak. */
export const electrodeParameters = {
  flatSeconds: 0.8,
  railSeconds: 0.1,
  largestSwing: 600,
  /** Mains with this amplitude and this share of the swing is what the electrode mostly gives. */
  mainsAmplitude: 30,
  mainsShare: 0.6,
} as const

/** What one electrode gave in a second: usable, or why not. */
export class ElectrodeQuality {
  readonly #fs: number
  readonly #mains: ToneMeter
  readonly #values: Float64Array
  readonly #state = {
    samples: 0,
    held: 0,
    leadOff: 0,
    saturated: 0,
    motion: 0,
    last: Number.NaN,
    run: 0,
    longestRun: 0,
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
  }
  reason: QualityReason = 'missing'

  constructor(fsHz: number) {
    this.#fs = fsHz
    this.#values = new Float64Array(Math.ceil(fsHz) + 1)
    this.#mains = new ToneMeter(Math.floor(fsHz), fsHz, fsHz > 121 ? [50, 60] : [])
  }

  /** A sample in microvolts; NaN: missing. */
  step(value: number, flags: number): void {
    const s = this.#state
    s.samples += 1
    if (flags & (sampleFlags.leadOff | sampleFlags.sensorOff)) s.leadOff += 1
    if (Number.isNaN(value)) return
    if (flags & sampleFlags.saturated) s.saturated += 1
    if (flags & sampleFlags.motion) s.motion += 1
    if (s.held < this.#values.length) this.#values[s.held] = value
    s.held += 1
    s.run = value === s.last ? s.run + 1 : 1
    s.last = value
    if (s.run > s.longestRun) s.longestRun = s.run
    if (value < s.low) s.low = value
    if (value > s.high) s.high = value
  }

  miss(count: number): void {
    this.#state.samples += count
    this.#state.run = 0
  }

  /** Ends the second; 1 usable, else less with its `reason`. */
  closeSecond(): number {
    this.reason = this.#judge()
    const s = this.#state
    s.samples = s.held = s.leadOff = s.saturated = s.motion = s.longestRun = 0
    s.low = Number.POSITIVE_INFINITY
    s.high = Number.NEGATIVE_INFINITY
    return this.reason === 'good' ? 1 : this.reason === 'mains' || this.reason === 'motion' ? 0.3 : 0
  }

  #judge(): QualityReason {
    const s = this.#state
    const { flatSeconds, railSeconds, largestSwing, mainsAmplitude, mainsShare } = electrodeParameters
    if (s.leadOff * 2 > s.samples) return 'lead-off'
    if (s.held * 2 < s.samples || s.held === 0) return 'missing'
    if (s.longestRun > flatSeconds * this.#fs) return 'flat'
    const swing = s.high - s.low
    if (s.saturated * 5 > s.held || (s.longestRun > railSeconds * this.#fs + 2 && swing > largestSwing)) return 'saturated'
    if (s.motion * 5 > s.held || swing > largestSwing) return 'motion'
    if (s.held >= this.#mains.length) {
      for (let which = 0; which < this.#mains.frequencies.length; which += 1) {
        const { amplitude } = this.#mains.measure(this.#values, which)
        if (amplitude > mainsAmplitude && 2 * amplitude > mainsShare * swing) return 'mains'
      }
    }
    return 'good'
  }

  save(): StageState {
    return { state: copyState(this.#state), values: this.#values.slice(), reason: this.reason }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; values: Float64Array; reason: QualityReason }
    restoreState(this.#state, from.state)
    this.#values.set(from.values)
    this.reason = from.reason
  }
}
