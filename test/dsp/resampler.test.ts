import { describe, expect, test } from 'vitest'
import { createResampler } from '../../src/dsp/resampler.js'
import type { SampleBlock } from '../../src/signal/sample-block.js'
import { checkStageLaws } from '../laws/stage-laws.js'

const wave = (hz: number, fs: number, length: number, start = 0) =>
  Float64Array.from({ length }, (_, i) => Math.cos((2 * Math.PI * hz * (i + start)) / fs))

function resample(options: Parameters<typeof createResampler>[0], blocks: SampleBlock[]): SampleBlock[] {
  const stage = createResampler(options)
  const out: SampleBlock[] = []
  for (const block of blocks) stage.push(block, output => out.push({ ...output, samples: output.samples.slice() }))
  return out
}

const block = (samples: Float64Array, start = 0, gapBefore = 0): SampleBlock => ({ start, gapBefore, flags: 0, samples })

describe('resampler', () => {
  for (const [from, to] of [
    [360, 250],
    [125, 25],
    [30, 100],
    [62.4725, 125],
  ] as const) {
    test(`keeps a sine of the pass band in place, ${from} to ${to} Hz`, () => {
      const rate = (hz: number) => ({ num: Math.round(hz * 10_000), den: 10_000 })
      const hz = 0.25 * Math.min(from, to)
      const [out] = resample({ from: rate(from), to: rate(to) }, [block(wave(hz, from, 4000))])
      let worst = 0
      out!.samples.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - Math.cos((2 * Math.PI * hz * (out!.start + i)) / to)))
      })
      expect(out!.samples.length).toBeGreaterThan(500)
      expect(worst).toBeLessThan(2e-3)
    })
  }

  test('folds nothing back: what lies above half of the new rate is below -60 dB', () => {
    for (const hz of [12.6, 20, 37, 60]) {
      const [out] = resample({ from: { num: 125, den: 1 }, to: { num: 25, den: 1 } }, [block(wave(hz, 125, 5000))])
      expect(Math.max(...out!.samples.map(Math.abs)), `${hz} Hz`).toBeLessThan(1e-3)
    }
  })

  test('keeps a level exactly, in every phase', () => {
    const [out] = resample({ from: { num: 360, den: 1 }, to: { num: 250, den: 1 } }, [block(new Float64Array(2000).fill(7))])
    for (const value of out!.samples) expect(value).toBeCloseTo(7, 11)
  })

  test('equal rates give the samples themselves', () => {
    const samples = wave(3, 100, 50)
    const [out] = resample({ from: { num: 100, den: 1 }, to: { num: 200, den: 2 } }, [block(samples, 17)])
    expect(out).toEqual({ start: 17, gapBefore: 0, flags: 0, samples })
  })

  test('lets nothing cross a gap: what comes after does not depend on what was before', () => {
    const options = { from: { num: 250, den: 1 }, to: { num: 100, den: 1 } }
    const after = block(wave(5, 250, 1000, 3000), 3000, 2000)
    const kept = resample(options, [block(wave(5, 250, 1000)), after])
    const other = resample(options, [block(new Float64Array(1000).fill(1e6)), after])
    expect(kept[1]!.samples).toEqual(other[1]!.samples)
    expect(kept[1]!.start).toBe(kept[0]!.start + kept[0]!.samples.length + kept[1]!.gapBefore)
    expect(kept[1]!.gapBefore).toBeGreaterThan(700)
  })

  test('refuses a ratio without a bank of reasonable size', () => {
    expect(() => createResampler({ from: { num: 1_000_003, den: 1000 }, to: { num: 999_983, den: 1000 } })).toThrow(RangeError)
  })

  checkStageLaws({
    create: () => createResampler({ from: { num: 360, den: 1 }, to: { num: 250, den: 1 } }),
    input: [block(wave(7, 360, 3000)), block(wave(11, 360, 2500), 3000)],
    position: output => Math.floor(((output.start + output.samples.length - 1) * 36) / 25),
  })
})
