import { designBandPass } from '../../dsp/band-pass.js'
import { frameRate } from '../../signal/observation.js'
import { MotionCanceller } from './motion-canceller.js'
import { motionRateParameters as parameters } from './parameters.js'
import { largestOf, RateSpectrum } from './rate-spectrum.js'
import { SignalWindow } from './signal-window.js'

/** What the signal says of each rate of the grid, over the channels. */
export interface MotionEvidence {
  /** Power once motion is taken out, its peak 1 or less; and that at twice the rate. */
  readonly power: Float64Array
  readonly second: Float64Array
  /** Share of the power before that went with the motion, 0 to 1; lines that were weak before count less. */
  readonly shared: Float64Array
  /** Motion was known and taken out. */
  readonly corrected: boolean
}

type WindowState = Parameters<SignalWindow['load']>[0]
export interface SignalState {
  readonly waves: readonly WindowState[]
  readonly axes: readonly WindowState[]
}

const axisCount = 3
const spectrumLength = parameters.spectrumSeconds * frameRate
const leastPresent = parameters.leastShare * spectrumLength

/** The last seconds of light and acceleration, and what they say of the rate. */
export class SecondsOfSignal {
  readonly #waves: readonly SignalWindow[]
  readonly #axes: readonly SignalWindow[]
  readonly #canceller = new MotionCanceller({
    axes: axisCount,
    taps: parameters.pathSamples,
    ridge: parameters.ridge,
    wanted: spectrumLength,
  })
  readonly #spectrum: RateSpectrum
  readonly #size: number
  readonly #clean = new Float64Array(spectrumLength)

  constructor(channels: number) {
    const { lowHz, highHz, learningSeconds, lowestRate, highestRate } = parameters
    const design = designBandPass({ fs: frameRate, lowHz, highHz })
    const window = () => new SignalWindow(learningSeconds, frameRate, design)
    this.#waves = Array.from({ length: channels }, window)
    this.#axes = Array.from({ length: axisCount }, window)
    this.#spectrum = new RateSpectrum({ length: spectrumLength, fs: frameRate, lowestRate, highestRate })
    this.#size = highestRate - lowestRate + 1
  }

  /** Takes a second of each channel and axis; null: there is no acceleration. Throws RangeError at another number of them or of samples. */
  push(ppg: readonly Float64Array[], acceleration: readonly Float64Array[] | null): void {
    if (ppg.length !== this.#waves.length) throw new RangeError(`motion rate: ${ppg.length} channels; accepted: ${this.#waves.length}`)
    if (acceleration !== null && acceleration.length !== axisCount)
      throw new RangeError(`motion rate: ${acceleration.length} axes of acceleration; accepted: ${axisCount}`)
    for (const samples of [...ppg, ...(acceleration ?? [])]) {
      if (samples.length !== frameRate) throw new RangeError(`motion rate: ${samples.length} samples; accepted: ${frameRate}`)
    }
    this.#waves.forEach((window, c) => {
      window.push(ppg[c]!)
    })
    this.#axes.forEach((window, c) => {
      window.push(acceleration === null ? null : acceleration[c]!)
    })
  }

  /** Whether there was light in the last second. */
  get isNow(): boolean {
    return this.#waves.some(isNow)
  }

  /** Null when no channel has a signal. */
  read(): MotionEvidence | null {
    const power = new Float64Array(this.#size)
    const second = new Float64Array(this.#size)
    const shared = new Float64Array(this.#size)
    let channels = 0
    const corrected = this.#axes.every(isThere)
    if (corrected) this.#learnMotion()
    for (const wave of this.#waves) {
      if (!isThere(wave)) continue
      const before = this.#spectrum.measure(wave.filtered.subarray(-spectrumLength))
      if (corrected) this.#canceller.clean(wave.filtered, wave.present, this.#clean)
      const after = corrected ? this.#spectrum.measure(this.#clean) : before
      const strongest = largestOf(before.first)
      if (!(strongest > 0)) continue
      channels += 1
      const scale = largestOf(after.first) + parameters.cancellationFloor * strongest
      const strong = parameters.strongLine * strongest
      for (let k = 0; k < this.#size; k += 1) {
        const left = after.first[k]!
        const was = before.first[k]!
        power[k] = power[k]! + left / scale
        second[k] = second[k]! + after.second[k]! / scale
        if (left < was) shared[k] = shared[k]! + (1 - left / was) * Math.min(1, was / strong)
      }
    }
    if (channels === 0) return null
    const mean = (sum: Float64Array) => sum.map(value => value / channels)
    return { power: mean(power), second: mean(second), shared: mean(shared), corrected }
  }

  save(): SignalState {
    return { waves: this.#waves.map(window => window.save()), axes: this.#axes.map(window => window.save()) }
  }

  load(saved: SignalState): void {
    this.#waves.forEach((window, c) => {
      window.load(saved.waves[c]!)
    })
    this.#axes.forEach((window, c) => {
      window.load(saved.axes[c]!)
    })
  }

  #learnMotion(): void {
    const present = new Uint8Array(parameters.learningSeconds * frameRate).fill(1)
    let squares = 0
    for (const axis of this.#axes) {
      squares += axis.squares
      for (let i = 0; i < present.length; i += 1) present[i] = present[i]! & axis.present[i]!
    }
    const filtered = this.#axes.map(axis => axis.filtered)
    this.#canceller.learn(filtered, present, parameters.stillShare * parameters.stillShare * squares)
  }
}

/** Enough of the stretch that a rate is read from is there, and of its last second. */
function isThere(window: SignalWindow): boolean {
  return window.presentAmong(spectrumLength) >= leastPresent && isNow(window)
}

function isNow(window: SignalWindow): boolean {
  return window.presentAmong(frameRate) >= parameters.leastShare * frameRate
}
