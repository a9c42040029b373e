import { type BandPassDesign, designBandPass, newBandPass, settleBandPass, stepBandPass } from '../dsp/band-pass.js'
import { bridged, newGapBridge, restart, samplesToBridge } from '../dsp/gap-bridge.js'
import { ModulationRate, modulationParameters } from '../dsp/modulation-rate.js'
import type { SecondwiseChannel } from '../dsp/secondwise-chain.js'
import { designSlowLevel, newSlowLevel, type SlowLevelDesign, settleSlowLevel, stepSlowLevel } from '../dsp/slow-level.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { QualityReason } from '../signal/observation.js'
import { sampleFlags } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import { PulseAgreement } from './pulse-agreement.js'
import { PulseDetector } from './pulse-detector.js'
import { PulseJudge } from './pulse-judge.js'
import { PulsePoints } from './pulse-points.js'
import { newPolarity, restartPolarity, stepPolarity } from './pulse-polarity.js'
import { PulseRate } from './pulse-rate.js'
import { RecordedWave } from './recorded-wave.js'
import { addToSecond, hardFailure, newSecond, turnSecond } from './second-quality.js'
import { judgeSecond, trustIn } from './second-verdict.js'
import { WaveSwing } from './wave-swing.js'

export interface PpgChannelOptions {
  /** Hz. */
  readonly fs: number
  readonly lowHz: number
  readonly highHz: number
  /** Gaps up to this many seconds are bridged for filtering. */
  readonly bridgeSeconds: number
  /** Whether the channel may be upside down (light intensity). */
  readonly findPolarity: boolean
  /** Whether the mean level is light, so that AC over DC has a meaning. */
  readonly hasBaseline: boolean
}

/** Shortest and longest interval that is a pulse interval, in seconds (200 and 20 /min). */
const shortest = 0.25
const longest = 3
/** Longest that a first pulse takes: 2 s of learning and an interval; after that its absence says something. */
const learningSeconds = 2 + longest
/** Heights and intervals whose standard deviation is below this share of their mean do not breathe: what is left is rounding. */
const leastVariation = 0.005
/** A wave of no more converter steps than this is the unrest of the converter, not a pulse. */
const leastSteps = 4
/** What is slower than this is breathing, not the heart. */
const breathingHz = 0.9

/**
 * One channel of a pulse wave: bridge, band-pass, polarity, pulses with their shape judged, and what each second was
 * worth. Pulses are settled 0.3 s after their peak, when their shape is complete.
 */
export class PpgChannel implements SecondwiseChannel {
  readonly state = {
    gap: newGapBridge(),
    filter: newBandPass(),
    slow: newSlowLevel(),
    polarity: newPolarity(),
    second: newSecond(),
    /** Index of the stream at position 0 of the detector. */
    origin: 0,
    pending: false,
    pendingAt: 0,
    pendingOffset: 0,
    pendingHeight: 0,
    previousAt: Number.NaN,
    previousQuality: 0,
    /** Where the detector began to learn the size of the pulses; until a first one is settled, shape says nothing. */
    learnFrom: 0,
    /** Index of the first valid sample after the latest gap: an interval that began before it is none. */
    afterGap: 0,
    motionUntil: -1,
    quality: 0,
    /** Running mean of quality over about 8 s; the choice among channels reads it. */
    worth: 0,
    level: Number.NaN,
    /** The pulse that the last step settled. */
    pulseIndex: 0,
    pulseExact: 0,
    pulseInterval: Number.NaN,
    pulseQuality: 0,
    pulseHeight: 0,
    /** Whether the last step settled a pulse, and the points of one (`points`); of which, as `pulseIndex` and `pulseQuality`. */
    pulseSettled: false,
    pointsSettled: false,
    pointsIndex: 0,
    pointsOnset: Number.NaN,
    pointsPeak: Number.NaN,
    pointsNotch: Number.NaN,
    pointsQuality: 0,
    recentQuality: 0,
    /** Of the last seconds with the second method; NaN while unknown. */
    agreement: Number.NaN,
    steady: true,
    /** Began anew, after a gap, a failure, or turned upside down: until the second method has been heard it may be no pulse wave. */
    anew: false,
  }
  readonly detector: PulseDetector
  readonly recorded: RecordedWave
  readonly judge: PulseJudge
  readonly swing = new WaveSwing()
  readonly agreement: PulseAgreement
  readonly rate: PulseRate
  readonly points: PulsePoints
  /** Breathing seen in the pulses; null when not asked for. */
  readonly modulation: ModulationRate | null
  reason: QualityReason = 'missing'
  readonly #design: BandPassDesign
  readonly #slow: SlowLevelDesign
  readonly #options: PpgChannelOptions
  readonly #fs: number
  readonly #bridge: number
  readonly #after: number
  readonly #polarityWindow: number

  constructor(options: PpgChannelOptions, tellsBreathing: boolean) {
    this.#options = options
    this.#fs = options.fs
    this.#design = designBandPass(options)
    this.detector = new PulseDetector(options.fs)
    this.agreement = new PulseAgreement(options.fs)
    this.judge = new PulseJudge(options.fs)
    this.recorded = new RecordedWave(options.fs)
    this.points = new PulsePoints(options.fs, position => this.recorded.at(position))
    this.rate = new PulseRate(options.fs)
    this.modulation = tellsBreathing ? new ModulationRate({ fs: options.fs, level: true, leastVariation }) : null
    this.#slow = designSlowLevel({ fs: options.fs, cutHz: breathingHz, keptHz: modulationParameters.gridHz })
    this.#bridge = Math.floor(options.bridgeSeconds * options.fs)
    this.#after = this.judge.after
    this.#polarityWindow = Math.round(4 * options.fs)
  }

  /** One sample; true when it settled a pulse or the points of one. NaN: missing. */
  step(value: number, index: number, flags: number): boolean {
    const s = this.state
    s.pulseSettled = false
    s.pointsSettled = false
    const second = s.second
    second.samples += 1
    if (Number.isNaN(value) || flags & (sampleFlags.sensorOff | sampleFlags.leadOff)) {
      second.missing += 1
      if (!Number.isNaN(value)) second.sensorOff += 1
      s.gap.missing += 1
      return false
    }
    if (flags & sampleFlags.motion) {
      second.motion += 1
      s.motionUntil = index + this.#after
    }
    if (flags & sampleFlags.saturated) second.saturated += 1
    addToSecond(second, value)
    if (second.step < Number.POSITIVE_INFINITY) this.detector.state.least = leastSteps * second.step
    let settled = false
    const gap = s.gap
    if (gap.missing > 0 || !gap.started) {
      s.afterGap = index
      const steps = samplesToBridge(gap, this.#bridge)
      if (steps === restart) this.#restart(value, index)
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

  /** Samples of the whole stream that were lost between two blocks. */
  lose(count: number): void {
    this.state.gap.missing += count
  }

  /** Of those, the ones that lie in the second under way. */
  missInSecond(count: number): void {
    this.state.second.samples += count
    this.state.second.missing += count
  }

  /** The stream ends: a pulse whose shape is not complete is judged as far as it goes. */
  finish(end: number): boolean {
    const s = this.state
    s.pointsSettled = false
    s.pulseSettled = s.pending && this.#settle(end)
    const last = this.detector.state.seen - 1
    if (this.points.state.pending && last - this.points.state.at >= this.#after) this.#settlePoints(last, -1)
    return s.pulseSettled || s.pointsSettled
  }

  /** Closes the second: its quality and reason. */
  closeSecond(now: number): number {
    const s = this.state
    const present = s.second.samples - s.second.missing
    if (present > 0) s.level = !Number.isNaN(s.level) ? s.level + 0.25 * (s.second.sum / present - s.level) : s.second.sum / present
    const swing = this.swing.ofSecond()
    // The wave of two seconds is no higher than the converter's own unrest.
    const still = this.swing.ofTwoSeconds() <= this.detector.state.least
    this.swing.turn()
    const hard = hardFailure(s.second, this.#fs)
    const failure = still && (hard === null || hard === 'saturated') ? 'flat' : hard
    turnSecond(s.second)
    if (failure !== null && failure !== 'missing') {
      // What the sensor spoiled says nothing of the pulses after it.
      this.agreement.restart(this.detector.state.seen)
      s.anew = true
    }
    s.agreement = this.agreement.measure()
    s.steady = this.agreement.steady()
    const none = Number.isNaN(s.previousAt)
    const verdict = judgeSecond({
      failure,
      learning: none && now - s.learnFrom < learningSeconds * this.#fs,
      pulseless: none || now - s.previousAt > longest * this.#fs,
      overdue: this.detector.isOverdue(),
      surge: this.judge.state.surge,
      anew: s.anew,
      trust: this.trust(),
      recentQuality: s.recentQuality,
      swing,
      typicalHeight: this.judge.state.typicalHeight,
      perfusion: height => this.perfusion(height),
    })
    this.reason = verdict.reason
    s.quality = verdict.quality
    s.worth += 0.125 * (verdict.quality - s.worth)
    return verdict.quality
  }

  /** How far the second method and their own rhythm bear the pulses of the last seconds out, 0 to 1. */
  trust(): number {
    const { agreement, steady, anew } = this.state
    return trustIn(agreement, steady, anew)
  }

  /** AC over DC in per cent for a pulse height; null when the level is not light or not positive. */
  perfusion(height: number): number | null {
    const level = this.state.level
    if (!this.#options.hasBaseline || !(level > 0) || !(height > 0)) return null
    const index = (100 * height) / level
    return index < 100 ? index : null
  }

  get worth(): number {
    return this.state.worth
  }

  save(): StageState {
    return {
      state: copyState(this.state),
      detector: copyState(this.detector.state),
      recorded: this.recorded.samples.slice(),
      judge: this.judge.save(),
      swing: copyState(this.swing.state),
      agreement: this.agreement.save(),
      rate: copyState(this.rate.state),
      points: this.points.save(),
      modulation: this.modulation?.save(),
      reason: this.reason,
    }
  }

  load(saved: StageState): void {
    const from = saved as {
      state: object
      detector: object
      recorded: Float64Array
      judge: StageState
      swing: object
      agreement: StageState
      rate: object
      points: StageState
      modulation: StageState
      reason: QualityReason
    }
    restoreState(this.state, from.state)
    restoreState(this.detector.state, from.detector)
    this.recorded.samples.set(from.recorded)
    this.judge.load(from.judge)
    restoreState(this.swing.state, from.swing)
    this.agreement.load(from.agreement)
    restoreState(this.rate.state, from.rate)
    this.points.load(from.points)
    this.modulation?.load(from.modulation)
    this.reason = from.reason
  }

  #restart(value: number, index: number): void {
    const s = this.state
    settleBandPass(s.filter, this.#design, value)
    settleSlowLevel(s.slow, this.#slow, value)
    restartPolarity(s.polarity)
    this.detector.restart()
    this.agreement.restart()
    this.judge.template.restart()
    this.modulation?.clear()
    s.origin = index
    s.anew = s.gap.started
    s.learnFrom = index
    this.#forgetPulses()
  }

  #forgetPulses(): void {
    const s = this.state
    s.pending = false
    s.previousAt = Number.NaN
    s.recentQuality = 0
    this.points.restart()
  }

  #feed(x: number, index: number): boolean {
    const s = this.state
    if (this.modulation !== null) {
      const level = stepSlowLevel(s.slow, this.#slow, x, index)
      if (!Number.isNaN(level)) this.modulation.addLevel(index, level)
    }
    let y = stepBandPass(s.filter, this.#design, x)
    if (this.#options.findPolarity) {
      if (stepPolarity(s.polarity, y, this.#polarityWindow)) {
        s.anew ||= index - s.learnFrom > learningSeconds * this.#fs
        this.detector.restart()
        this.agreement.restart()
        this.judge.template.state.beats = 0
        s.origin = index
        s.learnFrom = index
        this.#forgetPulses()
      }
      if (s.polarity.sign < 0) y = -y
    }
    this.swing.add(y)
    this.recorded.put(this.detector.state.seen, s.polarity.sign < 0 ? -x : x)
    const found = this.detector.step(y)
    this.agreement.step(y)
    if (this.detector.state.relearned) {
      // It was blind to what came before.
      this.agreement.restart(this.detector.state.seen)
      s.anew = true
    }
    const last = this.detector.state.seen - 1
    const settled = s.pending && (found || last - s.pendingAt >= this.#after) && this.#settle(index)
    if (settled) s.pulseSettled = true
    if (found) {
      const d = this.detector.state
      if (this.points.state.pending) this.#settlePoints(last, d.foundAt)
      s.pending = true
      s.pendingAt = d.foundAt
      s.pendingOffset = d.foundOffset
      s.pendingHeight = d.foundHeight
      this.agreement.pulse(d.foundAt)
    } else if (this.points.isComplete(last)) this.#settlePoints(last, -1)
    return settled || s.pointsSettled
  }

  /** The shape of the pending pulse is complete: judge it. */
  #settle(now: number): boolean {
    const s = this.state
    s.pending = false
    const height = s.pendingHeight
    let quality = this.judge.judge(this.detector, s.pendingAt, height)
    if (Number.isNaN(quality)) return false
    if (now <= s.motionUntil && quality > 0.3) quality = 0.3
    const exact = s.origin + s.pendingAt + s.pendingOffset
    const seconds = (exact - s.previousAt) / this.#fs
    const usable = s.previousAt >= s.afterGap && quality >= 0.5 && s.previousQuality >= 0.5 && seconds >= shortest && seconds <= longest
    const highest = this.recorded.highestNear(s.pendingAt, this.detector.state.seen - 1)
    s.pulseIndex = s.origin + highest
    s.pulseExact = exact
    s.pulseInterval = usable ? seconds : Number.NaN
    s.pulseQuality = quality
    s.pulseHeight = height
    s.recentQuality = !Number.isNaN(s.previousAt) ? s.recentQuality + 0.5 * (quality - s.recentQuality) : quality
    s.previousAt = exact
    s.previousQuality = quality
    if (quality >= 0.5) {
      this.rate.add(exact, s.pulseInterval, quality, height)
      this.modulation?.add(exact, height, s.pulseInterval)
      this.points.begin(highest, quality)
    } else this.points.pass(highest)
    return true
  }

  #settlePoints(last: number, next: number): void {
    const s = this.state
    const { points } = this
    points.settle(last, next)
    s.pointsSettled = true
    s.pointsIndex = s.origin + points.state.at
    s.pointsOnset = s.origin + points.state.onset
    s.pointsPeak = s.origin + points.state.peak
    s.pointsNotch = s.origin + points.state.notch
    s.pointsQuality = points.state.quality
  }
}
