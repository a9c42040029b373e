import { pow } from '../../dsp/math.js'
import { frameRate } from '../../signal/observation.js'
import type { StageState } from '../../signal/stage.js'
import { motionRateParameters as parameters } from './parameters.js'
import { RatePosterior } from './rate-posterior.js'
import { concentrationOf, largestOf } from './rate-spectrum.js'
import { readPosterior } from './read-posterior.js'
import { type MotionEvidence, SecondsOfSignal, type SignalState } from './seconds-of-signal.js'

export type MotionRateReason = 'good' | 'starting' | 'missing' | 'ambiguous' | 'uncertain' | 'no-acceleration'

/** The rate of a second. */
export interface MotionRate {
  /** /min; null: not known, with `low` and `high`. */
  readonly value: number | null
  /** Bounds of the 90 % interval. */
  readonly low: number | null
  readonly high: number | null
  /** Probability that the rate lies within 5 /min of `value`, by the posterior; 0 without a value. */
  readonly quality: number
  /** The signal said nothing this second: the rate is carried on, and its interval grows. */
  readonly held: boolean
  /** `good`, or why there is no value, why it is held, or what is doubtful in it. */
  readonly reason: MotionRateReason
}

export interface MotionRateOptions {
  /** PPG channels. */
  readonly channels: number
  /** Seconds by which the rate told lies behind the second given, 0 to 30; later signal then helps. Default 0: causal. */
  readonly lagSeconds?: number
}

const unknown = { value: null, low: null, high: null, quality: 0, held: false } as const

/** What a second brought. */
interface Second {
  /** Probability of each rate after it. */
  readonly believed: Float64Array
  /** Likelihood of each rate by its signal. */
  readonly said: Float64Array
  readonly known: boolean
  readonly held: boolean
  readonly reason: MotionRateReason
}

/**
 * Pulse rate each second from pulse waves by light and the acceleration at the same place, while it moves: what follows the
 * acceleration is taken out of each wave, the spectrum of the rest is the evidence, and a hidden Markov model over rates joins the
 * seconds. The posterior is the value and its uncertainty. Card: docs/algorithms/ppg-motion-rate.md.
 */
export class MotionRateTracker {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly #signal: SecondsOfSignal
  readonly #posterior: RatePosterior
  readonly #lag: number
  #known = false
  #silentSeconds = 0
  /** This second and the `lag` before it, oldest first. */
  #recent: Second[] = []

  constructor({ channels, lagSeconds = 0 }: MotionRateOptions) {
    if (!(Number.isInteger(channels) && channels > 0)) throw new RangeError(`motion rate: ${channels} channels; accepted: 1 or more`)
    if (!(Number.isInteger(lagSeconds) && lagSeconds >= 0 && lagSeconds <= 30))
      throw new RangeError(`motion rate: a lag of ${lagSeconds} s; accepted: whole seconds from 0 to 30`)
    this.#signal = new SecondsOfSignal(channels)
    const { lowestRate, highestRate, changePerSecond, leapShare } = parameters
    this.#posterior = new RatePosterior({ lowestRate, highestRate, changePerStep: changePerSecond, leapShare })
    this.#lag = lagSeconds
    this.parameters = { ...parameters, frameRate, channels, lagSeconds, version: 1 }
  }

  /**
   * Takes a second, `frameRate` samples of each PPG channel and of each of three axes (any unit; null: there is no acceleration),
   * NaN where one is missing, and tells the rate over the `spectrumSeconds` that end with it (`lagSeconds` earlier).
   */
  step(ppg: readonly Float64Array[], acceleration: readonly Float64Array[] | null): MotionRate {
    this.#signal.push(ppg, acceleration)
    this.#recent.push(this.#listen())
    if (this.#recent.length <= this.#lag) return { ...unknown, reason: 'starting' }
    const told = this.#tell()
    this.#recent.shift()
    return told
  }

  save(): StageState {
    return {
      signal: this.#signal.save(),
      probability: this.#posterior.probability.slice(),
      known: this.#known,
      silentSeconds: this.#silentSeconds,
      recent: structuredClone(this.#recent),
    }
  }

  load(state: StageState): void {
    const saved = state as {
      signal: SignalState
      probability: Float64Array
      known: boolean
      silentSeconds: number
      recent: Second[]
    }
    this.#signal.load(saved.signal)
    this.#posterior.probability.set(saved.probability)
    this.#known = saved.known
    this.#silentSeconds = saved.silentSeconds
    this.#recent = structuredClone(saved.recent)
  }

  /** Takes the signal of the second into the posterior. */
  #listen(): Second {
    const posterior = this.#posterior
    const evidence = this.#signal.read()
    if (this.#known) posterior.spread()
    if (evidence !== null) {
      const clearness = this.#clearness(evidence)
      const weight = clearness * (evidence.corrected ? parameters.sharpness : parameters.sharpnessUncorrected)
      const said = this.#supported(evidence).map(value => pow(value + parameters.noiseFloor, weight))
      posterior.weigh(said)
      this.#known = true
      this.#silentSeconds = 0
      const held = clearness < parameters.leastClearness
      return this.#second(said, held, !evidence.corrected ? 'no-acceleration' : held ? 'ambiguous' : 'good')
    }
    const silent = new Float64Array(posterior.size).fill(1)
    if (!this.#known) return this.#second(silent, false, this.#signal.isNow ? 'starting' : 'missing')
    this.#silentSeconds += 1
    if (this.#silentSeconds > parameters.holdSeconds) {
      posterior.restart()
      this.#known = false
    }
    return this.#second(silent, this.#known, 'missing')
  }

  #second(said: Float64Array, held: boolean, reason: MotionRateReason): Second {
    return { believed: this.#posterior.probability.slice(), said, known: this.#known, held, reason }
  }

  /**
   * Where the motion is as fast as what is believed, it took the fundamental of the pulse with it, and what is left is its second
   * harmonic: that speaks for the rate believed, or the rate would seem to double.
   */
  #supported({ power, second, shared }: MotionEvidence): Float64Array {
    if (!this.#known) return power
    const believed = this.#posterior.probability
    const most = largestOf(believed)
    return power.map((value, k) => value + parameters.harmonicSupport * shared[k]! * second[k]! * (believed[k]! / most))
  }

  /** How much the evidence counts, 0 to 1: it is clear when it has one peak, and when motion is not as fast as what is believed. */
  #clearness({ power, shared }: MotionEvidence): number {
    const { noiseConcentration, clearConcentration, peakReach } = parameters
    const concentrated = (concentrationOf(power, peakReach) - noiseConcentration) / (clearConcentration - noiseConcentration)
    const ambiguous = this.#known ? this.#posterior.expect(shared) : 0
    return Math.min(1, Math.max(0, concentrated)) * (1 - ambiguous * ambiguous)
  }

  #tell(): MotionRate {
    const [second, ...later] = this.#recent as [Second, ...Second[]]
    const { known, held, reason } = second
    if (!known) return { ...unknown, reason }
    const said = later.map(each => each.said)
    const probability = said.length === 0 ? second.believed : this.#posterior.smooth(second.believed, said)
    const reading = readPosterior(probability, parameters.lowestRate, {
      meanWithin: parameters.meanWithin,
      calibration: reason === 'no-acceleration' ? parameters.calibrationUncorrected : parameters.calibration,
      near: parameters.qualityWithin,
    })
    if (reading.high - reading.low > parameters.widestInterval) return { ...unknown, reason: held ? reason : 'uncertain' }
    return { value: reading.value, low: reading.low, high: reading.high, quality: reading.within, held, reason }
  }
}
