import type { BeatComparison } from '../compare/compare-beats.js'
import { type BeatFigures, beatFigures, round } from '../figures.js'
import { coveredSamples } from '../sources/rejected-stretches.js'
import type { Stretch } from '../test-source.js'

/** How a detector did on one record with noise. */
export interface NoiseScore {
  readonly all: BeatFigures
  /** Outside the stretches that the detector's own quality index rejects; null when it has none. */
  readonly accepted: BeatFigures | null
  /** Samples: with noise, without, and of each those that were rejected. */
  readonly time: NoiseTime
}

export interface NoiseTime {
  readonly noisy: number
  readonly clean: number
  readonly noisyRejected: number
  readonly cleanRejected: number
}

/** `blocks`: where the noise is; `samples`: of the record. */
export function scoreNoise(
  comparison: BeatComparison,
  rejected: readonly Stretch[] | null,
  blocks: readonly Stretch[],
  samples: number,
): NoiseScore {
  const noisy = blocks.reduce((sum, { from, to }) => sum + to - from, 0)
  const noisyRejected = blocks.reduce((sum, { from, to }) => sum + coveredSamples(rejected ?? [], from, to), 0)
  const cleanRejected = coveredSamples(rejected ?? [], 0, samples) - noisyRejected
  return {
    all: beatFigures(comparison),
    accepted: rejected === null ? null : acceptedFigures(comparison, rejected),
    time: { noisy, clean: samples - noisy, noisyRejected, cleanRejected },
  }
}

/** A pair lies where its reference beat lies. */
function acceptedFigures({ pairs, missed, extra }: BeatComparison, rejected: readonly Stretch[]): BeatFigures {
  const isAccepted = (sample: number): boolean => !lies(rejected, sample)
  return beatFigures({
    tp: pairs.filter(pair => isAccepted(pair.reference)).length,
    fn: missed.filter(isAccepted).length,
    fp: extra.filter(isAccepted).length,
  })
}

/** Whether a sample lies in stretches that are in order and disjoint. */
function lies(stretches: readonly Stretch[], sample: number): boolean {
  let low = 0
  let high = stretches.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stretches[middle] as Stretch).to <= sample) low = middle + 1
    else high = middle
  }
  const stretch = stretches[low]
  return stretch !== undefined && stretch.from <= sample
}

export function addTimes(times: readonly NoiseTime[]): NoiseTime {
  const sum = { noisy: 0, clean: 0, noisyRejected: 0, cleanRejected: 0 }
  for (const time of times) {
    sum.noisy += time.noisy
    sum.clean += time.clean
    sum.noisyRejected += time.noisyRejected
    sum.cleanRejected += time.cleanRejected
  }
  return sum
}

/** Shares of the time with noise and without that were rejected, fractions. */
export function rejectedShares({ noisy, clean, noisyRejected, cleanRejected }: NoiseTime): { noisy: number | null; clean: number | null } {
  return {
    noisy: noisy === 0 ? null : round(noisyRejected / noisy, 6),
    clean: clean === 0 ? null : round(cleanRejected / clean, 6),
  }
}
