import { describe, expect, test } from 'vitest'
import { FibrillationBelief } from '../../../src/ecg/fibrillation/fibrillation-belief.js'
import { lookAt } from '../../../src/ecg/fibrillation/first-look.js'
import { OwnSize } from '../../../src/ecg/fibrillation/own-size.js'
import { isSaturated, trustIn } from '../../../src/ecg/fibrillation/window-trust.js'
import { windowSamples } from '../../../src/ecg/fibrillation/working-signal.js'
import { beats, fibrillation, type Wave } from './synthetic.js'

const sampled = (wave: Wave): Float64Array => Float64Array.from({ length: windowSamples }, (_, i) => wave(i / 100))
const asUsual = { steeper: 0, larger: 0 }

describe('trust in a window', () => {
  test('is whole for a still line, and nothing of a line that drifts begins an episode', () => {
    expect(trustIn(0.05, false, asUsual, false, 0.9)).toEqual({ for: 1, against: 1 })
    expect(trustIn(0.5, false, asUsual, false, 0.9)).toEqual({ for: 0, against: 0 })
    expect(trustIn(0.5, false, asUsual, true, 0.9)).toEqual({ for: 0.1, against: 0 })
  })

  test('of a poor lead begins nothing, but keeps what is believed', () => {
    expect(trustIn(0, false, asUsual, false, 0.1).for).toBe(0)
    expect(trustIn(0, false, asUsual, true, 0.1).for).toBe(1)
  })

  test('does not let jumps three times as steep as the own complexes speak against', () => {
    const own = new OwnSize(1)
    expect(own.excess(0, lookAt(sampled(beats)))).toEqual(asUsual)
    for (let k = 0; k < 20; k++) own.learn(0, lookAt(sampled(beats)))
    const same = own.excess(0, lookAt(sampled(beats)))
    expect(trustIn(0, false, same, true, 1).against).toBe(1)
    const jumps = own.excess(0, lookAt(sampled(t => 4 * beats(t))))
    expect(jumps.steeper).toBeGreaterThan(1.2)
    expect(trustIn(0, false, jumps, true, 1)).toEqual({ for: 1, against: 0 })
  })

  test('finds a line at the limit of the converter saturated, and neither beats nor fibrillation', () => {
    const clipped = sampled(t => Math.min(fibrillation(t), 0))
    expect(isSaturated(clipped, lookAt(clipped))).toBe(true)
    for (const wave of [beats, fibrillation]) expect(isSaturated(sampled(wave), lookAt(sampled(wave)))).toBe(false)
    expect(isSaturated(new Float64Array(windowSamples), lookAt(new Float64Array(windowSamples)))).toBe(false)
  })
})

describe('belief in fibrillation', () => {
  test('neither begins nor ends while nothing can be said', () => {
    const belief = new FibrillationBelief()
    const before = belief.step(-8)
    for (let second = 0; second < 600; second++) belief.step(null)
    expect(belief.probability).toBeLessThan(0.02)
    expect(before).toBeLessThan(-3)
    for (let second = 0; second < 5; second++) belief.step(5)
    for (let second = 0; second < 60; second++) belief.step(null)
    expect(belief.probability).toBeGreaterThan(0.99)
  })

  test('is as ready as ever after an hour that spoke against without any that could speak for', () => {
    const belief = new FibrillationBelief()
    for (let second = 0; second < 3600; second++) belief.step(-8, { for: 0, against: 1 })
    let seconds = 0
    while (belief.step(5) < 3 && seconds < 20) seconds++
    expect(seconds).toBeLessThan(3)
  })
})
