import { describe, expect, it } from 'vitest'
import { readRecordAnnotations } from '../../src/evaluate/database.js'
import { measureGains } from '../../src/evaluate/noise/noise-gains.js'
import { noiseAmplitude, noiseBlocks, qrsAmplitude, trimmedMean } from '../../src/evaluate/noise/noise-recipe.js'
import { type NoiseSignal, readNoise } from '../../src/evaluate/noise/noise-signal.js'
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

/** Factors of `em` in the database's own records at 6 dB, by regression of 118eNN less 118 on em; both leads. */
const theirGains = [1.484617, 3.832732]
const levels: [string, number][] = [
  ['118e24', 24],
  ['118e06', 6],
  ['118e_6', -6],
]

describe.skipIf(!hasDataset('nstdb') || !hasDataset('mitdb'))('with nstdb and mitdb', () => {
  it.each(levels)('mixes %s from 118 and em to the digit, but for single roundings', async (name, snr) => {
    const noise = await readNoise(datasetPath('nstdb'), 'em', fs)
    const gains = theirGains.map(gain => gain * 10 ** ((6 - snr) / 20))
    const { worst, mean } = await compareWith(name, noise, gains)
    expect(worst).toBeLessThan(1.001)
    expect(mean).toBeLessThan(0.02)
  })

  it('finds the factors of the database to 0.35 %, which is 0.03 dB', async () => {
    const clean = await openRecording(datasetPath('mitdb', '118'))
    const reference = await readRecordAnnotations(datasetPath('mitdb', '118.atr'), fs)
    const noise = await readNoise(datasetPath('nstdb'), 'em', fs)
    const gains = (await measureGains(clean, reference, noise))(6)
    await clean.close()
    for (const [k, gain] of gains.entries()) expect(Math.abs(gain / theirGains[k]! - 1)).toBeLessThan(0.0035)
  })

  it('leaves the first five minutes as they were, and every second block parallel to the clean signal', async () => {
    const clean = await openRecording(datasetPath('mitdb', '119'))
    const noise = await readNoise(datasetPath('nstdb'), 'ma', fs)
    const noisy = await addNoise(await openRecording(datasetPath('mitdb', '119')), noise, [2, 2])
    const difference = async (second: number, length: number): Promise<number[]> => {
      const [a, b] = [await clean.readDigital([0], second * 360, length), await noisy.readDigital([0], second * 360, length)]
      return Array.from(a[0]!, (value, k) => b[0]![k]! - value)
    }
    expect(new Set(await difference(0, 300 * 360))).toEqual(new Set([0]))
    expect(new Set(await difference(420, 120 * 360)).size).toBe(1)
    expect(new Set(await difference(300, 120 * 360)).size).toBeGreaterThan(50)
    await clean.close()
    await noisy.close()
  })

  it('brings noise to another rate without losing its amplitude below the new limit', async () => {
    const own = await readNoise(datasetPath('nstdb'), 'bw', fs)
    const slow = await readNoise(datasetPath('nstdb'), 'bw', { num: 128, den: 1 })
    expect(slow.channels[0]!.length).toBe(Math.floor((650_000 * 128) / 360))
    expect(Math.abs(slow.amplitudes[0]! / own.amplitudes[0]! - 1)).toBeLessThan(0.05)
  })
})

/** Error of our mixture against the database's record, in stored units. */
async function compareWith(name: string, noise: NoiseSignal, gains: readonly number[]): Promise<{ worst: number; mean: number }> {
  const theirs = await openRecording(datasetPath('nstdb', name))
  const noisy = await addNoise(await openRecording(datasetPath('mitdb', '118')), noise, gains)
  // The last sample of theirs is where their noise recording begins anew.
  const length = 649_999
  const [ours, expected] = [await noisy.readPhysical([0, 1], 0, length), await theirs.readPhysical([0, 1], 0, length)]
  await noisy.close()
  await theirs.close()
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
  return { worst, mean: sum / (2 * length) }
}
