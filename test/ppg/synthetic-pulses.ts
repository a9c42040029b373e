import type { StreamChain } from '../../src/signal/chain.js'
import type { Observation } from '../../src/signal/observation.js'
import { seededNormal } from '../laws/random.js'

export interface PulseTrain {
  readonly fs: number
  readonly seconds: number
  /** Time of each systolic peak, seconds. */
  readonly peaks: readonly number[]
  /** Height of each pulse; one number for all. */
  readonly height: number | readonly number[]
  readonly level?: number
  /** -1: light intensity, systole down. */
  readonly sign?: 1 | -1
  /** Standard deviation of white noise. */
  readonly noise?: number
  readonly seed?: number
}

/** Peaks at a steady rate, beats a minute, from 0.6 s on. */
export function steadyPeaks(perMinute: number, seconds: number): number[] {
  const peaks: number[] = []
  for (let t = 0.6; t < seconds - 0.1; t += 60 / perMinute) peaks.push(t)
  return peaks
}

/** A pulse wave: a steep systolic rise, a slower fall, a small dicrotic wave; widths shrink with the interval as they do in life. */
export function pulseTrain(train: PulseTrain): Float64Array {
  const samples = new Float64Array(Math.round(train.fs * train.seconds)).fill(train.level ?? 0)
  const sign = train.sign ?? 1
  train.peaks.forEach((peak, k) => {
    const next = train.peaks[k + 1] ?? peak + (peak - (train.peaks[k - 1] ?? peak - 0.8))
    const width = Math.min(1, next - peak)
    const height = typeof train.height === 'number' ? train.height : train.height[k]!
    const from = Math.max(0, Math.floor((peak - 1) * train.fs))
    const to = Math.min(samples.length, Math.ceil((peak + 1.5) * train.fs))
    for (let i = from; i < to; i += 1) {
      const t = i / train.fs - peak
      const rise = t < 0 ? 0.06 * width : 0.18 * width
      const dicrotic = (t - 0.45 * width) / (0.12 * width)
      samples[i] = samples[i]! + sign * height * (Math.exp(-0.5 * (t / rise) ** 2) + 0.2 * Math.exp(-0.5 * dicrotic ** 2))
    }
  })
  if (train.noise) {
    const normal = seededNormal(train.seed ?? 7)
    for (let i = 0; i < samples.length; i += 1) samples[i] = samples[i]! + train.noise * normal()
  }
  return samples
}

/** Everything a chain says of channels that come in blocks of a second. */
export function listen(chain: StreamChain, channels: readonly Float64Array[], flagsAt: (index: number) => number = () => 0): Observation[] {
  const said: Observation[] = []
  const length = channels[0]!.length
  for (let start = 0; start < length; start += 100) {
    const end = Math.min(length, start + 100)
    const block = { start, length: end - start, flags: flagsAt(start), channels: channels.map(channel => channel.slice(start, end)) }
    chain.push(block, observation => said.push(observation))
  }
  chain.flush(observation => said.push(observation))
  return said
}

export function measured(said: readonly Observation[], name: string) {
  return said.filter(observation => observation.kind === 'measurement').filter(observation => observation.name === name)
}
