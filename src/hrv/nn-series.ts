/**
 * Intervals between normal beats (NN) in the order of time. Intervals are whole microseconds in milliseconds' place: all are
 * multiples of 0.001 ms, so that sums of them and of their squares are exact, whichever way a window is moved.
 */
export interface NnSeries {
  /** End of each interval, seconds. */
  readonly times: readonly number[]
  /** Microseconds, whole. */
  readonly intervals: readonly number[]
  /** Whether the interval before in the list is also the one before in time, so that their difference counts. */
  readonly joined: readonly boolean[]
}

/** A beat as HRV needs it. */
export interface HrvBeat {
  /** R peak, seconds. */
  readonly time: number
  /** Class N. */
  readonly normal: boolean
  /** To the beat before in seconds; null: not measured (gap, poor signal, first beat). */
  readonly rrSeconds: number | null
  /** 0 to 1. */
  readonly quality: number
}

export interface NnFilterParameters {
  /** RR intervals outside are no heart's. */
  readonly shortestSeconds: number
  readonly longestSeconds: number
  /** An interval further than this share from the median of the last intervals is left out: a missed or extra beat. */
  readonly largestChange: number
  readonly medianDepth: number
  readonly leastQuality: number
}

/**
 * Limits of the PhysioNet Cardiovascular Signal Toolbox (Vest et al., Physiol Meas 39, 2018): 0.375 to 2.0 s, change of more
 * than 20 %; here against the median of the five intervals before, which one early beat does not move.
 */
export const nnFilterDefaults: NnFilterParameters = {
  shortestSeconds: 0.375,
  longestSeconds: 2,
  largestChange: 0.2,
  medianDepth: 5,
  leastQuality: 0.5,
}

export type NnVerdict = 'nn' | 'unmeasured' | 'poor-signal' | 'not-normal' | 'out-of-range' | 'changed'

export interface NnFilterState {
  beforeNormal: boolean
  /** The last measured intervals between normal beats, also those left out for their change: a new rhythm is followed. */
  recent: number[]
}

export function newNnFilter(): NnFilterState {
  return { beforeNormal: false, recent: [] }
}

/** Whether the interval that ends with this beat is an NN interval; if not, why. */
export function filterNn(state: NnFilterState, beat: HrvBeat, parameters: NnFilterParameters = nnFilterDefaults): NnVerdict {
  const { normal, rrSeconds, quality } = beat
  const { beforeNormal } = state
  state.beforeNormal = normal && quality >= parameters.leastQuality
  if (rrSeconds === null) return 'unmeasured'
  if (quality < parameters.leastQuality) return 'poor-signal'
  if (!normal || !beforeNormal) return 'not-normal'
  if (rrSeconds < parameters.shortestSeconds || rrSeconds > parameters.longestSeconds) return 'out-of-range'
  const { recent } = state
  const usual = medianOf(recent)
  recent.push(rrSeconds)
  if (recent.length > parameters.medianDepth) recent.shift()
  if (usual !== null && Math.abs(rrSeconds - usual) > parameters.largestChange * usual) return 'changed'
  return 'nn'
}

/** NN intervals of a list of beats, and the share of the measured intervals that was left out. */
export function selectNn(
  beats: readonly HrvBeat[],
  parameters: NnFilterParameters = nnFilterDefaults,
): { series: NnSeries; excludedShare: number } {
  const state = newNnFilter()
  const series = { times: [] as number[], intervals: [] as number[], joined: [] as boolean[] }
  let measured = 0
  let before = false
  for (const beat of beats) {
    const verdict = filterNn(state, beat, parameters)
    if (verdict !== 'unmeasured') measured += 1
    if (verdict === 'nn') {
      series.times.push(beat.time)
      series.intervals.push(toMicros(beat.rrSeconds as number))
      series.joined.push(before)
    }
    before = verdict === 'nn'
  }
  return { series, excludedShare: measured === 0 ? 0 : 1 - series.intervals.length / measured }
}

/** Every interval as it is, each following the one before: for intervals that somebody else has cleaned. Seconds. */
export function nnSeriesOf(intervals: readonly number[]): NnSeries {
  let time = 0
  const times = intervals.map(interval => {
    time += interval
    return time
  })
  return { times, intervals: intervals.map(toMicros), joined: intervals.map((_, i) => i > 0) }
}

export function toMicros(seconds: number): number {
  return Math.round(seconds * 1e6)
}

function medianOf(values: readonly number[]): number | null {
  if (values.length < 3) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
