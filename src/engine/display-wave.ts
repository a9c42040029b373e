import type { StreamBlock } from '../signal/sample-block.js'
import type { StreamSpec } from '../signal/stream.js'
import type { DisplayWave } from './partition-types.js'

/** Points a second that a screen gets at most: two (the lowest and the highest sample) for each bucket of samples. */
const displayPointsPerSecond = 125

/**
 * A block as it is drawn, one wave a channel. `t`: patient time of the block's first sample, microseconds; `beats`: those of
 * the beats that stood out in it.
 */
export function displayWaves(
  patient: string,
  device: string,
  spec: StreamSpec,
  block: StreamBlock,
  t: number,
  beats: readonly number[],
): DisplayWave[] {
  const hertz = spec.fs.num / spec.fs.den
  const bucket = hertz <= displayPointsPerSecond ? 1 : Math.ceil((2 * hertz) / displayPointsPerSecond)
  const stepMicros = ((bucket === 1 ? 1 : bucket / 2) * 1e6) / hertz
  return spec.channels.map((channel, k) => ({
    patient,
    device,
    stream: spec.id,
    channel,
    unit: spec.unit,
    t,
    stepMicros,
    beats: k === 0 ? beats : [],
    values: bucket === 1 ? Float32Array.from(block.channels[k]!) : extremes(block.channels[k]!, bucket),
  }))
}

/** Lowest and highest sample of each bucket in the order in which they come; NaN twice where all are missing. */
function extremes(samples: Float64Array, bucket: number): Float32Array {
  const buckets = Math.ceil(samples.length / bucket)
  const points = new Float32Array(buckets * 2)
  for (let b = 0; b < buckets; b++) {
    const end = Math.min(samples.length, (b + 1) * bucket)
    let low = -1
    let high = -1
    for (let i = b * bucket; i < end; i++) {
      if (Number.isNaN(samples[i]!)) continue
      if (low < 0 || samples[i]! < samples[low]!) low = i
      if (high < 0 || samples[i]! > samples[high]!) high = i
    }
    points[2 * b] = low < 0 ? Number.NaN : samples[Math.min(low, high)]!
    points[2 * b + 1] = low < 0 ? Number.NaN : samples[Math.max(low, high)]!
  }
  return points
}
