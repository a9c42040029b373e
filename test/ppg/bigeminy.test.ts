import { describe, expect, it } from 'vitest'
import { createPpgChain } from '../../src/ppg/ppg-chain.js'
import { listen, pulseTrain } from './synthetic-pulses.js'

/** Peaks whose intervals repeat a pattern, seconds. */
function peaksOf(pattern: readonly number[], seconds: number): number[] {
  const peaks: number[] = []
  for (let t = 0.6, k = 0; t < seconds - 0.5; k += 1) {
    peaks.push(t)
    t += pattern[k % pattern.length]!
  }
  return peaks
}

describe('pulse rate of beats that come early in a pattern', () => {
  it.each([
    ['bigeminy', [0.55, 1.05]],
    ['bigeminy with a long pause', [0.5, 1.1]],
    ['trigeminy', [0.8, 0.55, 1.05]],
  ])('is told in %s', (_, pattern) => {
    const peaks = peaksOf(pattern, 100)
    const wave = pulseTrain({ fs: 100, seconds: 100, peaks, height: 20, level: 1000, noise: 0.2 })
    const spec = { id: 'p', kind: 'ppg', channels: ['a'], unit: 'adu', fs: { num: 100, den: 1 } } as const
    const rates = listen(createPpgChain(spec), [wave]).filter(each => each.kind === 'measurement' && each.name === 'pulse-rate')
    const usable = rates.filter(each => each.kind === 'measurement' && each.value !== null && each.quality >= 0.5)
    expect(usable.length).toBeGreaterThan(60)
  })
})
