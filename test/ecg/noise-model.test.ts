import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LeadNoiseFeatures, noiseFeatureNames } from '../../src/ecg/lead-quality-features.js'
import { judgeNoise } from '../../src/ecg/lead-quality-model.js'
import { noiseModel } from '../../src/ecg/noise-model.js'
import { referenceKernel as kernel } from '../../src/kernel/reference-kernel.js'
import { syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250

function qualities(samples: Float64Array): number[] {
  const features = new LeadNoiseFeatures(fs, kernel)
  return Array.from({ length: samples.length / fs }, (_, second) => {
    features.add({ start: second * fs, gapBefore: 0, flags: 0, samples: samples.subarray(second * fs, (second + 1) * fs) })
    features.close(true)
    return judgeNoise(features.values).quality
  })
}

describe('model of noise', () => {
  test('is the one whose hash its header names, of the features that are measured', () => {
    const named = /Model: sha256 ([0-9a-f]{64})/.exec(readFileSync('src/ecg/noise-model.ts', 'utf8'))?.[1]
    expect(createHash('sha256').update(JSON.stringify(noiseModel)).digest('hex')).toBe(named)
    expect(noiseModel.features).toEqual(noiseFeatureNames)
  })

  test('does not hear the gain', () => {
    const samples = syntheticEcg({ fs, seconds: 30, noise: 0.15 })
    const plain = qualities(samples)
    for (const gain of [0.3, 3, 1e-4, 1e4]) {
      qualities(samples.map(x => gain * x)).forEach((quality, second) => {
        expect(quality, `gain ${gain}, second ${second}`).toBeCloseTo(plain[second] as number, 9)
      })
    }
  })
})
