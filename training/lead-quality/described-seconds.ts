import { LeadNoiseFeatures, noiseFeatureNames } from '../../src/ecg/lead-quality-features.js'
import { QrsDetector } from '../../src/ecg/qrs/qrs-detector.js'
import { compareBeats } from '../../src/evaluate/compare/compare-beats.js'
import { referenceKernel } from '../../src/kernel/reference-kernel.js'
import type { Lead } from './records.js'

const pieceSeconds = 10

/** The seconds of a lead. */
export interface DescribedSeconds {
  readonly count: number
  /** `noiseFeatureNames` of second k from k times their number on. */
  readonly features: Float64Array
  /** Reference beats that the detector finds, those that it misses, and beats where there is none, by second. */
  readonly found: Int32Array
  readonly missed: Int32Array
  readonly extra: Int32Array
}

/** What the features say of each second, and how the detector fares in it. */
export function describeSeconds(lead: Lead): DescribedSeconds {
  const { fsHz, samples, annotations } = lead
  const count = Math.floor(samples.length / fsHz)
  const features = new Float64Array(count * noiseFeatureNames.length)
  const measure = new LeadNoiseFeatures(fsHz, referenceKernel)
  for (let second = 0; second < count; second++) {
    const start = second * fsHz
    measure.add({ start, gapBefore: 0, flags: 0, samples: samples.subarray(start, start + fsHz) })
    measure.close(true)
    features.set(measure.values, second * noiseFeatureNames.length)
  }
  const test = detectBeats(lead).map(sample => ({ sample, symbol: 'N' }))
  const compared = compareBeats(annotations, test, { fs: fsHz, fromSeconds: 0, endSample: samples.length })
  const bySecond = (beats: readonly number[]): Int32Array => {
    const counts = new Int32Array(count)
    for (const beat of beats) {
      const second = Math.floor(beat / fsHz)
      if (second < count) counts[second] = (counts[second] as number) + 1
    }
    return counts
  }
  return {
    count,
    features,
    found: bySecond(compared.pairs.map(({ reference }) => reference)),
    missed: bySecond(compared.missed),
    extra: bySecond(compared.extra),
  }
}

function detectBeats({ fsHz, samples }: Lead): number[] {
  const detector = new QrsDetector({ fsHz, millivolts: 1, kernel: referenceKernel })
  const beats: number[] = []
  const emit: Parameters<typeof detector.push>[1] = output => {
    if (output.kind === 'qrs') beats.push(output.index)
  }
  const step = pieceSeconds * fsHz
  for (let start = 0; start < samples.length; start += step) {
    detector.push({ start, gapBefore: 0, flags: 0, samples: samples.subarray(start, start + step) }, emit)
  }
  detector.flush(emit)
  return beats.sort((a, b) => a - b)
}
