import path from 'node:path'
import type { SignalSource } from '../../src/device/signal-source.js'
import type { Annotation } from '../../src/evaluate/compare/annotation.js'
import { measureGains } from '../../src/evaluate/noise/noise-gains.js'
import { noiseBlocks } from '../../src/evaluate/noise/noise-recipe.js'
import { type NoiseSignal, readNoise } from '../../src/evaluate/noise/noise-signal.js'
import { addNoise } from '../../src/evaluate/noise/noisy-source.js'
import { datasetsRoot } from '../../src/recording/datasets.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { readAnnotations } from '../../src/recording/wfdb-annotation.js'
import { hertz } from '../../src/signal/rate.js'

/** Records of the noise panel of `vitalwire evaluate noise` that the fit does not see. */
export const heldPanel = '100 103 113 123 200 202 213 221 231'.split(' ')
export const kinds = ['em', 'ma'] as const
export type Kind = (typeof kinds)[number]

/** Half of the noise recording: the fit hears the first, the report the second. */
export type Half = 'first' | 'second'

/** A lead in millivolts with its reference annotations; missing samples stand at the value before. */
export interface Lead {
  readonly fsHz: number
  readonly samples: Float64Array
  readonly annotations: readonly Annotation[]
}

/** Noise in every other block of two minutes from 5:00 on. */
export interface Noise {
  readonly kind: Kind
  readonly snr: number
  readonly half: Half | 'whole'
}

const noises = new Map<string, Promise<NoiseSignal>>()

/** Reads one lead of a record of a set whole, with noise of nstdb where it is wanted. `reference`: extension of the annotations, or null. */
export async function readLead(
  set: string,
  record: string,
  lead: number,
  noise: Noise | null = null,
  reference: string | null = 'atr',
): Promise<Lead> {
  const file = path.join(datasetsRoot(), set, record)
  const recording = await openRecording(file)
  const signal = recording.signals[lead]
  if (!signal) throw new RangeError(`${file} has no signal ${lead}`)
  const annotations = reference === null ? [] : (await readAnnotations(`${file}.${reference}`)).annotations
  let source: SignalSource = recording
  if (noise !== null) {
    const wanted = await noiseOf(noise.kind, noise.half, signal.fs)
    const gains = await measureGains(recording, annotations, wanted)
    source = await addNoise(recording, wanted, gains(noise.snr))
  }
  const samples = (await source.readPhysical([lead], 0, signal.length))[0] as Float64Array
  await source.close()
  let last = 0
  for (let i = 0; i < samples.length; i++) {
    if (Number.isNaN(samples[i])) samples[i] = last
    else last = samples[i] as number
  }
  return { fsHz: hertz(signal.fs), samples, annotations }
}

/** Whether noise is added in a second of a record. */
export function isNoisySecond(lead: Lead, second: number): boolean {
  const middle = (second + 0.5) * lead.fsHz
  return noiseBlocks(lead.fsHz, lead.samples.length).some(({ from, to }) => middle >= from && middle < to)
}

async function noiseOf(kind: Kind, half: Noise['half'], fs: Parameters<typeof readNoise>[2]): Promise<NoiseSignal> {
  const key = `${kind} ${half} ${fs.num}/${fs.den}`
  const known = noises.get(key)
  if (known) return known
  const cut = readNoise(path.join(datasetsRoot(), 'nstdb'), kind, fs).then(noise => {
    const part = (samples: Int32Array): Int32Array => {
      const middle = samples.length >> 1
      return half === 'whole' ? samples : half === 'first' ? samples.subarray(0, middle) : samples.subarray(middle)
    }
    return { ...noise, channels: noise.channels.map(part) }
  })
  noises.set(key, cut)
  return cut
}
