import { SosCascade } from '../dsp/sos-filter.js'
import { copyState, restoreState } from '../dsp/state.js'
import { ToneMeter } from '../dsp/tone.js'
import type { QualityReason } from '../signal/observation.js'
import { sampleFlags } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import { eegFilterParameters, eegNoisePass } from './eeg-filters.js'

/** Amplitudes in microvolts. Choices of this project: scalp EEG of adults is mostly below 200 uV peak to peak. */
export const electrodeParameters = {
  flatSeconds: 0.8,
  /** Less than this in a second is no EEG, suppressed or not: an amplifier alone. */
  leastSwing: 0.5,
  railSeconds: 0.1,
  largestSwing: 600,
  /** Mains with this amplitude and this share of the swing is what the electrode mostly gives. */
  mainsAmplitude: 30,
  mainsShare: 0.6,
  /** Root mean square above 30 Hz besides mains: cortical gamma at the scalp is a few microvolts, muscle and poor contacts tens. */
  noiseRms: 20,
} as const

/** Something of the EEG is left in these. */
const weakReasons: ReadonlySet<QualityReason> = new Set(['mains', 'motion', 'noise'])

/** What one electrode gave in a second: usable, or why not. */
export class ElectrodeQuality {
  readonly #fs: number
  readonly #mains: ToneMeter
  readonly #values: Float64Array
  readonly #noise: SosCascade
  readonly #one = new Float64Array(1)
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
    noisePower: 0,
  }
  reason: QualityReason = 'missing'

  constructor(fsHz: number) {
    this.#fs = fsHz
    this.#values = new Float64Array(Math.ceil(fsHz) + 1)
    this.#mains = new ToneMeter(Math.floor(fsHz), fsHz, fsHz > 121 ? eegFilterParameters.mainsHz : [])
    this.#noise = new SosCascade(eegNoisePass(fsHz))
  }

  /** A sample in microvolts; NaN: missing. */
  step(value: number, flags: number): void {
    const s = this.#state
    s.samples += 1
    if (flags & (sampleFlags.leadOff | sampleFlags.sensorOff)) s.leadOff += 1
    if (Number.isNaN(value)) {
      this.#noise.restart()
      return
    }
    if (flags & sampleFlags.saturated) s.saturated += 1
    if (flags & sampleFlags.motion) s.motion += 1
    if (s.held < this.#values.length) this.#values[s.held] = value
    s.held += 1
    s.run = value === s.last ? s.run + 1 : 1
    s.last = value
    if (s.run > s.longestRun) s.longestRun = s.run
    if (value < s.low) s.low = value
    if (value > s.high) s.high = value
    this.#one[0] = value
    this.#noise.run(this.#one, this.#one, 1)
    s.noisePower += this.#one[0]! * this.#one[0]!
  }

  miss(count: number): void {
    this.#state.samples += count
    this.#state.run = 0
    if (count > 0) this.#noise.restart()
  }

  /** Ends the second; 1 usable, else less with its `reason`. */
  closeSecond(): number {
    this.reason = this.#judge()
    const s = this.#state
    s.samples = s.held = s.leadOff = s.saturated = s.motion = s.longestRun = s.noisePower = 0
    s.low = Number.POSITIVE_INFINITY
    s.high = Number.NEGATIVE_INFINITY
    return this.reason === 'good' ? 1 : weakReasons.has(this.reason) ? 0.3 : 0
  }

  #judge(): QualityReason {
    const s = this.#state
    const { flatSeconds, leastSwing, railSeconds, largestSwing, mainsAmplitude, mainsShare, noiseRms } = electrodeParameters
    if (s.leadOff * 2 > s.samples) return 'lead-off'
    if (s.held * 2 < s.samples || s.held === 0) return 'missing'
    const swing = s.high - s.low
    if (s.longestRun > flatSeconds * this.#fs || swing < leastSwing) return 'flat'
    if (s.saturated * 5 > s.held || (s.longestRun > railSeconds * this.#fs + 2 && swing > largestSwing)) return 'saturated'
    if (s.motion * 5 > s.held || swing > largestSwing) return 'motion'
    if (s.held >= this.#mains.length) {
      for (let which = 0; which < this.#mains.frequencies.length; which += 1) {
        const { amplitude } = this.#mains.measure(this.#values, which)
        if (amplitude > mainsAmplitude && 2 * amplitude > mainsShare * swing) return 'mains'
      }
    }
    return s.noisePower > noiseRms * noiseRms * s.held ? 'noise' : 'good'
  }

  save(): StageState {
    return { state: copyState(this.#state), values: this.#values.slice(), noise: this.#noise.save(), reason: this.reason }
  }

  load(saved: StageState): void {
    const from = saved as { state: object; values: Float64Array; noise: StageState; reason: QualityReason }
    restoreState(this.#state, from.state)
    this.#values.set(from.values)
    this.#noise.load(from.noise)
    this.reason = from.reason
  }
}
