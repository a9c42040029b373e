import { missingSample } from '../recording.js'
import { type ExportTrack, readTrackDigital, readTrackPhysical } from './export-track.js'

/** How the values of a track are written as integers: physical = (stored - baseline) / gain. */
export interface StoredForm {
  /** Samples. */
  readonly length: number
  readonly gain: number
  readonly baseline: number
  /** Lowest and highest stored value; both 0 where nothing was measured. */
  readonly low: number
  readonly high: number
  /** Stretches of missing samples: first, and behind the last. */
  readonly gaps: readonly (readonly [number, number])[]
  /** Largest error that the integers make, in the unit of the signal; 0: none. */
  readonly rounding: number
  /** Stored values from a sample on; `missingSample` where there are none. */
  read(at: number, count: number): Promise<Int32Array>
}

/** Samples that are read at once. */
const windowSamples = 262_144
const mostDecimals = 9
const mostFactor = 1024

/**
 * Reads a track once and finds integers from `-most` to `most` for it: those stored, else those of its decimals, else the
 * nearest of as many steps as there are. Without `offset` baselines are whole and
 * within 32 bits, as WFDB has them: no steps around values far from 0, and all integers multiplied where that makes a baseline whole.
 */
export async function chooseForm(track: ExportTrack, most: number, offset: boolean): Promise<StoredForm> {
  const { length } = track
  const survey = track.info.encoding === 'digital' ? await surveyDigital(track) : await surveyPhysical(track)
  if (survey.low > survey.high)
    return { length, gain: 1, baseline: 0, low: 0, high: 0, gaps: survey.gaps, rounding: 0, read: readerOf(track, null) }
  const shift = survey.scale === null ? null : chooseShift(survey.low, survey.high, most)
  if (survey.scale !== null && shift !== null) {
    const { gain, baseline, direct } = survey.scale
    const factor = direct && !offset ? wholeBaseline(baseline) : 1
    if (factor > 1 && Math.max(-survey.low, survey.high) * factor <= most) {
      const ends = { low: survey.low * factor, high: survey.high * factor }
      const scale = { gain: gain * factor, baseline: Math.round(baseline * factor) }
      return { length, ...scale, ...ends, gaps: survey.gaps, rounding: 0, read: readerOf(track, { shift: 0, factor }) }
    }
    const form = {
      length,
      gain,
      baseline: baseline - shift,
      low: survey.low - shift,
      high: survey.high - shift,
      gaps: survey.gaps,
      rounding: 0,
    }
    return { ...form, read: readerOf(track, direct ? { shift, factor: 1 } : { gain, baseline: -shift }) }
  }
  // Values that are not to be had as integers of this width.
  const [least, greatest] = survey.physical ?? (await surveyPhysical(track)).physical ?? [0, 0]
  const spread = offset && greatest > least
  const gain = spread ? (2 * most - 2) / (greatest - least) : most / Math.max(Math.abs(least), Math.abs(greatest))
  const baseline = spread ? Math.round(1 - most - least * gain) : 0
  const ends = { low: Math.round(least * gain) + baseline, high: Math.round(greatest * gain) + baseline }
  return { length, gain, baseline, ...ends, gaps: survey.gaps, rounding: 0.5 / gain, read: readerOf(track, { gain, baseline }) }
}

/** By what to multiply stored values so that their baseline is whole: in EDF it often lies between two of them. 1: it is, or nothing helps. */
function wholeBaseline(baseline: number): number {
  for (let factor = 1; factor <= mostFactor; factor++) {
    const product = baseline * factor
    if (Math.abs(product - Math.round(product)) <= 1e-9 * Math.max(1, Math.abs(product))) return factor
  }
  return 1
}

interface Survey {
  readonly low: number
  readonly high: number
  /** What makes physical values of the integers from `low` to `high`; null: there are no integers. `direct`: they are those stored. */
  readonly scale: { readonly gain: number; readonly baseline: number; readonly direct: boolean } | null
  readonly physical: readonly [number, number] | null
  readonly gaps: readonly (readonly [number, number])[]
}

async function surveyDigital(track: ExportTrack): Promise<Survey> {
  const gaps = new GapList()
  let [low, high] = [Infinity, -Infinity]
  for (let at = 0; at < track.length; at += windowSamples) {
    const samples = await readTrackDigital(track, at, Math.min(windowSamples, track.length - at))
    for (let i = 0; i < samples.length; i++) {
      const value = samples[i] as number
      if (value === missingSample) gaps.add(at + i)
      else {
        if (value < low) low = value
        if (value > high) high = value
      }
    }
  }
  return { low, high, scale: { gain: track.info.gain, baseline: track.info.baseline, direct: true }, physical: null, gaps: gaps.list }
}

/** Finds the fewest decimals that give every value back: what stood in a text does so to the last bit. */
async function surveyPhysical(track: ExportTrack): Promise<Survey> {
  const gaps = new GapList()
  let [least, greatest] = [Infinity, -Infinity]
  let decimals = 0
  let power = 1
  let divisor = 0
  for (let at = 0; at < track.length; at += windowSamples) {
    const samples = await readTrackPhysical(track, at, Math.min(windowSamples, track.length - at))
    for (let i = 0; i < samples.length; i++) {
      const value = samples[i] as number
      if (!Number.isFinite(value)) {
        gaps.add(at + i)
        continue
      }
      if (value < least) least = value
      if (value > greatest) greatest = value
      while (decimals <= mostDecimals && Math.round(value * power) / power !== value) {
        decimals++
        power *= 10
        divisor *= 10
      }
      if (decimals <= mostDecimals) divisor = greatestDivisor(Math.abs(Math.round(value * power)), divisor)
    }
  }
  const physical = least > greatest ? null : ([least, greatest] as const)
  const integers = physical !== null && decimals <= mostDecimals && Math.max(-least, greatest) * power < 2 ** 52
  if (!integers) return { low: least, high: greatest, scale: null, physical, gaps: gaps.list }
  const gain = divisor > 1 && power % divisor === 0 ? power / divisor : power
  return {
    low: Math.round(least * gain),
    high: Math.round(greatest * gain),
    scale: { gain, baseline: 0, direct: false },
    physical,
    gaps: gaps.list,
  }
}

/** What to take off so that the values lie within -most to most; 0 where they do; null: their range is too wide. */
function chooseShift(low: number, high: number, most: number): number | null {
  if (low >= -most && high <= most) return 0
  const shift = Math.round((low + high) / 2)
  return high - low <= 2 * most - 1 && Math.abs(shift) < 2 ** 31 ? shift : null
}

function readerOf(
  track: ExportTrack,
  how: { shift: number; factor: number } | { gain: number; baseline: number } | null,
): StoredForm['read'] {
  return async (at, count) => {
    if (how === null) return new Int32Array(count).fill(missingSample)
    if ('shift' in how) {
      const samples = await readTrackDigital(track, at, count)
      const { shift, factor } = how
      if (shift === 0 && factor === 1) return samples
      for (let i = 0; i < count; i++) if (samples[i] !== missingSample) samples[i] = (samples[i]! - shift) * factor
      return samples
    }
    const values = await readTrackPhysical(track, at, count)
    return Int32Array.from(values, value => (Number.isFinite(value) ? Math.round(value * how.gain) + how.baseline : missingSample))
  }
}

function greatestDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b]
  return a
}

/** Stretches of samples, told in order. */
class GapList {
  readonly list: [number, number][] = []

  add(sample: number): void {
    const last = this.list.at(-1)
    if (last !== undefined && last[1] === sample) last[1]++
    else this.list.push([sample, sample + 1])
  }
}
