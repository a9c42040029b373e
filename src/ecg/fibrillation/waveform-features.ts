import { butterworthBandPass, butterworthHighPass } from '../../dsp/butterworth.js'
import { log } from '../../dsp/math.js'
import { SosCascade } from '../../dsp/sos-filter.js'
import { moments, SizeQuantiles, secondRanges } from './amplitude-shape.js'
import { ComplexShape } from './complex-shape.js'
import { leakage } from './leakage.js'
import { periodicity } from './periodicity.js'
import { PhaseSpace } from './phase-space.js'
import { SpectralShape } from './spectral-shape.js'
import { meanThresholdCrossings, thresholdCrossings } from './threshold-crossing.js'
import { windowSamples, workingHz } from './working-signal.js'

/** Of the last 8 s, 4 s and 3 s of the window, as the number at the end of the name says. All but `size` are free of units. */
export const fibrillationFeatures = [
  'leakage8',
  'leakage4',
  'crossings8',
  'crossings3',
  'peakHz8',
  'peakShare8',
  'vfShare8',
  'lowShare8',
  'highShare8',
  'moment8',
  'aroundPeak8',
  'harmonics8',
  'width8',
  'peakHz4',
  'peakShare4',
  'vfShare4',
  'lowShare4',
  'highShare4',
  'moment4',
  'aroundPeak4',
  'harmonics4',
  'width4',
  'kurtosis8',
  'skewness8',
  'slopeKurtosis8',
  'kurtosis3',
  'skewness3',
  'slopeKurtosis3',
  'rest8',
  'sizeMedian8',
  'slopeRest8',
  'slopeMedian8',
  'slopeMedian3',
  'slopeHigh8',
  'mobility8',
  'complexity8',
  'mobility3',
  'complexity3',
  'leastRange',
  'lastRange',
  'meanRange',
  'drift',
  'trough4',
  'crest4',
  'crestSeconds4',
  'beatCrest8',
  'beatSeconds8',
  'phaseSpace8',
  'complexRate8',
  'likeness8',
  'irregularity8',
  'restLevel8',
  'bandAboveMean8',
  'bandAboveHalf8',
  'bandNearMean8',
  'size',
] as const

const four = 4 * workingHz
const three = 3 * workingHz

/** Turns a window of the working signal into the figures that tell fibrillation from beats. Holds scratch space only, no state. */
export class WaveformFeatures {
  private readonly x = new Float64Array(windowSamples)
  private readonly slope = new Float64Array(windowSamples)
  private readonly band = new Float64Array(windowSamples)
  private readonly coarse = new Float64Array(windowSamples / 4)
  private readonly curve = new Float64Array(64)
  private readonly levels = new Float64Array(4)
  private readonly highPass = new SosCascade(butterworthHighPass({ order: 2, cutHz: 1, fsHz: workingHz }))
  private readonly qrsBand = new SosCascade(butterworthBandPass({ order: 1, lowHz: 13, highHz: 16.5, fsHz: workingHz }))
  private readonly quantiles = new SizeQuantiles()
  private readonly phaseSpace = new PhaseSpace()
  private readonly complexes = new ComplexShape(windowSamples)
  private readonly spectrum8 = new SpectralShape(windowSamples, 1024)
  private readonly spectrum4 = new SpectralShape(four, 512)

  /** Writes one number a feature into `into`. `window`: 8 s at 100 Hz. */
  measure(window: Float64Array, millivolts: boolean, into: Float64Array): void {
    const { x, slope, band, levels } = this
    const n = windowSamples
    this.highPass.restart()
    this.highPass.run(window, x, n)
    this.qrsBand.restart()
    this.qrsBand.run(x, band, n)
    slope[0] = 0
    slope[n - 1] = 0
    for (let i = 1; i < n - 1; i++) slope[i] = (x[i + 1] as number) - (x[i - 1] as number)
    let at = 0
    into[at++] = leakage(x, 0, n)
    into[at++] = leakage(x, n - four, n)
    into[at++] = meanThresholdCrossings(x)
    into[at++] = thresholdCrossings(x, n - three)
    for (const figures of [this.spectrum8.measure(x), this.spectrum4.measure(x.subarray(n - four))]) {
      into[at++] = figures.peakHz
      into[at++] = figures.peakShare
      into[at++] = figures.vfShare
      into[at++] = figures.lowShare
      into[at++] = figures.highShare
      into[at++] = figures.moment
      into[at++] = figures.aroundPeak
      into[at++] = figures.harmonics
      into[at++] = figures.width
    }
    const long = moments(x, 0, n)
    const longSlope = moments(slope, 1, n - 1)
    const short = moments(x, n - three, n)
    const shortSlope = moments(slope, n - three, n - 1)
    into[at++] = log(long.kurtosis)
    into[at++] = Math.abs(long.skewness)
    into[at++] = log(longSlope.kurtosis)
    into[at++] = log(short.kurtosis)
    into[at++] = Math.abs(short.skewness)
    into[at++] = log(shortSlope.kurtosis)
    this.quantiles.measure(x, 0, n, [0.5, 0.98], levels)
    into[at++] = this.restShare(x, 0, n, levels[1] as number)
    into[at++] = (levels[0] as number) / (levels[1] as number)
    const top = this.quantiles.measure(slope, 1, n - 1, [0.5, 0.9, 0.98], levels)
    into[at++] = shareBelow(slope, 1, n - 1, 0.1 * (levels[2] as number) * top)
    into[at++] = (levels[0] as number) / (levels[2] as number)
    const high = (levels[1] as number) / (levels[2] as number)
    this.quantiles.measure(slope, n - three, n - 1, [0.5, 0.98], levels)
    into[at++] = (levels[0] as number) / (levels[1] as number)
    into[at++] = high
    at = this.hjorth(0, long.deviation, longSlope.deviation, into, at)
    at = this.hjorth(n - three, short.deviation, shortSlope.deviation, into, at)
    const ranges = secondRanges(x)
    into[at++] = ranges.least
    into[at++] = ranges.last
    into[at++] = ranges.mean
    const raw = moments(window, 0, n).deviation
    into[at++] = log((raw + 1e-9) / (long.deviation + 1e-9))
    at = this.periods(into, at)
    into[at++] = this.phaseSpace.measure(x)
    const complexes = this.complexes.measure(x, slope)
    into[at++] = complexes.rate
    into[at++] = complexes.likeness
    into[at++] = complexes.irregularity
    into[at++] = complexes.restLevel
    at = bandCounts(band, into, at)
    into[at++] = millivolts ? log(long.deviation + 1e-3) : Number.NaN
  }

  /** Share of samples within a tenth of the 98 % level: where the line rests. */
  private restShare(x: Float64Array, from: number, to: number, level: number): number {
    let most = 0
    for (let i = from; i < to; i++) most = Math.max(most, Math.abs(x[i] as number))
    return shareBelow(x, from, to, 0.1 * level * most)
  }

  /** Hjorth's mobility in Hz and complexity. */
  private hjorth(from: number, deviation: number, slopeDeviation: number, into: Float64Array, at: number): number {
    const { slope } = this
    let sum = 0
    for (let i = from + 2; i < windowSamples - 1; i++) {
      const bend = (slope[i] as number) - (slope[i - 1] as number)
      sum += bend * bend
    }
    const bendDeviation = Math.sqrt(sum / (windowSamples - from - 3))
    const mobility = deviation > 0 ? slopeDeviation / deviation : 0
    into[at++] = (mobility * workingHz) / (4 * Math.PI)
    into[at++] = slopeDeviation > 0 && mobility > 0 ? (2 * bendDeviation) / slopeDeviation / mobility : 0
    return at
  }

  private periods(into: Float64Array, at: number): number {
    const { x, slope, coarse, curve } = this
    // The waves: the last 4 s at 50 Hz, lags up to 1 s.
    const start = windowSamples - four
    const wave = four / 2
    for (let i = 0; i < wave; i++) coarse[i] = (x[start + 2 * i] as number) + (x[start + 2 * i + 1] as number)
    const waves = periodicity(coarse, wave, 50, curve)
    into[at++] = waves.trough
    into[at++] = waves.crest
    into[at++] = waves.crestLag / 50
    // The beats: size of the slope over 8 s at 25 Hz, lags up to 2 s.
    const beats = windowSamples / 4
    for (let i = 0; i < beats; i++) {
      let sum = 0
      for (let k = 4 * i; k < 4 * i + 4; k++) sum += Math.abs(slope[k] as number)
      coarse[i] = sum
    }
    const rhythm = periodicity(coarse, beats, 50, curve)
    into[at++] = rhythm.crest
    into[at++] = rhythm.crestLag / 25
    return at
  }
}

function shareBelow(x: Float64Array, from: number, to: number, level: number): number {
  let count = 0
  for (let i = from; i < to; i++) if (Math.abs(x[i] as number) < level) count++
  return count / (to - from)
}

/** Jekova and Krasteva 2004: how the size of the 13 to 16.5 Hz band spreads around its mean, mean over the seconds of the window. */
function bandCounts(band: Float64Array, into: Float64Array, at: number): number {
  let aboveMean = 0
  let aboveHalf = 0
  let nearMean = 0
  for (let from = 0; from < band.length; from += workingHz) {
    let most = 0
    let sum = 0
    for (let i = from; i < from + workingHz; i++) {
      const size = Math.abs(band[i] as number)
      band[i] = size
      sum += size
      if (size > most) most = size
    }
    const mean = sum / workingHz
    let deviation = 0
    for (let i = from; i < from + workingHz; i++) deviation += Math.abs((band[i] as number) - mean)
    deviation /= workingHz
    for (let i = from; i < from + workingHz; i++) {
      const size = band[i] as number
      if (size > mean) aboveMean++
      if (size > 0.5 * most) aboveHalf++
      if (size > mean - deviation && size < mean + deviation) nearMean++
    }
  }
  into[at++] = aboveMean / band.length
  into[at++] = aboveHalf / band.length
  into[at++] = nearMean / band.length
  return at
}
