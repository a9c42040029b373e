import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PacerBlanker } from '../../../src/ecg/conditioning/pacer-blanker.js'
import { openRecording } from '../../../src/recording/open-recording.js'
import { hertz } from '../../../src/signal/rate.js'
import type { SampleBlock } from '../../../src/signal/sample-block.js'
import { checkStageLaws, run } from '../../laws/stage-laws.js'
import { datasetPath } from '../../recording/paths.js'
import { regularBeats, syntheticEcg } from '../../support/synthetic-ecg.js'

const block = (start: number, samples: Float64Array, gapBefore = 0): SampleBlock => ({ start, gapBefore, flags: 0, samples })

/** A pulse of so many mV and ms as a front end of the given cut-off (two poles) and rate shows it, added at `seconds`. */
function addPulse(samples: Float64Array, fs: number, seconds: number, millivolts: number, milliseconds: number): void {
  const fine = 16_000
  const cut = Math.min(150, 0.4 * fs)
  const share = 1 - Math.exp((-2 * Math.PI * cut) / fine)
  let one = 0
  let two = 0
  const from = Math.floor(seconds * fine)
  for (let k = 0; k < fine * 0.1; k++) {
    const pulse = k < (milliseconds * fine) / 1000 ? millivolts : 0
    one += share * (pulse - one)
    two += share * (one - two)
    const index = ((from + k) * fs) / fine
    if (Number.isInteger(index) && index < samples.length) samples[index] = (samples[index] as number) + two
  }
}

describe('pacer blanker', () => {
  const fs = 250
  const first = syntheticEcg({ fs, seconds: 10, seed: 31 })
  for (const beat of regularBeats(0.5, 0.8, 10)) addPulse(first, fs, beat - 0.08, 30, 0.5)
  const second = syntheticEcg({ fs, seconds: 6, seed: 32 })
  second[500] = (second[500] as number) - 3
  checkStageLaws({
    create: () => new PacerBlanker(fs, 1),
    input: [block(0, first), block(first.length + 100, second, 100)],
    latency: { min: 3, max: 3 },
  })

  test.each(
    [128, 250, 500, 1000].flatMap(rate => [
      [rate, 20, 0.5],
      [rate, -20, 0.5],
      [rate, 5, 2],
      [rate, 100, 0.2],
    ]),
  )('at %d Hz finds and blanks pulses of %d mV and %f ms', (rate, height, width) => {
    const beats = regularBeats(0.5, 0.8, 30)
    const clean = syntheticEcg({ fs: rate, seconds: 30, beats, noise: 0.005 })
    const paced = clean.slice()
    // A ventricular pacemaker: the complex follows by 80 ms.
    for (const beat of beats) addPulse(paced, rate, beat - 0.1, height, width)
    const spikes: number[] = []
    const stage = new PacerBlanker(rate, 1, index => spikes.push(index))
    const found = run(stage, [block(0, paced)]).flatMap(({ output }) => [...output.samples])
    const hit = beats.filter(beat => spikes.some(index => Math.abs(index / rate - (beat - 0.1)) < 0.012))
    expect(hit.length / beats.length).toBeGreaterThanOrEqual(0.95)
    expect(spikes.length).toBeLessThanOrEqual(beats.length + 1)
    const rest = (signal: ArrayLike<number>): number => {
      let most = 0
      for (const beat of beats.slice(2, -1)) {
        const at = Math.round((beat - 0.1) * rate)
        for (let i = at - Math.ceil(0.01 * rate); i < at + Math.ceil(0.03 * rate); i++)
          most = Math.max(most, Math.abs((signal[i] as number) - (clean[i] as number)))
      }
      return most
    }
    expect(rest(found)).toBeLessThan(0.35 * rest(paced))
  })

  test('blanks where the device marks a pulse, and says so', () => {
    const samples = syntheticEcg({ fs, seconds: 4, noise: 0 })
    const spikes: number[] = []
    const stage = new PacerBlanker(fs, 1, index => spikes.push(index))
    stage.mark(333)
    stage.mark(600)
    run(stage, [block(0, samples)])
    expect(spikes).toEqual([333, 600])
  })

  test.each([128, 250, 500, 1000])('takes no complex of a healthy heart for a spike at %d Hz, in noise of 0.1 mV either', rate => {
    for (const [amplitude, noise] of [
      [1, 0.01],
      [3, 0.01],
      [-2, 0.02],
      [1, 0.1],
    ] as const) {
      const spikes: number[] = []
      run(new PacerBlanker(rate, 1, index => spikes.push(index)), [block(0, syntheticEcg({ fs: rate, seconds: 60, amplitude, noise }))])
      expect(spikes).toEqual([])
    }
  })

  for (const set of ['mitdb', 'nsrdb', 'qtdb'] as const) {
    const folder = datasetPath(set)
    test.skipIf(!folder)(
      `finds at most one spike in five minutes of ${set}, whose recorders let no pulse through (needs ${set})`,
      async () => {
        let spikes = 0
        let minutes = 0
        for (const file of readdirSync(folder as string).filter(name => name.endsWith('.hea'))) {
          const path = join(folder as string, file.slice(0, -4))
          if (!existsSync(`${path}.atr`)) continue
          const recording = await openRecording(path)
          const signal = recording.signals[0]!
          const length = Math.min(signal.length, Math.round(600 * hertz(signal.fs)))
          const [samples] = await recording.readPhysical([0], 0, length)
          run(new PacerBlanker(hertz(signal.fs), 1, () => spikes++), [block(0, samples as Float64Array)])
          minutes += length / hertz(signal.fs) / 60
          await recording.close()
        }
        console.info(`${set}: ${spikes} spikes in ${minutes.toFixed(0)} min`)
        expect(spikes).toBeLessThanOrEqual(minutes / 5)
      },
      60_000,
    )
  }
})
