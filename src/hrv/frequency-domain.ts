import { cos, sin } from '../dsp/math.js'
import { hannWindow, Spectrum } from '../dsp/spectrum.js'
import { cubicSpline } from './cubic-spline.js'
import type { NnSeries } from './nn-series.js'

/** Bands in Hz: from (inclusive) to (exclusive), Task Force 1996. */
const hrvBands = { vlf: [0.003, 0.04], lf: [0.04, 0.15], hf: [0.15, 0.4] } as const

/** Powers in ms2. `lfNu`, `hfNu`: share of LF + HF in per cent. */
export interface FrequencyDomain {
  readonly vlf: number
  readonly lf: number
  readonly hf: number
  readonly lfHf: number | null
  readonly lfNu: number | null
  readonly hfNu: number | null
}

/** Frequencies are this many times denser than one over the length. */
const oversampling = 4
const longestLombSeconds = 3600

/**
 * Lomb's periodogram (Lomb, Astrophys Space Sci 39, 1976) of the intervals at their own times: nothing is interpolated, so
 * intervals that were left out leave no trace but their absence. A one-sided density, scaled so that a sine of amplitude A
 * in the intervals has the power A^2 / 2. More than an hour is measured hour by hour, and the powers' mean weighted by the
 * intervals: the work grows with the square of the length, and a rhythm does not stay one over a day. Null with fewer than 10
 * intervals or less than 60 s.
 */
export function measureLomb(series: NnSeries): FrequencyDomain | null {
  const { times } = series
  const first = times[0] ?? 0
  const last = times[times.length - 1] ?? 0
  if (last - first <= longestLombSeconds) return measurePart(series)
  const parts: { weight: number; powers: FrequencyDomain }[] = []
  for (let from = 0; from < times.length; ) {
    let to = from
    while (to < times.length && (times[to] as number) - (times[from] as number) <= longestLombSeconds) to++
    const powers = measurePart({
      times: times.slice(from, to),
      intervals: series.intervals.slice(from, to),
      joined: series.joined.slice(from, to),
    })
    if (powers !== null) parts.push({ weight: to - from, powers })
    from = to
  }
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0)
  if (whole === 0) return null
  const mean = (of: 'vlf' | 'lf' | 'hf'): number => parts.reduce((sum, { weight, powers }) => sum + weight * powers[of], 0) / whole
  return describe(mean('vlf'), mean('lf'), mean('hf'))
}

function measurePart(series: NnSeries): FrequencyDomain | null {
  const count = series.intervals.length
  const span = count < 2 ? 0 : (series.times[count - 1] as number) - (series.times[0] as number)
  if (count < 10 || span < 60) return null
  const mean = series.intervals.reduce((sum, value) => sum + value, 0) / count
  const values = series.intervals.map(value => (value - mean) / 1000)
  const step = 1 / (oversampling * span)
  const first = Math.max(1, Math.ceil(hrvBands.vlf[0] / step))
  const last = Math.floor(hrvBands.hf[1] / step)
  const start = series.times[0] as number
  // The angle of each interval at the frequency in hand and its turn from one frequency to the next.
  const turns = series.times.map(time => 2 * Math.PI * step * (time - start))
  const turnCos = turns.map(cos)
  const turnSin = turns.map(sin)
  const nowCos = turns.map(turn => cos(turn * first))
  const nowSin = turns.map(turn => sin(turn * first))
  const density: number[] = []
  for (let k = first; k <= last; k++) {
    density.push((2 * span * lombPower(values, nowCos, nowSin)) / count)
    for (let i = 0; i < count; i++) {
      const c = nowCos[i] as number
      const s = nowSin[i] as number
      nowCos[i] = c * (turnCos[i] as number) - s * (turnSin[i] as number)
      nowSin[i] = s * (turnCos[i] as number) + c * (turnSin[i] as number)
    }
  }
  return bandsOf(density, first, step)
}

/** Lomb's normal equations for one frequency: half the squared projections on cosine and sine, made orthogonal. */
function lombPower(values: readonly number[], cosines: readonly number[], sines: readonly number[]): number {
  let c = 0
  let s = 0
  let cc = 0
  let ss = 0
  let cs = 0
  for (let i = 0; i < values.length; i++) {
    const cosine = cosines[i] as number
    const sine = sines[i] as number
    const value = values[i] as number
    c += value * cosine
    s += value * sine
    cc += cosine * cosine
    ss += sine * sine
    cs += cosine * sine
  }
  const determinant = cc * ss - cs * cs
  if (determinant <= 1e-12 * cc * ss) return 0
  return (c * c * ss + s * s * cc - 2 * c * s * cs) / determinant / 2
}

/** The tachogram is read at this rate for Welch's method, in segments of this length. */
const welchHz = 4
const welchSeconds = 120

/**
 * Welch's periodogram of the tachogram, read at 4 Hz from a cubic spline: segments of 120 s (or the whole, if shorter) under a
 * Hann window, half overlapping, without mean and trend. Null with fewer than 10 intervals or less than 60 s.
 */
export function measureWelch(series: NnSeries): FrequencyDomain | null {
  const count = series.intervals.length
  const start = series.times[0] ?? 0
  const span = count < 2 ? 0 : (series.times[count - 1] as number) - start
  if (count < 10 || span < 60) return null
  const read = cubicSpline(
    series.times,
    series.intervals.map(value => value / 1000),
  )
  const length = Math.floor(Math.min(welchSeconds, span) * welchHz)
  let size = 1
  while (size < length) size *= 2
  const spectrum = new Spectrum(length, size)
  const sum = new Float64Array(size / 2 + 1)
  const samples = Math.floor(span * welchHz) + 1
  const tachogram = Float64Array.from({ length: samples }, (_, i) => read(start + i / welchHz))
  let segments = 0
  for (let from = 0; from + length <= samples; from += length >> 1) {
    const power = spectrum.power(tachogram.subarray(from, from + length))
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (power[k] as number)
    segments += 1
  }
  const windowPower = hannWindow(length).reduce((total, weight) => total + weight * weight, 0)
  const scale = 2 / (segments * welchHz * windowPower)
  const step = welchHz / size
  const first = Math.ceil(hrvBands.vlf[0] / step)
  const last = Math.floor(hrvBands.hf[1] / step)
  const density = Array.from({ length: last - first + 1 }, (_, k) => scale * (sum[first + k] as number))
  return bandsOf(density, first, step)
}

/** `density[i]` is that of frequency (first + i) * step. */
function bandsOf(density: readonly number[], first: number, step: number): FrequencyDomain {
  const power = ([low, high]: readonly [number, number]): number => {
    let sum = 0
    for (let i = 0; i < density.length; i++) {
      const hz = (first + i) * step
      if (hz >= low && hz < high) sum += density[i] as number
    }
    return sum * step
  }
  return describe(power(hrvBands.vlf), power(hrvBands.lf), power(hrvBands.hf))
}

function describe(vlf: number, lf: number, hf: number): FrequencyDomain {
  const both = lf + hf
  return {
    vlf,
    lf,
    hf,
    lfHf: hf === 0 ? null : lf / hf,
    lfNu: both === 0 ? null : (100 * lf) / both,
    hfNu: both === 0 ? null : (100 * hf) / both,
  }
}
