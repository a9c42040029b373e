import { describe, expect, test } from 'vitest'
import { bandOf, createEcgConditioner } from '../../../src/ecg/conditioning/ecg-conditioner.js'
import { referenceKernel as kernel } from '../../../src/kernel/reference-kernel.js'
import type { SampleBlock } from '../../../src/signal/sample-block.js'
import { checkFilterMask } from '../../laws/filter-mask.js'
import { checkStageLaws, run } from '../../laws/stage-laws.js'
import { syntheticEcg } from '../../support/synthetic-ecg.js'

const block = (start: number, samples: Float64Array, gapBefore = 0): SampleBlock => ({ start, gapBefore, flags: 0, samples })
const rates = [128, 250, 360, 500, 1000]

describe.each(['monitoring', 'diagnostic'] as const)('ECG conditioner, %s mode', mode => {
  const fs = 250
  const first = syntheticEcg({ fs, seconds: 12, seed: 21 })
  for (let i = 0; i < first.length; i++) first[i] = (first[i] as number) + 0.2 * Math.sin((2 * Math.PI * 50.1 * i) / fs)
  first[700] = (first[700] as number) + 2
  const second = syntheticEcg({ fs, seconds: 8, seed: 22 })
  checkStageLaws({
    create: () => createEcgConditioner({ mode, fsHz: fs, millivolts: 1, kernel }),
    input: [block(0, first), block(first.length + 400, second, 400)],
    latency: { min: 3, max: 3 },
  })

  test.each(rates)('keeps the response inside its mask at %d Hz', rate => {
    const { lowHz, highHz } = bandOf(mode, rate)
    checkFilterMask({
      create: () => createEcgConditioner({ mode, fsHz: rate, millivolts: 1, kernel }),
      fs: rate,
      settleSeconds: mode === 'monitoring' ? 20 : 40,
      mask: [
        { hz: lowHz / 5, maxDb: mode === 'monitoring' ? -25 : -12 },
        { hz: lowHz, minDb: -3.3, maxDb: -2.7 },
        { hz: 2 * lowHz, minDb: -1.2, maxDb: 0.1 },
        { hz: 5, minDb: -0.2, maxDb: 0.1 },
        { hz: 20, minDb: -0.5, maxDb: 0.1 },
        { hz: 0.7 * highHz, minDb: -0.6, maxDb: 0.1 },
        { hz: highHz, minDb: -3.3, maxDb: -2.7 },
        ...(1.2 * highHz < 0.49 * rate ? [{ hz: 1.2 * highHz, maxDb: -5 }] : []),
      ],
    })
  })

  test.each([
    [250, 50],
    [360, 60],
    [500, 49.8],
    [1000, 60.15],
  ])('at %d Hz takes hum of %f Hz out and leaves the complexes', (rate, hz) => {
    const clean = syntheticEcg({ fs: rate, seconds: 20, noise: 0.005 })
    const hummed = clean.map((x, i) => x + 0.5 * Math.sin((2 * Math.PI * hz * i) / rate))
    const changes: (number | null)[] = []
    const output = (samples: Float64Array): number[] => {
      const stage = createEcgConditioner({
        mode,
        fsHz: rate,
        millivolts: 1,
        kernel,
        onMains: (_, mains) => changes.push(mains?.hz ?? null),
      })
      return run(stage, [block(0, samples)]).flatMap(({ output }) => [...output.samples])
    }
    const expected = output(clean)
    expect(changes).toEqual([])
    const found = output(hummed)
    expect(Math.abs((changes.at(-1) as number) - hz)).toBeLessThan(0.06)
    // The whole beat but for what the notch itself does to the QRS complex.
    let power = 0
    for (let i = 12 * rate; i < 20 * rate; i++) power += ((found[i] as number) - (expected[i] as number)) ** 2
    expect(Math.sqrt(power / (8 * rate)), 'rms of the difference in mV').toBeLessThan(0.03)
  })

  test('says when the hum comes and goes', () => {
    const samples = syntheticEcg({ fs, seconds: 40 })
    for (let i = 10 * fs; i < 20 * fs; i++) samples[i] = (samples[i] as number) + 0.1 * Math.sin((2 * Math.PI * 50 * i) / fs)
    const changes: [number, boolean][] = []
    const onMains = (index: number, mains: object | null) => changes.push([index / fs, mains !== null])
    run(createEcgConditioner({ mode, fsHz: fs, millivolts: 1, kernel, onMains }), [block(0, samples)])
    expect(changes[0]?.[1]).toBe(true)
    expect(changes[0]?.[0]).toBeLessThanOrEqual(13)
    expect(changes.at(-1)?.[1]).toBe(false)
    expect(changes.at(-1)?.[0]).toBeLessThanOrEqual(26)
  })
})
