import { describe, expect, it } from 'vitest'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import type { Observation } from '../../src/signal/observation.js'
import { seededNormal } from '../laws/random.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250
const seconds = 60

function listen(spoil: (samples: Float64Array) => void): Observation[] {
  const samples = Float64Array.from(syntheticEcg({ fs, seconds, beats: regularBeats(0.5, 0.8, seconds - 1) }))
  spoil(samples)
  const chain = createEcgChain({ id: 'e', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fs, den: 1 } })
  const said: Observation[] = []
  for (let start = 0; start < samples.length; start += 100) {
    const piece = samples.slice(start, start + 100)
    chain.push({ start, length: piece.length, flags: 0, channels: [piece] }, one => said.push(one))
  }
  chain.flush(one => said.push(one))
  return said
}

describe('samples that are no measurement', () => {
  const missing = listen(samples => samples.fill(Number.NaN, 5000, 5003))
  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e31])('count as missing: %d', value => {
    expect(listen(samples => samples.fill(value, 5000, 5003))).toEqual(missing)
  })
})

it('an asystole tells what it rests on and how sure it is, and ends with the timeline', () => {
  const noise = seededNormal(7)
  const said = listen(samples => {
    for (let i = 30 * fs; i < samples.length; i++) samples[i] = 0.01 * noise()
  })
  const asystole = said.flatMap(one => (one.kind === 'rhythm' && one.rhythm === 'asystole' ? [one] : []))
  expect(asystole.map(({ on }) => on)).toEqual([true, false])
  const [begin] = asystole
  expect(begin!.from).toBe(begin!.index)
  expect(begin!.to).toBe(begin!.decided + 1)
  expect(begin!.confidence).toBeGreaterThan(0)
  expect(begin!.confidence).toBeLessThanOrEqual(1)
  expect(asystole[1]!.index).toBe(seconds * fs - 1)
})
