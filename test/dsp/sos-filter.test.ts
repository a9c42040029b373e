import { describe, expect, test } from 'vitest'
import { butterworthBandPass, butterworthHighPass, butterworthLowPass } from '../../src/dsp/butterworth.js'
import { createDerivative } from '../../src/dsp/derivative.js'
import { createMovingAverage, createMovingMaximum, createMovingMedian, createMovingMinimum } from '../../src/dsp/moving-windows.js'
import { notch } from '../../src/dsp/notch.js'
import { createSosFilter } from '../../src/dsp/sos-filter.js'
import type { SampleBlock } from '../../src/signal/sample-block.js'
import type { Stage } from '../../src/signal/stage.js'
import { checkFilterMask } from '../laws/filter-mask.js'
import { seededNormal } from '../laws/random.js'
import { checkStageLaws, run } from '../laws/stage-laws.js'

const normal = seededNormal(7)
const noise = (length: number) => Float64Array.from({ length }, () => 100 + normal())
const input: SampleBlock[] = [
  { start: 10, gapBefore: 0, flags: 0, samples: noise(700) },
  { start: 710, gapBefore: 0, flags: 0, samples: noise(1) },
  { start: 761, gapBefore: 50, flags: 0, samples: noise(900) },
]
const filter = (sections: Float64Array) => () => createSosFilter({ name: 'filter', sections })
const values = (stage: Stage<SampleBlock, SampleBlock>, samples: number[]): number[] =>
  run(stage, [{ start: 0, gapBefore: 0, flags: 0, samples: Float64Array.from(samples) }]).flatMap(({ output }) => [...output.samples])

describe.each([
  ['sos filter', filter(butterworthBandPass({ order: 2, lowHz: 5, highHz: 15, fsHz: 250 }))],
  ['moving average', () => createMovingAverage({ windowSamples: 13 })],
  ['moving maximum', () => createMovingMaximum({ windowSamples: 13 })],
  ['moving minimum', () => createMovingMinimum({ windowSamples: 8 })],
  ['moving median', () => createMovingMedian({ windowSamples: 8 })],
  ['derivative', () => createDerivative({ fsHz: 250, lagSamples: 3 })],
] as const)('%s', (_, create) => {
  checkStageLaws({ create, input, latency: { min: 0, max: 0 } })
})

describe('sos filter', () => {
  test('a low-pass stays inside its mask', () => {
    checkFilterMask({
      create: filter(butterworthLowPass({ order: 4, cutHz: 40, fsHz: 360 })),
      fs: 360,
      mask: [
        { hz: 1, minDb: -0.01, maxDb: 0.01 },
        { hz: 20, minDb: -0.1, maxDb: 0.01 },
        { hz: 40, minDb: -3.02, maxDb: -3 },
        { hz: 80, maxDb: -24 },
      ],
    })
  })

  test('a high-pass stays inside its mask, at 0.5 Hz and 1000 Hz too', () => {
    checkFilterMask({
      create: filter(butterworthHighPass({ order: 2, cutHz: 0.5, fsHz: 1000 })),
      fs: 1000,
      mask: [
        { hz: 0.05, maxDb: -39 },
        { hz: 0.5, minDb: -3.1, maxDb: -2.9 },
        { hz: 5, minDb: -0.01, maxDb: 0.01 },
      ],
    })
  })

  test('a notch takes the mains and leaves the rest', () => {
    checkFilterMask({
      create: filter(notch({ hz: 50, widthHz: 2, fsHz: 250 })),
      fs: 250,
      mask: [
        { hz: 50, maxDb: -60 },
        { hz: 49, minDb: -3.2, maxDb: -2.8 },
        { hz: 40, minDb: -0.1, maxDb: 0.01 },
      ],
    })
  })

  test('starts at rest: a constant of a million stays a constant, and a high-pass gives zero', () => {
    const constant = new Array<number>(50).fill(1e6)
    for (const value of values(filter(butterworthLowPass({ order: 4, cutHz: 15, fsHz: 250 }))(), constant))
      expect(value).toBeCloseTo(1e6, 4)
    for (const value of values(filter(butterworthHighPass({ order: 2, cutHz: 0.5, fsHz: 250 }))(), constant))
      expect(value).toBeCloseTo(0, 6)
  })
})

describe('moving windows', () => {
  const sequence = Array.from({ length: 300 }, (_, i) => ((i * 7919) % 101) - 50)
  const window = (i: number, size: number) => sequence.slice(Math.max(0, i - size + 1), i + 1)

  test.each([1, 2, 7, 30])('of %i samples equal what a plain loop finds', size => {
    const sorted = (i: number) => window(i, size).sort((a, b) => a - b)
    const middle = (v: number[]) => ((v[(v.length - 1) >> 1] as number) + (v[v.length >> 1] as number)) / 2
    const expected = (of: (i: number) => number) => sequence.map((_, i) => of(i))
    expect(values(createMovingMaximum({ windowSamples: size }), sequence)).toEqual(expected(i => Math.max(...window(i, size))))
    expect(values(createMovingMinimum({ windowSamples: size }), sequence)).toEqual(expected(i => Math.min(...window(i, size))))
    expect(values(createMovingMedian({ windowSamples: size }), sequence)).toEqual(expected(i => middle(sorted(i))))
    const mean = expected(i => window(i, size).reduce((a, b) => a + b, 0) / window(i, size).length)
    values(createMovingAverage({ windowSamples: size }), sequence).forEach((value, i) => {
      expect(value).toBeCloseTo(mean[i] as number, 10)
    })
  })

  test('an average forgets a huge value as soon as it has left', () => {
    const after = values(createMovingAverage({ windowSamples: 10 }), [1e17, ...new Array<number>(40).fill(1)]).slice(-15)
    expect(after).toEqual(after.map(() => 1))
  })

  test('a derivative of a ramp is its slope', () => {
    const ramp = Array.from({ length: 20 }, (_, i) => 3 * i)
    expect(values(createDerivative({ fsHz: 100, lagSamples: 2 }), ramp).slice(2)).toEqual(new Array(18).fill(300))
  })

  test('refuse windows of no samples', () => {
    for (const create of [createMovingAverage, createMovingMaximum, createMovingMinimum, createMovingMedian]) {
      expect(() => create({ windowSamples: 0 })).toThrow(/from 1 on/)
    }
  })
})
