import { copyState, restoreState } from '../../dsp/state.js'
import type { StageState } from '../../signal/stage.js'
import { sortFew } from '../recent-values.js'
import { ExpectedInterval } from './expected-interval.js'

/** Intervals whose median is the local rhythm. */
const localCount = 8
/** Intervals whose differences tell how irregular the rhythm is. */
const irregularCount = 16
/** Intervals that atrial fibrillation is told from. */
const recentCount = 32
/** Intervals of the long view: six to ten minutes. */
const longCount = 512
/** Two intervals are alike when they differ by less than this share. */
const alike = 0.05
/** Beats at intervals below this share of the upper fifth of the long view are fast for this patient. */
const fastBelow = 0.9
const binSeconds = 0.01
const binCount = 200

/** What the intervals before and up to a beat tell; NaN where nothing is known. */
export interface RrReading {
  /** The interval over the median of the last 8. */
  local: number
  /** Over the median and the upper fifth of the long view. */
  global: number
  upper: number
  /** Over the interval before, and that one over the local median. */
  previous: number
  previousLocal: number
  /** Median absolute difference of successive intervals over their median. */
  irregularity: number
  /** Share of the last 32 intervals within 5 % of the one before; and of the one before that or the one before. */
  steady: number
  steadyPairs: number
  /** In a stretch of fast beats (below 0.9 of the upper fifth): the interval that began it over the one before; else 1. */
  onset: number
  /** The interval over what the underlying rhythm leads one to expect (`ExpectedInterval`). */
  expected: number
  /** Over the border between the two groups into which the long view falls best (Otsu's). */
  border: number
  /** Share of the variance that lies between the two groups: 0.64 for one bell, near 1 for two. */
  separation: number
  /** Mean of the short group over that of the long one, and the share of beats in the short one. */
  groupRatio: number
  shortShare: number
  seconds: number
}

/** Keeps intervals: the last few in order, and a histogram of the last 512 in steps of 10 ms. */
export class RrContext {
  readonly reading: RrReading = emptyReading()
  private readonly expected = new ExpectedInterval()
  private readonly sorted = new Float64Array(recentCount)
  private readonly differences = new Float64Array(recentCount)
  private readonly state = {
    ring: new Uint8Array(longCount),
    recent: new Float64Array(recentCount),
    count: 0,
    recentFilled: 0,
    previous: Number.NaN,
    fastBeats: 0,
    onset: Number.NaN,
    bins: new Uint16Array(binCount),
  }

  /** Reads the interval that ends at this beat against those before it, then takes it in. */
  add(rrSeconds: number | null): RrReading {
    const { reading, state } = this
    if (rrSeconds === null || !(rrSeconds > 0)) {
      Object.assign(reading, emptyReading())
      this.readLong(Number.NaN)
      state.recentFilled = 0
      state.fastBeats = 0
      state.previous = Number.NaN
      return reading
    }
    reading.seconds = rrSeconds
    this.readLocal(rrSeconds)
    this.readLong(rrSeconds)
    reading.expected = this.expected.ratio(rrSeconds)
    this.readOnset()
    this.take(rrSeconds)
    return reading
  }

  restart(): void {
    const { state } = this
    state.ring.fill(0)
    state.recent.fill(0)
    state.bins.fill(0)
    state.count = 0
    state.recentFilled = 0
    state.previous = Number.NaN
    state.fastBeats = 0
    state.onset = Number.NaN
    this.expected.restart()
    Object.assign(this.reading, emptyReading())
  }

  save(): StageState {
    return { rr: copyState(this.state), expected: this.expected.save() }
  }

  load(saved: StageState): void {
    const { rr, expected } = saved as { rr: StageState; expected: StageState }
    restoreState(this.state, rr)
    this.expected.load(expected)
  }

  /** Median of the last `count` intervals that stand in a row; NaN when there are fewer than three. */
  private medianOf(values: Float64Array, count: number): number {
    if (count < 3) return Number.NaN
    const few = sortFew(values.subarray(0, count))
    return ((few[(count - 1) >> 1] as number) + (few[count >> 1] as number)) / 2
  }

  private readLocal(rr: number): void {
    const { reading, state, sorted, differences } = this
    const { recent, recentFilled } = state
    const few = Math.min(localCount, recentFilled)
    for (let k = 0; k < few; k++) sorted[k] = recent[k] as number
    const median = this.medianOf(sorted, few)
    reading.local = rr / median
    reading.previous = rr / state.previous
    reading.previousLocal = state.previous / median
    const many = Math.min(irregularCount, recentFilled)
    for (let k = 0; k < many; k++) sorted[k] = recent[k] as number
    for (let k = 0; k + 1 < many; k++) differences[k] = Math.abs((recent[k] as number) - (recent[k + 1] as number))
    const usual = many < 6 ? Number.NaN : this.medianOf(sorted, many)
    reading.irregularity = this.medianOf(differences, many - 1) / usual
    this.readSteadiness()
  }

  /** In fibrillation hardly an interval is like its neighbours; early beats, pauses and bigeminy leave most alike. */
  private readSteadiness(): void {
    const { reading, state } = this
    const { recent, recentFilled } = state
    if (recentFilled < irregularCount) {
      reading.steady = reading.steadyPairs = Number.NaN
      return
    }
    let next = 0
    let either = 0
    for (let k = 0; k + 2 < recentFilled; k++) {
      const rr = recent[k] as number
      const within = alike * rr
      const one = Math.abs(rr - (recent[k + 1] as number)) < within
      if (one) next++
      if (one || Math.abs(rr - (recent[k + 2] as number)) < within) either++
    }
    reading.steady = next / (recentFilled - 2)
    reading.steadyPairs = either / (recentFilled - 2)
  }

  /** A tachycardia begins with a jump, sinus rhythm speeds up over many beats. */
  private readOnset(): void {
    const { reading, state } = this
    if (!(reading.upper < fastBelow)) {
      state.fastBeats = 0
      reading.onset = Number.isNaN(reading.upper) ? Number.NaN : 1
      return
    }
    state.fastBeats += 1
    if (state.fastBeats === 1 || (state.fastBeats === 2 && reading.previous < state.onset)) state.onset = reading.previous
    reading.onset = state.onset
  }

  private readLong(rr: number): void {
    const { reading, state } = this
    const { bins } = state
    const total = Math.min(state.count, longCount)
    if (total < 16) {
      reading.global = reading.upper = reading.border = reading.separation = reading.groupRatio = reading.shortShare = Number.NaN
      return
    }
    let sum = 0
    let squares = 0
    for (let b = 0; b < binCount; b++) {
      const n = bins[b] as number
      sum += n * b
      squares += n * b * b
    }
    const variance = squares / total - (sum / total) * (sum / total)
    let below = 0
    let sumBelow = 0
    let best = -1
    let middle = -1
    let upper = -1
    let border = 0
    for (let b = 0; b < binCount; b++) {
      const n = bins[b] as number
      if (n === 0) continue
      below += n
      sumBelow += n * b
      if (middle < 0 && below * 2 >= total) middle = b
      if (upper < 0 && below * 5 >= total * 4) upper = b
      const above = total - below
      if (above === 0) break
      const distance = sumBelow / below - (sum - sumBelow) / above
      const between = below * above * distance * distance
      if (between > best) {
        best = between
        border = b + 0.5
        reading.shortShare = below / total
        reading.groupRatio = (sumBelow / below + lowestBins) / ((sum - sumBelow) / above + lowestBins)
      }
    }
    if (best < 0) {
      border = middle + 0.5
      reading.shortShare = 0
      reading.groupRatio = 1
    }
    reading.separation = variance > 0 && best > 0 ? best / (total * total) / variance : 0
    reading.global = rr / secondsOf(middle)
    reading.upper = rr / secondsOf(upper < 0 ? middle : upper)
    reading.border = rr / secondsOf(border)
  }

  private take(rr: number): void {
    const { state } = this
    const { recent, ring, bins } = state
    recent.copyWithin(1, 0, recentCount - 1)
    recent[0] = rr
    state.recentFilled = Math.min(recentCount, state.recentFilled + 1)
    state.previous = rr
    const slot = state.count % longCount
    if (state.count >= longCount) bins[ring[slot] as number] = (bins[ring[slot] as number] as number) - 1
    const bin = Math.max(0, Math.min(binCount - 1, Math.floor(rr / binSeconds) - lowestBins))
    ring[slot] = bin
    bins[bin] = (bins[bin] as number) + 1
    state.count += 1
  }
}

/** The first bin begins at this many bins: 0.2 s. */
const lowestBins = 20

function secondsOf(bin: number): number {
  return (bin + lowestBins + 0.5) * binSeconds
}

function emptyReading(): RrReading {
  const nan = Number.NaN
  return {
    local: nan,
    global: nan,
    upper: nan,
    previous: nan,
    previousLocal: nan,
    irregularity: nan,
    steady: nan,
    steadyPairs: nan,
    onset: nan,
    expected: nan,
    border: nan,
    separation: nan,
    groupRatio: nan,
    shortShare: nan,
    seconds: nan,
  }
}
