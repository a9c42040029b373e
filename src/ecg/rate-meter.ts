import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { averageHeartRate } from './heart-rate.js'

/** What a second's heart rate measurement says; `from`: the first beat that it rests on. */
export interface RateReading {
  readonly value: number | null
  readonly from: number
  readonly reason?: 'poor-signal' | 'no-beat' | 'too-few-beats'
}

/** No reading when the newest beat is older than this, or than `staleIntervals` mean intervals if that is longer. */
const staleSeconds = 3
const staleIntervals = 2
/** Intervals older than this no longer count. */
const memorySeconds = 30

/** RR intervals of the chosen series, and the heart rate that they make. */
export class RateMeter {
  private readonly state = {
    last: -1,
    /** R peak of the last beat, with its fraction. */
    lastPeak: -1,
    broken: true,
    intervals: [] as number[],
    /** Beat that began each interval. */
    starts: [] as number[],
  }

  constructor(private readonly fsHz: number) {}

  /**
   * Adds a beat, whose R peak lies `fraction` of a sample after `index`; returns its RR interval in seconds, null across a
   * break and for the first beat.
   */
  beat(index: number, fraction = 0): number | null {
    const { state } = this
    const interval = state.broken || state.last < 0 ? null : (index + fraction - state.lastPeak) / this.fsHz
    if (interval !== null) {
      state.intervals.push(interval)
      state.starts.push(state.last)
      if (state.intervals.length > 12) {
        state.intervals.shift()
        state.starts.shift()
      }
    }
    state.last = index
    state.lastPeak = index + fraction
    state.broken = false
    return interval
  }

  /** Signal was lost or poor: the next interval is not measured. */
  break(): void {
    this.state.broken = true
  }

  /** The reading at sample `now`. */
  read(now: number, usable: boolean): RateReading {
    const { state, fsHz } = this
    if (!usable) return { value: null, from: now, reason: 'poor-signal' }
    const oldest = now - memorySeconds * fsHz
    while (state.starts.length > 0 && (state.starts[0] as number) < oldest) {
      state.starts.shift()
      state.intervals.shift()
    }
    const average = averageHeartRate(state.intervals)
    const silence = state.last < 0 ? Number.POSITIVE_INFINITY : (now - state.last) / fsHz
    const longest = average === null ? staleSeconds : Math.max(staleSeconds, (staleIntervals * 60) / average.rate)
    if (silence > longest) return { value: null, from: now, reason: 'no-beat' }
    if (average === null) return { value: null, from: now, reason: 'too-few-beats' }
    return { value: average.rate, from: state.starts[state.starts.length - average.used] as number }
  }

  restart(): void {
    restoreState(this.state, new RateMeter(this.fsHz).state)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
