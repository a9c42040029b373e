import { expect } from 'vitest'
import type { SampleBlock } from '../../src/signal/sample-block.js'
import type { Stage } from '../../src/signal/stage.js'

/** Gain in dB that a filter must keep at one frequency. */
export interface MaskPoint {
  readonly hz: number
  readonly minDb?: number
  readonly maxDb?: number
}

/** Drives the stage with a sine at each point of the mask and compares the amplitude after `settleSeconds`. */
export function checkFilterMask(options: {
  readonly create: () => Stage<SampleBlock, SampleBlock>
  readonly fs: number
  readonly mask: readonly MaskPoint[]
  readonly settleSeconds?: number
}): void {
  const { fs, mask } = options
  const settle = Math.ceil((options.settleSeconds ?? 20) * fs)
  for (const { hz, minDb, maxDb } of mask) {
    const measured = Math.ceil((40 / hz) * fs)
    const samples = Float64Array.from({ length: settle + measured }, (_, i) => Math.sin((2 * Math.PI * hz * i) / fs))
    const output: number[] = []
    const stage = options.create()
    const collect = (block: SampleBlock): void => {
      for (const value of block.samples) output.push(value)
    }
    stage.push({ start: 0, gapBefore: 0, flags: 0, samples }, collect)
    let power = 0
    for (let i = output.length - measured; i < output.length; i++) power += (output[i] as number) ** 2
    const decibel = 10 * Math.log10((2 * power) / measured + 1e-30)
    if (minDb !== undefined) expect(decibel, `gain at ${hz} Hz`).toBeGreaterThanOrEqual(minDb)
    if (maxDb !== undefined) expect(decibel, `gain at ${hz} Hz`).toBeLessThanOrEqual(maxDb)
  }
}
