import { bridged, newGapBridge, restart, samplesToBridge } from '../dsp/gap-bridge.js'
import type { SecondwiseChannel } from '../dsp/secondwise-chain.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { QualityReason } from '../signal/observation.js'
import { sampleFlags } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import { ApneaWatch, apneaParameters } from './apnea-watch.js'
import { BreathDetector } from './breath-detector.js'
import { BreathRate, type BreathRateResult } from './breath-rate.js'
import { BreathSpectrum, breathSpectrumParameters } from './breath-spectrum.js'

export const respirationParameters = {
  slowHz: [0.08, 0.7],
  fastHz: [0.3, 1.5],
  bridgeSeconds: 0.5,
  windowSeconds: 32,
  latestSeconds: 10,
  forgetSeconds: 60,
  leastSwing: 0.15,
  fastSwing: 1.4,
  sameShare: 0.8,
  /** Rates of the count and of the spectrum may differ by so much, per minute. */
  agreeWithin: 4,
  /** The spectrum speaks from this certainty on; without it only breaths this regular count. */
  spectrumSure: 0.6,
  regular: 0.85,
  spectrum: breathSpectrumParameters,
  apnea: apneaParameters,
  version: 3,
} as const

/**
 * One respiration channel followed in two bands. The slow band (5 to 42 /min) holds quiet breathing and leaves the heart
 * out; the fast one (18 to 90 /min) is believed only when its swings are larger than those of the slow band, at more than
 * 36 /min, not small against the breaths seen before, and with as many in the slow band: the heart's ripple is none of these at once.
 */
export class RespirationChannel implements SecondwiseChannel {
  readonly state = {
    gap: newGapBridge(),
    samples: 0,
    missing: 0,
    leadOff: 0,
    sensorOff: 0,
    motion: 0,
    last: Number.NaN,
    run: 0,
    longestRun: 0,
    rail: 0,
    highest: Number.NEGATIVE_INFINITY,
    lowest: Number.POSITIVE_INFINITY,
    fast: false,
    fastSeconds: 0,
    /** Swing of accepted breaths over minutes; small ripple is judged against it. */
    usual: 0,
    previous: Number.NaN,
    /** Index of the first valid sample after the latest gap: an interval that began before it is none. */
    afterGap: 0,
    breathIndex: 0,
    breathInterval: Number.NaN,
    breathQuality: 0,
    /** Breaths accepted of these electrodes, up to what an apnoea needs. */
    breaths: 0,
    quality: 0,
    worth: 0,
  }
  readonly slow: BreathDetector
  readonly quick: BreathDetector
  readonly slowRate: BreathRate
  readonly quickRate: BreathRate
  readonly spectrum: BreathSpectrum
  readonly apnea: ApneaWatch
  reason: QualityReason = 'missing'
  readonly #fs: number
  readonly #bridge: number

  constructor(fs: number) {
    const { slowHz, fastHz, bridgeSeconds } = respirationParameters
    this.#fs = fs
    this.#bridge = Math.floor(bridgeSeconds * fs)
    this.slow = new BreathDetector({ fs, lowHz: slowHz[0], highHz: slowHz[1] })
    this.quick = new BreathDetector({ fs, lowHz: fastHz[0], highHz: fastHz[1] })
    this.slowRate = new BreathRate(fs)
    this.quickRate = new BreathRate(fs)
    this.spectrum = new BreathSpectrum(fs)
    this.apnea = new ApneaWatch(fs)
  }

  /** One sample; true when it settled a breath of the band that is believed. NaN: missing. */
  step(value: number, index: number, flags: number): boolean {
    const s = this.state
    s.samples += 1
    if (Number.isNaN(value) || flags & (sampleFlags.sensorOff | sampleFlags.leadOff)) {
      s.missing += 1
      // Impedance is measured through the electrodes of the ECG: a lead that is off is the more exact word.
      if (!Number.isNaN(value)) {
        if (flags & sampleFlags.leadOff) s.leadOff += 1
        else s.sensorOff += 1
      }
      s.gap.missing += 1
      return false
    }
    if (flags & sampleFlags.motion) s.motion += 1
    if (value === s.last) s.run += 1
    else {
      s.run = 1
      s.last = value
    }
    if (s.run > s.longestRun) s.longestRun = s.run
    if (value > s.highest) s.highest = value
    if (value < s.lowest) s.lowest = value
    if (flags & sampleFlags.saturated || (s.run > 2 && (value === s.highest || value === s.lowest))) s.rail += 1
    let settled = false
    const gap = s.gap
    if (gap.missing > 0 || !gap.started) {
      s.afterGap = index
      const steps = samplesToBridge(gap, this.#bridge)
      if (steps === restart) this.#restart(value, gap.missing)
      else
        for (let step = 1; step <= steps; step += 1) {
          if (this.#feed(bridged(gap, value, step), index - steps - 1 + step)) settled = true
        }
      gap.missing = 0
      gap.started = true
    }
    gap.last = value
    return this.#feed(value, index) || settled
  }

  lose(count: number): void {
    this.state.gap.missing += count
  }

  missInSecond(count: number): void {
    this.state.samples += count
    this.state.missing += count
  }

  /** Closes the second: quality, reason, and which band is believed. */
  closeSecond(now: number): number {
    const s = this.state
    const present = s.samples - s.missing
    let quality: number
    if ((s.leadOff + s.sensorOff) * 2 > s.samples) this.reason = s.leadOff >= s.sensorOff ? 'lead-off' : 'sensor-off'
    else if (s.missing * 2 > s.samples) this.reason = 'missing'
    else if (s.run > 3 * this.#fs) this.reason = 'flat'
    else if (s.rail > 0.8 * present) this.reason = 'saturated'
    else if (s.motion * 5 > present) this.reason = 'motion'
    else this.reason = 'good'
    const usable = this.reason === 'good'
    this.apnea.closeSecond(now, s.usual, usable, s.breaths)
    this.spectrum.closeSecond(now)
    if (!usable) quality = this.reason === 'motion' || this.reason === 'saturated' ? 0.3 : 0
    else if (this.apnea.state.on) {
      // What is seen is seen well: there is no breath.
      quality = this.apnea.confidence
      this.reason = 'low-amplitude'
    } else {
      const result = this.measureRate(now)
      quality = result.rate === null ? 0.4 : result.quality
      if (quality < 0.5) this.reason = this.#small() ? 'low-amplitude' : 'noise'
    }
    s.samples = s.missing = s.leadOff = s.sensorOff = s.motion = s.longestRun = s.rail = 0
    s.quality = quality
    s.worth += 0.125 * (quality - s.worth)
    // Without breaths the usual swing fades over minutes: a weaker signal is accepted in the end.
    s.usual *= 0.998
    this.#chooseBand(now)
    return quality
  }

  /** A breath that is not complete is no breath. */
  finish(): boolean {
    return false
  }

  get worth(): number {
    return this.state.worth
  }

  /** The count of breaths in the band that is believed. */
  measureRate(now: number): BreathRateResult {
    return (this.state.fast ? this.quickRate : this.slowRate).measure(now)
  }

  save(): StageState {
    return {
      state: copyState(this.state),
      slow: copyState(this.slow.state),
      quick: copyState(this.quick.state),
      slowRate: copyState(this.slowRate.state),
      quickRate: copyState(this.quickRate.state),
      spectrum: this.spectrum.save(),
      apnea: copyState(this.apnea.state),
      reason: this.reason,
    }
  }

  load(saved: StageState): void {
    const from = saved as { [key: string]: object } & { reason: QualityReason }
    restoreState(this.state, from.state)
    restoreState(this.slow.state, from.slow)
    restoreState(this.quick.state, from.quick)
    restoreState(this.slowRate.state, from.slowRate)
    restoreState(this.quickRate.state, from.quickRate)
    this.spectrum.load(from.spectrum as StageState)
    restoreState(this.apnea.state, from.apnea as object)
    this.reason = from.reason
  }

  #small(): boolean {
    const detector = this.state.fast ? this.quick : this.slow
    return detector.state.typical < respirationParameters.leastSwing * this.state.usual
  }

  #chooseBand(now: number): void {
    const s = this.state
    const result = this.quickRate.measure(now)
    const large = this.quick.state.typical > respirationParameters.fastSwing * this.slow.state.typical
    const real = this.quick.state.typical > 0.4 * s.usual
    // Quick breaths are weaker in the slow band but as many; breaths under a larger ripple of the heart are fewer there.
    const below = this.slowRate.measure(now).rate
    const same = result.rate !== null && (below === null || below > respirationParameters.sameShare * result.rate)
    const quickly = result.rate !== null && result.rate > 36 && result.quality > 0.85 && large && real && same
    // In an apnoea the heart is the quickest and steadiest of waves.
    s.fastSeconds = quickly === s.fast || this.apnea.state.on ? 0 : s.fastSeconds + 1
    if (s.fastSeconds < 6) return
    s.fast = quickly
    s.fastSeconds = 0
    s.previous = Number.NaN
    this.apnea.changeBand()
  }

  #restart(value: number, missing: number): void {
    // After so long the electrodes may be others.
    if (missing > respirationParameters.forgetSeconds * this.#fs) this.state.breaths = this.state.usual = 0
    this.slow.restart(value)
    this.quick.restart(value)
    this.slowRate.clear()
    this.quickRate.clear()
    this.spectrum.restart(value)
    this.apnea.restart(value)
    this.state.previous = Number.NaN
  }

  #feed(x: number, index: number): boolean {
    const s = this.state
    const slow = this.slow.step(x, index)
    const quick = this.quick.step(x, index)
    this.spectrum.step(x, index)
    this.apnea.step(x, index, s.usual, s.fast)
    if (!slow && !quick) return false
    let settled = false
    if (slow && this.#accept(this.slow, this.slowRate, !s.fast)) settled = true
    if (quick && this.#accept(this.quick, this.quickRate, s.fast)) settled = true
    // A breath that was settled very late is old news; its interval counted.
    return settled && index - s.breathIndex <= respirationParameters.latestSeconds * this.#fs
  }

  #accept(detector: BreathDetector, rate: BreathRate, believed: boolean): boolean {
    const s = this.state
    const { foundAt, foundSwing, foundRise } = detector.state
    if (foundSwing < respirationParameters.leastSwing * s.usual) return false
    const { heartSwing, heartSeconds } = apneaParameters
    if (detector === this.slow && foundSwing < heartSwing * s.usual && foundRise < heartSeconds * this.#fs) return false
    const since = (foundAt - rate.state.lastBreath) / this.#fs
    const interval = since > 0 && since < 30 && rate.state.lastBreath >= s.afterGap ? since : Number.NaN
    rate.add(foundAt, interval)
    if (!believed) return false
    if (s.breaths < apneaParameters.leastBreaths) s.breaths += 1
    s.usual = s.usual > 0 ? s.usual + 0.05 * (Math.min(foundSwing, 3 * s.usual) - s.usual) : foundSwing
    s.breathIndex = foundAt
    s.breathInterval = !Number.isNaN(s.previous) ? interval : Number.NaN
    s.breathQuality = foundSwing > 3 * detector.state.typical || foundSwing < detector.state.typical / 3 ? 0.4 : s.quality
    s.previous = foundAt
    return true
  }
}
