import type { StageState } from '../signal/stage.js'
import { EventSeries } from './event-series.js'
import { RateEvidence, spectrumSize } from './rate-evidence.js'
import { RateTracker } from './rate-tracker.js'

/** A breathing rate read from beats, or null with the reason. */
export interface ModulationRateResult {
  /** Breaths a minute. */
  readonly rate: number | null
  /** 0.5 to 1 with a rate, less when it is held, 0 without. */
  readonly quality: number
  /** Index of the first beat that the rate rests on, and the bounds of its 90 % interval; there are none without a rate. */
  readonly first?: number
  readonly low?: number
  readonly high?: number
  /** No series shows breathing at present: the rate is what was known before. */
  readonly held?: boolean
  readonly reason?: 'too-few-beats' | 'no-rhythm' | 'disagreement'
}

export interface ModulationRateOptions {
  /** Rate of the sample counter that beats are placed on, Hz. */
  readonly fs: number
  /** Whether there is a level beside height and interval of the beats, given through `addLevel`. */
  readonly level: boolean
  /** Least standard deviation of a series as a share of its mean; below, what varies is taken for rounding. */
  readonly leastVariation: number
}

/** Window that a rate rests on, and how often `estimate` is to be asked: the tracker's drift is for this step. */
export const modulationParameters = {
  windowSeconds: 32,
  everySeconds: 2,
  gridHz: 4,
  lowestRate: 4,
  highestRate: 60,
  /** Above this share of the beat rate lies what beats do in turn, long and short: jitter of their places, or alternans. */
  mostOfBeatRate: 0.4,
  /** Drift of level and height falls off with the square of frequency; intervals are differences of places, and drift less. */
  levelTilt: 2,
  heightTilt: 2,
  intervalTilt: 1,
  /** Windows of neighbouring steps share 30 of their 32 s: each counts for a part only. */
  evidenceShare: 0.35,
  driftPerStep: 0.5,
  jumpPerStep: 0.0002,
  /** A rate is said when this much of the probability lies within `nearRate` (per minute) of it. */
  nearRate: 2,
  leastCertainty: 0.8,
  /** Largest standard deviation of the series' own rates, each by its weight (per minute). */
  mostSpread: 4,
  version: 3,
} as const

const { windowSeconds, gridHz, lowestRate, highestRate } = modulationParameters
const points = windowSeconds * gridHz
const perBin = (gridHz * 60) / spectrumSize
const low = Math.ceil(lowestRate / perBin)
const high = Math.floor(highestRate / perBin)
/** Below what counts as usable. */
const heldQuality = 0.45
/** Log likelihood of rates that cannot be seen. */
const unseen = -7

/**
 * Respiratory rate from what breathing does to beats: level, height and interval (RIIV, RIAV, RIFV of a pulse wave), height
 * and interval of QRS complexes. Each series is laid on a 4 Hz grid over the last 32 s; its spectrum, weighed by its quality,
 * is evidence for a tracker over time. Series that agree make the tracker sure, those that do not leave it unsure, and then
 * there is no number: the rule of Karlen et al. (IEEE TBME 60(7), 2013: series of quality that agree within 4 /min, or nothing)
 * with degrees. A rate is only sought below 0.4 of the beat rate: two beats and a half make a breath.
 */
export class ModulationRate {
  readonly #fs: number
  readonly #beats = new EventSeries()
  readonly #heights = new EventSeries()
  readonly #intervals = new EventSeries()
  readonly #level: EventSeries | null
  readonly #views: readonly { readonly series: EventSeries; readonly tilt: number }[]
  readonly #leastVariation: number
  readonly #evidence = new RateEvidence({ points })
  readonly #tracker = new RateTracker({
    first: low * perBin,
    spacing: perBin,
    count: high - low + 1,
    drift: modulationParameters.driftPerStep,
    jump: modulationParameters.jumpPerStep,
  })
  readonly #grid = new Float64Array(points)
  readonly #likelihood = new Float64Array(high - low + 1)

  constructor(options: ModulationRateOptions) {
    this.#fs = options.fs
    this.#level = options.level ? new EventSeries() : null
    const { levelTilt, heightTilt, intervalTilt } = modulationParameters
    this.#leastVariation = options.leastVariation
    // Heights first: the level is measured by them.
    this.#views = [
      { series: this.#heights, tilt: heightTilt },
      { series: this.#intervals, tilt: intervalTilt },
      ...(this.#level === null ? [] : [{ series: this.#level, tilt: levelTilt }]),
    ]
  }

  /** A beat at `index` (ascending; fractions allowed). NaN leaves its height or its interval in seconds out. */
  add(index: number, height: number, interval: number): void {
    this.#beats.add(index, 0)
    if (!Number.isNaN(height)) this.#heights.add(index, height)
    if (!Number.isNaN(interval)) this.#intervals.add(index, interval)
  }

  /** The level at `index`, free of the heart; about `gridHz` times a second. */
  addLevel(index: number, value: number): void {
    this.#level?.add(index, value)
  }

  /** The timeline broke. */
  clear(): void {
    this.#beats.clear()
    this.#heights.clear()
    this.#intervals.clear()
    this.#level?.clear()
    this.#tracker.clear()
  }

  /** Rate at sample `now`, `everySeconds` after it was asked for last. */
  estimate(now: number): ModulationRateResult {
    const from = now - windowSeconds * this.#fs
    const within = this.#beatsSince(from, now)
    if (within === 0) {
      this.#tracker.clear()
      return { rate: null, quality: 0, reason: 'too-few-beats' }
    }
    const first = this.#beats.placeAt(within - 1)
    const beatRate = ((within - 1) * 60 * this.#fs) / (this.#beats.placeAt(0) - first)
    const top = Math.min(high, Math.floor((modulationParameters.mostOfBeatRate * beatRate) / perBin))
    const { seen, spread } = this.#look(from, top)
    this.#tracker.step(this.#likelihood)
    const { nearRate, leastCertainty, mostSpread } = modulationParameters
    const { rate, certainty, low: least, high: most } = this.#tracker.read(nearRate)
    if (certainty < leastCertainty || spread > mostSpread) return { rate: null, quality: 0, reason: seen ? 'disagreement' : 'no-rhythm' }
    const quality = 0.5 + (0.5 * (certainty - leastCertainty)) / (1 - leastCertainty)
    const told = { rate, first, low: least, high: most }
    // Shown, but nothing is concluded from it: breathing may have stopped.
    return seen ? { ...told, quality } : { ...told, quality: Math.min(quality, heldQuality), held: true }
  }

  save(): StageState {
    return {
      beats: this.#beats.save(),
      heights: this.#heights.save(),
      intervals: this.#intervals.save(),
      level: this.#level?.save() ?? null,
      tracker: this.#tracker.save(),
    }
  }

  load(saved: StageState): void {
    const from = saved as Record<'beats' | 'heights' | 'intervals' | 'level' | 'tracker', StageState>
    this.#beats.load(from.beats)
    this.#heights.load(from.heights)
    this.#intervals.load(from.intervals)
    this.#level?.load(from.level)
    this.#tracker.load(from.tracker)
  }

  /** Beats from `from` on; 0 unless they fill the window: nothing is made up in a long pause. */
  #beatsSince(from: number, now: number): number {
    const patience = 4 * this.#fs
    const beats = this.#beats
    let within = 0
    let later = now
    while (within < beats.length && beats.placeAt(within) >= from) {
      const at = beats.placeAt(within)
      if (later - at > patience) return 0
      later = at
      within += 1
    }
    return within < 12 || later - from > patience ? 0 : within
  }

  /** What all series say of rates up to bin `top`: whether one of them shows breathing, and how far apart their own rates lie. */
  #look(from: number, top: number): { seen: boolean; spread: number } {
    this.#likelihood.fill(0)
    if (top <= low) return { seen: false, spread: 0 }
    this.#likelihood.fill(unseen, top - low + 1)
    const step = this.#fs / gridHz
    const evidence = this.#evidence
    let weights = 0
    let sum = 0
    let squares = 0
    let height = 0
    for (const { series, tilt } of this.#views) {
      const laid = series.layOut(this.#grid, from, step)
      if (laid === null) continue
      if (series === this.#heights) height = laid
      evidence.read(this.#grid, low, top, tilt)
      // The level has no zero of its own: its course is measured by the height of the beats.
      if (evidence.deviation <= this.#leastVariation * (series === this.#level ? height : laid)) continue
      evidence.addTo(this.#likelihood, modulationParameters.evidenceShare, low, top)
      const rate = evidence.bin * perBin
      weights += evidence.weight
      sum += evidence.weight * rate
      squares += evidence.weight * rate * rate
    }
    if (weights === 0) return { seen: false, spread: 0 }
    const mean = sum / weights
    return { seen: true, spread: Math.sqrt(Math.max(0, squares / weights - mean * mean)) }
  }
}
