import type { SignalSource } from '../../device/signal-source.js'
import { missingSample, type Recording } from '../../recording/recording.js'
import { toPhysical } from '../../recording/signal-window.js'
import { hertz } from '../../signal/rate.js'
import { noiseBlocks } from './noise-recipe.js'
import type { NoiseSignal } from './noise-signal.js'

/** Stored values with noise may need more than the converter had. */
const noisyBits = 24

/** From sample `from` on, noise with this factor is added and `offset` taken off. */
interface Stretch {
  readonly from: number
  readonly gain: number
  readonly offset: number
}

/**
 * A recording with noise in every other block. The level is carried on at the borders of blocks, so there is no step: what the
 * noise has moved the baseline by stays until the next block. Signal k gets channel k of the noise, in turn. `gains`: of each signal.
 */
export async function addNoise(recording: Recording, noise: NoiseSignal, gains: readonly number[]): Promise<SignalSource> {
  const plans = await Promise.all(recording.signals.map(signal => planSignal(recording, signal.index, noise, gains[signal.index] ?? 0)))
  const readDigital = async (indexes: readonly number[], from: number, length: number): Promise<Int32Array[]> => {
    const clean = await recording.readDigital(indexes, from, length)
    return clean.map((samples, k) => {
      const index = indexes[k] as number
      const { baseline } = recording.signals[index] as { baseline: number }
      return mix(samples, from, baseline, channelOf(noise, index), plans[index] as readonly Stretch[])
    })
  }
  return {
    name: recording.name,
    durationSeconds: recording.durationSeconds,
    startTime: recording.startTime,
    signals: recording.signals.map(signal => ({ ...signal, bits: Math.max(signal.bits, noisyBits) })),
    numerics: recording.numerics,
    readDigital,
    readPhysical: async (indexes, from, length) =>
      (await readDigital(indexes, from, length)).map((samples, k) => toPhysical(samples, recording.signals[indexes[k] as number])),
    close: () => recording.close(),
  }
}

function channelOf(noise: NoiseSignal, signal: number): Int32Array {
  return noise.channels[signal % noise.channels.length] as Int32Array
}

/** Noise is repeated when the record is longer; its last sample is not used, as the original does not. */
function noiseAt(noise: Int32Array, sample: number): number {
  return noise[sample % Math.max(1, noise.length - 1)] ?? 0
}

async function planSignal(recording: Recording, index: number, noise: NoiseSignal, gain: number): Promise<Stretch[]> {
  const { fs, length, baseline } = recording.signals[index] as Recording['signals'][number]
  const channel = channelOf(noise, index)
  const stretches: Stretch[] = []
  let now: Stretch = { from: 0, gain: 0, offset: 0 }
  const period = Math.max(1, channel.length - 1)
  const borders = noiseBlocks(hertz(fs), length).flatMap(({ from, to }) => [
    { at: from, gain },
    // Where the noise begins anew, the level is carried on too.
    ...repeats(from, to, period).map(at => ({ at, gain })),
    { at: to, gain: 0 },
  ])
  for (const border of borders) {
    stretches.push(now)
    if (border.at >= length) return stretches
    const before = border.at - 1
    const stored = (await recording.readDigital([index], before, 1))[0]?.[0] ?? baseline
    const clean = (stored === missingSample ? baseline : stored) - baseline
    const said = Math.trunc(clean + now.gain * noiseAt(channel, before) - now.offset)
    const next = border.at % period === 0 ? noiseAt(channel, border.at) : noiseAt(channel, before)
    now = { from: border.at, gain: border.gain, offset: Math.trunc(clean + border.gain * next - said) }
  }
  stretches.push(now)
  return stretches
}

function repeats(from: number, to: number, period: number): number[] {
  const places: number[] = []
  for (let at = Math.ceil((from + 1) / period) * period; at < to; at += period) places.push(at)
  return places
}

function mix(clean: Int32Array, start: number, baseline: number, noise: Int32Array, stretches: readonly Stretch[]): Int32Array {
  const mixed = new Int32Array(clean.length)
  let k = 0
  for (let i = 0; i < clean.length; i++) {
    while (k + 1 < stretches.length && (stretches[k + 1] as Stretch).from <= start + i) k++
    const { gain, offset } = stretches[k] as Stretch
    const value = clean[i] as number
    mixed[i] = value === missingSample ? missingSample : baseline + Math.trunc(value - baseline + gain * noiseAt(noise, start + i) - offset)
  }
  return mixed
}
