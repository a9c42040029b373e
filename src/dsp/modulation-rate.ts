import type { StageState } from '../signal/stage.js'
import { dominantPeak, Spectrum } from './spectrum.js'
import { copyState, restoreState } from './state.js'

/** A breathing rate read from beats, or null with the reason. */
export interface ModulationRateResult {
  /** Breaths a minute. */
  readonly rate: number | null
  readonly quality: number
  /** Index of the first beat that the rate rests on; there is none without a rate. */
  readonly first?: number
  readonly reason?: 'too-few-beats' | 'no-rhythm' | 'disagreement'
}

export interface ModulationRateOptions {
  /** Rate of the sample counter that beats are placed on, Hz. */
  readonly fs: number
  /** Series per beat, e.g. 3 for baseline, amplitude and interval. */
  readonly series: number
  readonly windowSeconds?: number
  /** Least share of the band's power in the main lobe for a series to count. */
  readonly minShare?: number
  /** Least share for a series to speak alone, when no other one has a clear line. */
  readonly minShareAlone?: number
  /** Least standard deviation of a series as a share of its mean; below, what varies is taken for rounding. */
  readonly leastVariation?: number
  /** Largest standard deviation of the rates of the series that count, /min. */
  readonly maxSpread?: number
}

const gridHz = 4
const padded = 1024
const depth = 256

/**
 * Respiratory rate from what breathing does to beats: their baseline, their height, their interval (RIIV, RIAV, RIFV of a
 * pulse wave; R amplitude and RSA of an ECG). Each series is laid on a 4 Hz grid by straight lines over the last 32 s,
 * its spectrum taken, and its strongest line with the share of power around it read. Series with a clear line are
 * averaged by share when they agree (one alone must be clearer still), else there is no number (the rule of Karlen et al.,
 * IEEE TBME 60(7), 2013, with the spectral share as quality). A rate is only sought below half of the beat rate (two beats make a breath).
 */
export class ModulationRate {
  readonly #fs: number
  readonly #series: number
  readonly #window: number
  readonly #minShare: number
  readonly #minShareAlone: number
  readonly #leastVariation: number
  readonly #maxSpread: number
  readonly #points: number
  readonly #spectrum: Spectrum
  readonly #grid: Float64Array
  readonly #state: { at: Float64Array; values: Float64Array; count: number }

  constructor(options: ModulationRateOptions) {
    this.#fs = options.fs
    this.#series = options.series
    this.#window = options.windowSeconds ?? 32
    this.#minShare = options.minShare ?? 0.5
    this.#minShareAlone = options.minShareAlone ?? 0.75
    this.#leastVariation = options.leastVariation ?? 0
    this.#maxSpread = options.maxSpread ?? 4
    this.#points = Math.round(this.#window * gridHz)
    this.#spectrum = new Spectrum(this.#points, padded)
    this.#grid = new Float64Array(this.#points)
    this.#state = { at: new Float64Array(depth), values: new Float64Array(depth * this.#series), count: 0 }
  }

  /** A beat at `index` (ascending; fractions allowed). NaN leaves a series out at this beat. */
  add(index: number, ...values: readonly number[]): void {
    const slot = this.#state.count % depth
    this.#state.at[slot] = index
    for (let k = 0; k < this.#series; k += 1) this.#state.values[slot * this.#series + k] = values[k] ?? Number.NaN
    this.#state.count += 1
  }

  /** The timeline broke. */
  clear(): void {
    this.#state.at.fill(0)
    this.#state.values.fill(0)
    this.#state.count = 0
  }

  save(): StageState {
    return copyState(this.#state)
  }

  load(state: StageState): void {
    restoreState(this.#state, state)
  }

  /** Rate at sample `now` over the window before it. */
  estimate(now: number): ModulationRateResult {
    const s = this.#state
    const from = now - this.#window * this.#fs
    const available = Math.min(s.count, depth)
    let beats = 0
    while (beats < available && s.at[(s.count - 1 - beats) % depth]! >= from) beats += 1
    const first = s.count - beats
    // Beats must fill the window: nothing is made up in a long pause.
    const patience = 4 * this.#fs
    if (beats < 12 || s.at[first % depth]! - from > patience || now - s.at[(s.count - 1) % depth]! > patience) {
      return { rate: null, quality: 0, reason: 'too-few-beats' }
    }
    for (let i = first + 1; i < s.count; i += 1) {
      if (s.at[i % depth]! - s.at[(i - 1) % depth]! > patience) return { rate: null, quality: 0, reason: 'too-few-beats' }
    }
    const perMinute = (gridHz * 60) / padded
    const beatRate = ((beats - 1) * 60 * this.#fs) / (s.at[(s.count - 1) % depth]! - s.at[first % depth]!)
    const top = Math.min(80, 0.5 * beatRate)
    const low = Math.ceil(4 / perMinute)
    const high = Math.floor(top / perMinute)
    const lobe = Math.round((2 * padded) / this.#points)
    let counted = 0
    let clearest = 0
    let weight = 0
    let weighted = 0
    let squares = 0
    for (let k = 0; k < this.#series; k += 1) {
      if (!this.#layOut(k, first, from)) continue
      const power = this.#spectrum.power(this.#grid)
      // Slow drift falls off as 1/f; weighing by frequency makes it even, and a breath stands out.
      for (let bin = 1; bin <= high + 1; bin += 1) power[bin] = power[bin]! * bin
      const peak = dominantPeak(power, low, high, lobe)
      if (peak === null || peak.share < this.#minShare) continue
      const rate = peak.bin * perMinute
      const w = peak.share * peak.share
      counted += 1
      if (peak.share > clearest) clearest = peak.share
      weight += w
      weighted += w * rate
      squares += w * rate * rate
    }
    if (counted === 0 || (counted === 1 && this.#series > 1 && clearest < this.#minShareAlone))
      return { rate: null, quality: 0, reason: 'no-rhythm' }
    const mean = weighted / weight
    const spread = Math.sqrt(Math.max(0, squares / weight - mean * mean))
    if (spread > this.#maxSpread) return { rate: null, quality: 0, reason: 'disagreement' }
    return { rate: mean, quality: Math.min(1, Math.sqrt(weight / this.#series)), first: s.at[first % depth]! }
  }

  /** Straight lines between beats on the grid; false when the series has fewer than 12 values or hardly varies. */
  #layOut(series: number, first: number, from: number): boolean {
    const s = this.#state
    const step = this.#fs / gridHz
    let filled = 0
    let previousAt = Number.NaN
    let previous = 0
    let used = 0
    let sum = 0
    let squares = 0
    for (let i = first; i < s.count; i += 1) {
      const slot = i % depth
      const value = s.values[slot * this.#series + series]!
      if (Number.isNaN(value)) continue
      const at = s.at[slot]!
      used += 1
      sum += value
      squares += value * value
      while (filled < this.#points && from + filled * step <= at) {
        const t = from + filled * step
        this.#grid[filled] = Number.isNaN(previousAt) ? value : previous + ((value - previous) * (t - previousAt)) / (at - previousAt)
        filled += 1
      }
      previousAt = at
      previous = value
    }
    while (filled < this.#points) {
      this.#grid[filled] = previous
      filled += 1
    }
    if (used < 12) return false
    if (this.#leastVariation === 0) return true
    const mean = sum / used
    const least = this.#leastVariation * mean
    return squares / used - mean * mean >= least * least
  }
}

/**
 * ECG-derived respiration: beats give their index (sub-sample if known), R amplitude and RR interval in seconds (NaN when
 * there is none) through `add`; `estimate(now)` says the rate. Beats that are not sinus beats are better left out.
 */
export function createModulationRespiration(options: {
  fs: number
  windowSeconds?: number
  minShareAlone?: number
  leastVariation?: number
}): ModulationRate {
  return new ModulationRate({ ...options, series: 2 })
}
