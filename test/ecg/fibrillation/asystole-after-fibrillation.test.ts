import { expect, test } from 'vitest'
import { createEcgChain } from '../../../src/ecg/ecg-chain.js'
import type { RhythmObservation } from '../../../src/signal/observation.js'
import { beats, fibrillation } from './synthetic.js'

const fs = 250

test('asystole is told within 5 s of the last activity although fibrillation is on, and fibrillation ends by itself', () => {
  const chain = createEcgChain({ id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fs, den: 1 } })
  const told: RhythmObservation[] = []
  const samples = Float64Array.from({ length: 90 * fs }, (_, i) => {
    const t = i / fs
    if (t >= 70) return 0.004 * Math.sin(2 * Math.PI * 50 * t + t)
    return t < 40 ? beats(t) : fibrillation(t)
  })
  chain.push({ start: 0, length: samples.length, flags: 0, channels: [samples] }, observation => {
    if (observation.kind === 'rhythm') told.push(observation)
  })
  const fibrillations = told.filter(({ rhythm }) => rhythm === 'ventricular-fibrillation')
  expect(fibrillations.map(({ on }) => on)).toEqual([true, false])
  const [on, off] = fibrillations.map(({ decided }) => decided / fs) as [number, number]
  expect(on).toBeLessThan(50)
  expect(off).toBeGreaterThan(70)
  expect(off).toBeLessThan(77)
  const last = told.filter(({ rhythm, on }) => rhythm === 'asystole' && on).at(-1)
  expect((last?.decided ?? 0) / fs).toBeGreaterThan(73)
  expect((last?.decided ?? 0) / fs).toBeLessThanOrEqual(75)
})
