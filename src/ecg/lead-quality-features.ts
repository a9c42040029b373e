import { butterworthHighPass, butterworthLowPass } from '../dsp/butterworth.js'
import { log } from '../dsp/math.js'
import { SosCascade } from '../dsp/sos-filter.js'
import { copyState, restoreState } from '../dsp/state.js'
import type { Kernel } from '../kernel/kernel.js'
import type { SampleBlock } from '../signal/sample-block.js'
import type { StageState } from '../signal/stage.js'
import { sortFew } from './recent-values.js'

/**
 * What tells noise from a heart in one second, each a natural logarithm of a ratio: none depends on the gain. Levels are medians over the last eight seconds:
 * `level` of the largest 50 ms in the QRS band, `swing` of the range of the signal without its baseline.
 */
export const noiseFeatureNames = [
  /** QRS band (6 to 20 Hz) outside the QRS complexes: rms of the 50 ms window at the lower quartile over the level, */
  'quietQuarter',
  /** and of the window that 70 % are below, in this second and in the one before. */
  'quietMost',
  'quietMostBefore',
  /** Below 1 Hz: deviation over the swing, this second and the one before: wander of the baseline, electrodes that move. */
  'drift',
  'driftBefore',
  /** 0.5 to 5 Hz: deviation over the swing, this second and the one before. */
  'slow',
  'slowBefore',
  /** Median over the windows of the mean size of the second difference over the swing: muscle and mains. */
  'rough',
  'roughBefore',
  /** Hjorth's complexity: small for the near sine of a fibrillation, larger for noise of several bands. */
  'complexity',
  /** The level over the swing. */
  'sharpness',
  /** The swing over what is usual for the lead: a memory that falls within seconds and rises within minutes. */
  'growth',
] as const
const noiseFeatureCount = noiseFeatureNames.length

/** The features are measured on averages of neighbouring samples, at the lowest rate from this one on. */
const lowestHz = 100
const windowSeconds = 0.05
/** More windows than this do not fit into a second of any accepted rate. */
const mostWindows = 32
const levelSeconds = 8
/** Share of the way that the usual swing (its logarithm) goes within a second. */
const usualRises = 1 / 300
const usualFalls = 1 / 5
/** More growth than this (of the logarithm) says no more. */
const mostGrowth = 1.5

interface Second {
  readonly quarter: number
  readonly most: number
  readonly largest: number
  readonly drift: number
  readonly slow: number
  readonly rough: number
  readonly swing: number
  readonly complexity: number
}

/** Measures the noise features of one lead second by second. About 6 filter sections at 100 to 200 Hz. */
export class LeadNoiseFeatures {
  /** Of the second closed last. */
  readonly values = new Float64Array(noiseFeatureCount)
  private readonly step: number
  private readonly perWindow: number
  private readonly steady: SosCascade
  private readonly low: SosCascade
  private readonly lowest: SosCascade
  private readonly band: SosCascade
  private readonly state
  private samples = new Float64Array(0)
  private work = new Float64Array(0)
  private readonly ordered = new Float64Array(mostWindows)

  constructor(fsHz: number, kernel: Kernel) {
    this.step = Math.max(1, Math.floor(fsHz / lowestHz))
    const rate = fsHz / this.step
    this.perWindow = Math.max(1, Math.round(windowSeconds * rate))
    this.steady = new SosCascade(butterworthHighPass({ order: 1, cutHz: 0.5, fsHz: rate }), kernel)
    this.low = new SosCascade(butterworthLowPass({ order: 2, cutHz: 5, fsHz: rate }), kernel)
    this.lowest = new SosCascade(butterworthLowPass({ order: 1, cutHz: 1, fsHz: rate }), kernel)
    const edges = [butterworthHighPass({ order: 2, cutHz: 6, fsHz: rate }), butterworthLowPass({ order: 2, cutHz: 20, fsHz: rate })]
    this.band = new SosCascade(Float64Array.from(edges.flatMap(section => [...section])), kernel)
    this.state = newState()
  }

  add(block: SampleBlock): void {
    if (block.gapBefore > 0) this.startStretch()
    const count = this.decimate(block.samples)
    if (count === 0) return
    const { samples, work } = this
    this.band.run(samples, work, count)
    this.addBand(work, count)
    this.steady.run(samples, samples, count)
    this.addSteady(samples, count)
    this.low.run(samples, work, count)
    this.addWindows(this.state.slow, work, count)
    this.lowest.run(work, work, count)
    this.addWindows(this.state.drift, work, count)
    this.state.inSecond += count
  }

  /**
   * Closes the second. `usable`: it shows an ECG, however noisy; nothing is learned from one that does not (flat, too small,
   * lead off). False, and the features are as they were, for such a second or when too little of it was there.
   */
  close(usable: boolean): boolean {
    const { state } = this
    const windows = Math.min(mostWindows, Math.floor(state.inSecond / this.perWindow))
    const enough = usable && windows >= 8
    if (enough) this.measure(windows)
    state.inSecond = 0
    state.bandPower.fill(0)
    state.bends.fill(0)
    state.slow.fill(0)
    state.drift.fill(0)
    state.low = Number.POSITIVE_INFINITY
    state.high = Number.NEGATIVE_INFINITY
    state.power = 0
    state.slopePower = 0
    state.bendPower = 0
    return enough
  }

  restart(): void {
    this.startStretch()
    restoreState(this.state, newState())
    this.values.fill(0)
  }

  save(): StageState {
    const { steady, low, lowest, band } = this
    return {
      state: copyState(this.state),
      values: this.values.slice(),
      filters: [steady, low, lowest, band].map(filter => filter.save()),
    }
  }

  load(saved: StageState): void {
    const { state, values, filters } = saved as { state: StageState; values: Float64Array; filters: StageState[] }
    restoreState(this.state, state)
    this.values.set(values)
    ;[this.steady, this.low, this.lowest, this.band].forEach((filter, i) => {
      filter.load(filters[i])
    })
  }

  /** Filters start anew, at rest; nothing is differentiated across. */
  private startStretch(): void {
    for (const filter of [this.steady, this.low, this.lowest, this.band]) filter.restart()
    Object.assign(this.state, { sum: 0, summed: 0, started: false, before: 0, slope: 0 })
  }

  /** Averages of `step` samples each into `samples`; returns their number. */
  private decimate(input: Float64Array): number {
    const { state, step } = this
    const most = Math.ceil((input.length + step) / step)
    if (this.samples.length < most) {
      this.samples = new Float64Array(most)
      this.work = new Float64Array(most)
    }
    const output = this.samples
    let { sum, summed } = state
    let count = 0
    const share = 1 / step
    for (let i = 0; i < input.length; i++) {
      sum += input[i] as number
      if (++summed < step) continue
      output[count++] = sum * share
      sum = 0
      summed = 0
    }
    state.sum = sum
    state.summed = summed
    return count
  }

  private addBand(band: Float64Array, count: number): void {
    const { bandPower, inSecond } = this.state
    const { perWindow } = this
    let window = Math.floor(inSecond / perWindow)
    let left = (window + 1) * perWindow - inSecond
    for (let i = 0; i < count; window++, left = perWindow) {
      const to = Math.min(count, i + left)
      let sum = window < mostWindows ? (bandPower[window] as number) : 0
      for (; i < to; i++) sum += (band[i] as number) * (band[i] as number)
      if (window < mostWindows) bandPower[window] = sum
    }
  }

  private addWindows(sums: Float64Array, values: Float64Array, count: number): void {
    const { inSecond } = this.state
    const { perWindow } = this
    let window = Math.floor(inSecond / perWindow)
    let left = (window + 1) * perWindow - inSecond
    for (let i = 0; i < count; window++, left = perWindow) {
      const to = Math.min(count, i + left)
      let sum = window < mostWindows ? (sums[window] as number) : 0
      for (; i < to; i++) sum += values[i] as number
      if (window < mostWindows) sums[window] = sum
    }
  }

  private addSteady(steady: Float64Array, count: number): void {
    const { state, perWindow } = this
    const { bends, inSecond } = state
    let { low, high, before, slope, power, slopePower, bendPower } = state
    if (!state.started) before = steady[0] as number
    state.started = true
    let window = Math.floor(inSecond / perWindow)
    let left = (window + 1) * perWindow - inSecond
    for (let i = 0; i < count; window++, left = perWindow) {
      const to = Math.min(count, i + left)
      let sum = window < mostWindows ? (bends[window] as number) : 0
      for (; i < to; i++) {
        const x = steady[i] as number
        if (x < low) low = x
        if (x > high) high = x
        const rise = x - before
        const bend = rise - slope
        before = x
        slope = rise
        power += x * x
        slopePower += rise * rise
        bendPower += bend * bend
        sum += bend < 0 ? -bend : bend
      }
      if (window < mostWindows) bends[window] = sum
    }
    state.low = low
    state.high = high
    state.before = before
    state.slope = slope
    state.power = power
    state.slopePower = slopePower
    state.bendPower = bendPower
  }

  private measure(windows: number): void {
    const { state, perWindow } = this
    const power = this.order(state.bandPower, windows)
    const rms = (share: number): number => Math.sqrt((power[Math.floor(share * windows)] as number) / perWindow)
    const [quarter, most, largest] = [rms(0.25), rms(0.7), Math.sqrt((power[windows - 1] as number) / perWindow)]
    const rough = (this.order(state.bends, windows)[windows >> 1] as number) / perWindow
    const second: Second = {
      quarter,
      most,
      largest,
      drift: deviation(state.drift, windows) / perWindow,
      slow: deviation(state.slow, windows) / perWindow,
      rough,
      swing: state.high - state.low,
      complexity: state.slopePower > 0 ? Math.sqrt(state.bendPower * state.power) / state.slopePower : 0,
    }
    const at = state.seconds % levelSeconds
    state.levels[at] = largest
    state.swings[at] = second.swing
    state.seconds += 1
    this.describe(second, state.second ?? second)
    state.second = second
  }

  private describe(now: Second, before: Second): void {
    const { state, values } = this
    const kept = Math.min(levelSeconds, state.seconds)
    const level = median(state.levels, kept)
    const swing = median(state.swings, kept)
    values[0] = logRatio(now.quarter, level)
    values[1] = logRatio(now.most, level)
    values[2] = logRatio(before.most, level)
    values[3] = logRatio(now.drift, swing)
    values[4] = logRatio(before.drift, swing)
    values[5] = logRatio(now.slow, swing)
    values[6] = logRatio(before.slow, swing)
    values[7] = logRatio(now.rough, swing)
    values[8] = logRatio(before.rough, swing)
    values[9] = logRatio(now.complexity, 1)
    values[10] = logRatio(level, swing)
    const size = log(Math.max(swing, smallestSwing))
    if (state.seconds === 1) state.usual = size
    state.usual += (size - state.usual) * (size < state.usual ? usualFalls : usualRises)
    values[11] = Math.min(mostGrowth, size - state.usual)
  }

  private order(values: Float64Array, count: number): Float64Array {
    this.ordered.set(values.subarray(0, count))
    return sortFew(this.ordered.subarray(0, count))
  }
}

/** Keep the logarithm of nothing finite: of a ratio, and of a swing in whichever unit. */
const smallestRatio = 1e-4
const smallestSwing = 1e-30

function logRatio(value: number, scale: number): number {
  return log((scale > 0 ? value / scale : 0) + smallestRatio)
}

function median(values: Float64Array, count: number): number {
  const sorted = sortFew(values.slice(0, count))
  return ((sorted[(count - 1) >> 1] as number) + (sorted[count >> 1] as number)) / 2
}

function deviation(values: Float64Array, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += values[i] as number
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < count; i++) squares += ((values[i] as number) - mean) * ((values[i] as number) - mean)
  return Math.sqrt(squares / count)
}

function newState() {
  return {
    sum: 0,
    summed: 0,
    inSecond: 0,
    bandPower: new Float64Array(mostWindows),
    bends: new Float64Array(mostWindows),
    slow: new Float64Array(mostWindows),
    drift: new Float64Array(mostWindows),
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    /** There is a sample before in this stretch. */
    started: false,
    before: 0,
    slope: 0,
    power: 0,
    slopePower: 0,
    bendPower: 0,
    levels: new Float64Array(levelSeconds),
    swings: new Float64Array(levelSeconds),
    seconds: 0,
    usual: 0,
    second: null as Second | null,
  }
}
