import { expect, it } from 'vitest'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import type { Observation } from '../../src/signal/observation.js'
import { seededNormal } from '../laws/random.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250

/** Two leads with fibrillatory waves in between, a stretch of NaN, and a gap longer than the history of the chain. */
function signal(): Float64Array[] {
  const normal = seededNormal(11)
  return [1, 0.6].map(gain => {
    const ecg = syntheticEcg({ fs, seconds: 110, beats: regularBeats(0.5, 0.8, 109) })
    return Float64Array.from(ecg, (value, i) => {
      const second = i / fs
      if (second > 30 && second < 30.7) return Number.NaN
      const waves =
        second > 40 && second < 62 ? 0.5 * Math.sin(2 * Math.PI * 5.1 * second) + 0.1 * Math.sin(2 * Math.PI * 3.3 * second) : value
      return gain * waves + 0.01 * normal()
    })
  })
}

it('the ECG chain with all its steps goes on identically from any state, also one saved just before a long gap', () => {
  const leads = signal()
  const create = () => createEcgChain({ id: 'e', kind: 'ecg', channels: ['I', 'II'], unit: 'mV', fs: { num: fs, den: 1 } })
  const run = (restoreEvery: number): Observation[] => {
    let chain = create()
    const said: Observation[] = []
    const emit = (one: Observation) => void said.push(one)
    let pushes = 0
    for (let start = 0; start < leads[0]!.length; start += 125) {
      // 55 s to 75 s never come.
      if (start >= 55 * fs && start < 75 * fs) continue
      const channels = leads.map(lead => lead.slice(start, start + 125))
      chain.push({ start, length: channels[0]!.length, flags: 0, channels }, emit)
      if (++pushes % restoreEvery !== 0) continue
      const saved = structuredClone(chain.save())
      chain = create()
      chain.load(saved)
    }
    chain.flush(emit)
    return said
  }
  const whole = run(Number.POSITIVE_INFINITY)
  expect(whole.some(one => one.kind === 'rhythm' && one.rhythm === 'ventricular-fibrillation')).toBe(true)
  for (const every of [1, 7]) expect(run(every)).toEqual(whole)
})
