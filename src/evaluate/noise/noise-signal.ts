import path from 'node:path'
import { createResampler } from '../../dsp/resampler.js'
import { VitalwireError } from '../../errors.js'
import { openRecording } from '../../recording/open-recording.js'
import { hertz, type Rate, sameRate } from '../../signal/rate.js'
import { noiseAmplitude } from './noise-recipe.js'

/** One kind of noise at the rate of a record, all its channels, stored values. */
export interface NoiseSignal {
  readonly kind: string
  readonly channels: readonly Int32Array[]
  /** Of each channel, as the recipe takes it. */
  readonly amplitudes: readonly number[]
}

/** Reads a noise recording, e.g. `em` of NSTDB, and brings it to a rate. Throws what reading throws. */
export async function readNoise(folder: string, kind: string, fs: Rate): Promise<NoiseSignal> {
  const recording = await openRecording(path.join(folder, kind))
  try {
    const { signals } = recording
    const own = signals[0]?.fs
    if (own === undefined) throw new VitalwireError('recording-format', `noise recording ${kind} has no signal; accepted: one with signals`)
    const stored = await recording.readDigital(
      signals.map(signal => signal.index),
      0,
      signals[0]?.length ?? 0,
    )
    const channels = stored.map(samples => (sameRate(own, fs) ? samples : resample(samples, own, fs)))
    return { kind, channels, amplitudes: channels.map(samples => noiseAmplitude(samples, hertz(fs))) }
  } finally {
    await recording.close()
  }
}

/** Where the filter would reach beyond the ends, the nearest value that there is stands. */
function resample(samples: Int32Array, from: Rate, to: Rate): Int32Array {
  const resampler = createResampler({ from, to })
  const length = Math.floor((samples.length * hertz(to)) / hertz(from))
  const out = new Int32Array(length)
  let first = length
  let last = 0
  const emit = (block: { start: number; samples: Float64Array }): void => {
    for (let i = 0; i < block.samples.length && block.start + i < length; i++) out[block.start + i] = Math.round(block.samples[i] as number)
    first = Math.min(first, block.start)
    last = Math.max(last, Math.min(length, block.start + block.samples.length))
  }
  resampler.push({ start: 0, gapBefore: 0, flags: 0, samples: Float64Array.from(samples) }, emit)
  resampler.flush(emit)
  out.fill(out[first] ?? 0, 0, first)
  out.fill(out[last - 1] ?? 0, last)
  return out
}
