import { copyState, restoreState } from '../dsp/state.js'
import type { StageState } from '../signal/stage.js'
import { filterNn, type HrvBeat, type NnSeries, newNnFilter, toMicros } from './nn-series.js'
import { addDifference, addInterval, newTimeSums, type TimeDomain, timeDomainOf } from './time-domain.js'

/**
 * HRV of a moving window, with a constant cost for each beat: whole-number sums that are added to and taken from, so that
 * they equal those of the window computed anew.
 */
export class RunningHrv {
  private readonly state = {
    filter: newNnFilter(),
    beforeNn: false,
    times: [] as number[],
    intervals: [] as number[],
    joined: [] as boolean[],
    /** Times of measured intervals, NN or not. */
    measured: [] as number[],
    sums: newTimeSums(),
  }

  add(beat: HrvBeat): void {
    const { state } = this
    const verdict = filterNn(state.filter, beat)
    if (verdict !== 'unmeasured') state.measured.push(beat.time)
    if (verdict === 'nn') {
      const interval = toMicros(beat.rrSeconds as number)
      const joined = state.beforeNn && state.intervals.length > 0
      addInterval(state.sums, interval, 1)
      if (joined) addDifference(state.sums, interval - (state.intervals.at(-1) as number), 1)
      state.times.push(beat.time)
      state.intervals.push(interval)
      state.joined.push(joined)
    }
    state.beforeNn = verdict === 'nn'
  }

  /** Lets go of what ended before `time`. */
  forgetBefore(time: number): void {
    const { state } = this
    let count = 0
    while (count < state.times.length && (state.times[count] as number) < time) {
      const interval = state.intervals[count] as number
      addInterval(state.sums, interval, -1)
      if (state.joined[count + 1]) {
        addDifference(state.sums, (state.intervals[count + 1] as number) - interval, -1)
        state.joined[count + 1] = false
      }
      count += 1
    }
    state.times.splice(0, count)
    state.intervals.splice(0, count)
    state.joined.splice(0, count)
    let old = 0
    while (old < state.measured.length && (state.measured[old] as number) < time) old += 1
    state.measured.splice(0, old)
  }

  get series(): NnSeries {
    return this.state
  }

  /** Seconds that NN intervals cover. */
  get coveredSeconds(): number {
    return this.state.sums.sum / 1e6
  }

  get excludedShare(): number {
    const { measured, intervals } = this.state
    return measured.length === 0 ? 0 : 1 - intervals.length / measured.length
  }

  get timeDomain(): TimeDomain {
    return timeDomainOf(this.state.sums)
  }

  restart(): void {
    restoreState(this.state, new RunningHrv().state)
  }

  save(): StageState {
    return copyState(this.state)
  }

  load(saved: StageState): void {
    restoreState(this.state, saved)
  }
}
