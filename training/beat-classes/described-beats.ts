import { featureNames } from '../../src/ecg/beats/beat-feature-names.js'
import { BeatFeatures } from '../../src/ecg/beats/beat-features.js'
import { lookAheadSeconds } from '../../src/ecg/beats/beat-window.js'
import { compareBeats } from '../../src/evaluate/compare/compare-beats.js'
import { hertz } from '../../src/signal/rate.js'
import { findBeats, RecordView } from './found-beats.js'
import type { TakenRecord } from './records.js'

/** What the reference says of a beat that was found: its class, O for none. */
export const truths = ['N', 'S', 'V', 'F', 'Q', 'O'] as const

export interface DescribedBeats {
  readonly record: TakenRecord
  readonly samples: readonly number[]
  /** Index into `truths`, one a beat; 255 where the comparison leaves the beat out (ventricular flutter). */
  readonly truth: Uint8Array
  /** Beats that the rules skip as learning time (the first five minutes) are 0, the others 1. */
  readonly counted: Uint8Array
  /** Whether a shape could be seen, 0 or 1. */
  readonly seen: Uint8Array
  /** Beats that the dominant group held. */
  readonly dominantBeats: Float64Array
  /** `featureNames.length` values a beat. */
  readonly features: Float64Array
}

/** Finds the beats of a record, describes each with what the pipeline knows by then, and asks the reference for its class. */
export function describeBeats(record: TakenRecord): DescribedBeats {
  const fsHz = hertz(record.fs)
  const beats = findBeats(record)
  const view = new RecordView(record)
  const describer = new BeatFeatures(fsHz, record.channels.length)
  const width = featureNames.length
  const features = new Float64Array(beats.length * width)
  const seen = new Uint8Array(beats.length)
  const dominantBeats = new Float64Array(beats.length)
  beats.forEach((beat, i) => {
    view.end = beat.index + Math.ceil(lookAheadSeconds * fsHz) + 1
    seen[i] = describer.extract(beat, view) ? 1 : 0
    dominantBeats[i] = describer.dominantBeats
    features.set(describer.values, i * width)
  })
  const samples = beats.map(beat => beat.index)
  const counted = Uint8Array.from(samples, sample => (sample >= 300 * fsHz ? 1 : 0))
  return { record, samples, truth: truthOf(record, samples), counted, seen, dominantBeats, features }
}

function truthOf(record: TakenRecord, samples: readonly number[]): Uint8Array {
  const test = samples.map(sample => ({ sample, symbol: 'N', code: 1, subtype: 0, channel: 0, num: 0, aux: '' }))
  const options = { fs: hertz(record.fs), fromSeconds: 0, endSample: record.channels[0]?.length ?? 0 }
  const { pairs } = compareBeats(record.annotations, test, options)
  const bySample = new Map(pairs.map(pair => [pair.test, truths.indexOf(pair.referenceClass)]))
  const flutter = flutterOf(record)
  return Uint8Array.from(samples, sample => {
    const truth = bySample.get(sample)
    if (truth !== undefined) return truth
    return flutter.some(([from, to]) => sample >= from && sample <= to) ? 255 : truths.indexOf('O')
  })
}

function flutterOf({ annotations, channels }: TakenRecord): [number, number][] {
  const stretches: [number, number][] = []
  let onset = -1
  for (const { sample, symbol } of annotations) {
    if (symbol === '[' && onset < 0) onset = sample
    if (symbol !== ']' || onset < 0) continue
    stretches.push([onset, sample])
    onset = -1
  }
  if (onset >= 0) stretches.push([onset, channels[0]?.length ?? 0])
  return stretches
}
