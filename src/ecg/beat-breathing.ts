import { ModulationRate, modulationParameters } from '../dsp/modulation-rate.js'
import type { StageState } from '../signal/stage.js'
import { type ChosenBeat, usableQuality } from './lead-choice.js'
import { sortFew } from './recent-values.js'

export interface BeatBreathingParameters {
  readonly modulation: typeof modulationParameters
  /** A series whose standard deviation is below this share of its mean does not breathe: what is left is rounding. */
  readonly leastVariation: number
  /** A beat whose RR interval differs from the median of the last 9 by more than this share of it is not a sinus beat. */
  readonly regularWithin: number
  /** Least share of such regular beats in the window. */
  readonly leastRegular: number
}

export const beatBreathingDefaults: BeatBreathingParameters = {
  modulation: modulationParameters,
  leastVariation: 0.005,
  regularWithin: 0.2,
  leastRegular: 0.75,
}

/** `from`: the first beat that a rate rests on. */
export interface BreathingReading {
  readonly value: number | null
  readonly from: number
  readonly quality: number
  /** Bounds of its 90 % interval, with a value. */
  readonly low?: number
  readonly high?: number
  readonly held?: boolean
  readonly reason?: 'poor-signal' | 'lead-switched' | 'irregular-rhythm' | 'too-few-beats' | 'no-rhythm' | 'disagreement'
}

/** Below this rate a parabola no longer follows the tip of a narrow QRS complex: its height varies by up to 1.5 % at 100 Hz. */
const fineHz = 200
/** RR intervals that the median is of. */
const medianDepth = 9
/** Beats in the window from which their regularity is judged. */
const leastBeats = 12

interface BreathingState {
  channel: number
  /** Beat with which the present lead began, when another one was chosen before; else -1. */
  switchedAt: number
  /** R peak of the beat before, with its fraction, or -1. */
  last: number
  intervals: number[]
  /** Of the beats within the window: index, whether regular, quality. */
  at: number[]
  regular: boolean[]
  quality: number[]
}

/**
 * What breathing does to the beats of the chosen lead: it turns the heart's axis (height of the QRS complex) and varies
 * the RR interval (sinus arrhythmia). Only regular beats of usable signal count, and none from before a gap or a change of
 * the lead, whose complexes are of another height.
 */
export class BeatBreathing {
  private readonly modulation
  private readonly window: number
  private state = newState()

  constructor(
    private readonly fsHz: number,
    private readonly p: BeatBreathingParameters = beatBreathingDefaults,
  ) {
    const coarse = fsHz < fineHz ? (fineHz / fsHz) * (fineHz / fsHz) : 1
    this.modulation = new ModulationRate({ fs: fsHz, level: false, leastVariation: coarse * p.leastVariation })
    this.window = p.modulation.windowSeconds * fsHz
  }

  /** A beat of the chosen series; `follows`: nothing was lost since the beat before. */
  beat({ index, fraction, channel, height }: ChosenBeat, follows: boolean, quality: number): void {
    if (channel !== this.state.channel) {
      const switched = this.state.channel >= 0
      this.restart()
      this.state.channel = channel
      if (switched) this.state.switchedAt = index
    }
    const { state } = this
    const exact = index + fraction
    const interval = follows && state.last >= 0 ? (exact - state.last) / this.fsHz : Number.NaN
    state.last = exact
    if (quality < usableQuality) return
    const regular = Number.isNaN(interval) || this.isRegular(interval)
    while (state.at.length > 0 && (state.at[0] as number) < index - this.window) {
      state.at.shift()
      state.regular.shift()
      state.quality.shift()
    }
    state.at.push(index)
    state.regular.push(regular)
    state.quality.push(quality)
    if (regular) this.modulation.add(index, height, interval)
  }

  /** Signal was lost: nothing is measured across it. */
  gap(): void {
    const { channel } = this.state
    this.restart()
    this.state.channel = channel
  }

  /** The reading at sample `now` (exclusive). */
  read(now: number, signalQuality: number): BreathingReading {
    const nothing = { value: null, from: now, quality: 0 }
    const { state } = this
    const result = this.modulation.estimate(now - 1)
    if (signalQuality < usableQuality) return { ...nothing, reason: 'poor-signal' }
    let beats = 0
    let regular = 0
    let quality = 0
    for (let i = state.at.length - 1; i >= 0 && (state.at[i] as number) >= now - this.window; i--) {
      beats += 1
      if (state.regular[i]) regular += 1
      quality += state.quality[i] as number
    }
    if (beats >= leastBeats && regular < this.p.leastRegular * beats) return { ...nothing, reason: 'irregular-rhythm' }
    if (result.rate !== null) {
      const { rate: value, low, high, held } = result
      const bounds = { ...(low !== undefined && { low }), ...(high !== undefined && { high }), ...(held && { held }) }
      return { value, from: result.first as number, quality: Math.min(result.quality, quality / beats), ...bounds }
    }
    const switched = state.switchedAt >= 0 && state.switchedAt >= now - this.window && result.reason === 'too-few-beats'
    return { ...nothing, reason: switched ? 'lead-switched' : (result.reason ?? 'no-rhythm') }
  }

  restart(): void {
    this.state = newState()
    this.modulation.clear()
  }

  save(): StageState {
    return { state: structuredClone(this.state), modulation: this.modulation.save() }
  }

  load(saved: StageState): void {
    const { state, modulation } = saved as { state: BreathingState; modulation: StageState }
    this.state = structuredClone(state)
    this.modulation.load(modulation)
  }

  /** Every interval enters the median, so that a lasting change of the rate soon counts as regular. */
  private isRegular(rrSeconds: number): boolean {
    const { intervals } = this.state
    const sorted = sortFew([...intervals])
    const median = sorted[sorted.length >> 1] ?? rrSeconds
    intervals.push(rrSeconds)
    if (intervals.length > medianDepth) intervals.shift()
    const difference = rrSeconds < median ? median - rrSeconds : rrSeconds - median
    return difference <= this.p.regularWithin * median
  }
}

function newState(): BreathingState {
  return { channel: -1, switchedAt: -1, last: -1, intervals: [], at: [], regular: [], quality: [] }
}
