import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecordAnnotations } from '../../src/evaluate/database.js'
import { measureGains } from '../../src/evaluate/noise/noise-gains.js'
import { noiseAmplitude, noiseBlocks, qrsAmplitude, trimmedMean } from '../../src/evaluate/noise/noise-recipe.js'
import { readNoise } from '../../src/evaluate/noise/noise-signal.js'
import { addNoise } from '../../src/evaluate/noise/noisy-source.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { datasetPath, hasDataset } from '../support/datasets.js'

const fs = { num: 360, den: 1 }

describe('the noise stress recipe', () => {
  it('puts noise into every other block of two minutes from 5:00 on', () => {
    expect(noiseBlocks(10, 7000)).toEqual([
      { from: 3000, to: 4200 },
      { from: 5400, to: 6600 },
    ])
    expect(noiseBlocks(10, 3300)).toEqual([{ from: 3000, to: 3300 }])
  })

  it('trims a twentieth at each end', () => {
    expect(trimmedMean([1000, ...Array.from({ length: 18 }, () => 5), -1000])).toBe(5)
    expect(trimmedMean([1, 2, 3])).toBe(2)
  })

  it('takes the peak-to-peak amplitude within 50 ms of a beat', () => {
    const samples = new Int32Array(1000)
    samples[482] = 100
    samples[518] = -50
    samples[519] = -900
    expect(qrsAmplitude(samples, [500], 360)).toBe(150)
  })

  it('takes the deviation from the mean of each second, whatever the baseline', () => {
    const noise = Int32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 8 : -8) + (i < 10 ? 0 : 500))
    expect(noiseAmplitude(noise, 10)).toBe(8)
  })
})

describe.skipIf(!hasDataset('nstdb') || !hasDataset('mitdb'))('with nstdb and mitdb', () => {
  it.each([
    ['118e24', 24],
    ['118e18', 18],
    ['118e12', 12],
    ['118e06', 6],
    ['118e00', 0],
    ['118e_6', -6],
  ])('makes %s from 118 and em as the database has it', async (name, snr) => {
    const clean = await openRecording(datasetPath('mitdb', '118'))
    const theirs = await openRecording(datasetPath('nstdb', name))
    const reference = await readRecordAnnotations(path.join(datasetPath('mitdb'), '118.atr'), fs)
    const noise = await readNoise(datasetPath('nstdb'), 'em', fs)
    const gains = await measureGains(clean, reference, noise)
    const noisy = await addNoise(clean, noise, gains(snr))
    // The last sample of theirs is where their noise recording begins anew.
    const length = 649_999
    const ours = await noisy.readPhysical([0, 1], 0, length)
    const expected = await theirs.readPhysical([0, 1], 0, length)
    // The original takes the converter's zero off and leaves the header's baseline where it was.
    const shift = 1024 / 200
    let worst = 0
    let sum = 0
    for (const channel of [0, 1]) {
      for (let i = 0; i < length; i++) {
        const error = Math.abs(ours[channel]![i]! - expected[channel]![i]! - shift) * 200
        worst = Math.max(worst, error)
        sum += error
      }
    }
    await noisy.close()
    await theirs.close()
    expect(worst).toBeLessThan(1.001)
    expect(sum / (2 * length)).toBeLessThan(0.01)
  })
})
