import path from 'node:path'
import { createResampler } from '../../src/dsp/resampler.js'
import { datasetsRoot } from '../../src/recording/datasets.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { hertz, type Rate, sameRate } from '../../src/signal/rate.js'

export { ds1 } from '../../src/evaluate/fitted-records.js'
/** The test half that goes with DS1; the four paced records are in neither. */
export const ds2 = '100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234'.split(' ')

/** A way to see a record: some of its leads at a rate. */
export interface Take {
  readonly name: string
  readonly leads: readonly number[]
  /** null: as recorded. */
  readonly fs: Rate | null
}

export interface TakenRecord {
  readonly name: string
  readonly fs: Rate
  /** One array a lead, in millivolts. */
  readonly channels: readonly Float64Array[]
  readonly names: readonly string[]
  /** Reference, at the rate of the take. */
  readonly annotations: readonly {
    readonly sample: number
    readonly symbol: string
    readonly subtype: number
    readonly channel: number
    readonly num: number
    readonly aux: string
    readonly code: number
  }[]
}

/** Reads a record of a set (`mitdb`) whole, as the take says. */
export async function readRecord(set: string, name: string, take: Take): Promise<TakenRecord> {
  const folder = path.join(datasetsRoot(), set)
  const recording = await openRecording(path.join(folder, name))
  const signals = take.leads.map(lead => {
    const signal = recording.signals[lead]
    if (!signal) throw new RangeError(`${set}/${name} has no lead ${lead}`)
    return signal
  })
  const first = signals[0] as (typeof signals)[number]
  const recorded = await recording.readPhysical([...take.leads], 0, first.length)
  await recording.close()
  const { annotations } = await readAnnotations(path.join(folder, `${name}.atr`))
  const fs = take.fs ?? first.fs
  const ratio = hertz(fs) / hertz(first.fs)
  return {
    name,
    fs,
    channels: recorded.map(samples => resample(samples, first.fs, fs)),
    names: signals.map(signal => signal.name),
    annotations: annotations.map(annotation => ({ ...annotation, sample: Math.round(annotation.sample * ratio) })),
  }
}

function resample(samples: Float64Array, from: Rate, to: Rate): Float64Array {
  if (sameRate(from, to)) return samples
  const out = new Float64Array(Math.ceil((samples.length * hertz(to)) / hertz(from))).fill(Number.NaN)
  createResampler({ from, to }).push({ start: 0, gapBefore: 0, flags: 0, samples }, block => {
    out.set(block.samples.subarray(0, out.length - block.start), block.start)
  })
  return out
}
