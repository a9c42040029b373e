import { describe, expect, it } from 'vitest'
import { createEcgChain } from '../../src/ecg/ecg-chain.js'
import { PacedBeats } from '../../src/ecg/paced-beats.js'
import { pacerWideCases } from '../../src/evaluate/patterns/pacer-cases.js'
import type { Observation } from '../../src/signal/observation.js'
import { frontEnds } from '../../src/simulate/patterns/front-end.js'
import { PatternRecorder } from '../../src/simulate/patterns/record-pattern.js'

function classesOf(name: string, fsHz: number): string {
  const found = pacerWideCases().find(one => one.pattern.name === name)
  if (found === undefined) throw new Error(`no pattern ${name}`)
  const [samples] = new PatternRecorder(found.pattern, frontEnds.wide, 1).record(fsHz, 1).leads
  const chain = createEcgChain({ id: 'e', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fsHz, den: 1 } }, { analysers: () => [] })
  const said: Observation[] = []
  for (let start = 0; start < samples!.length; start += 20) {
    const piece = samples!.slice(start, start + 20)
    chain.push({ start, length: piece.length, flags: 0, channels: [piece] }, one => said.push(one))
  }
  chain.flush(one => said.push(one))
  return said.flatMap(one => (one.kind === 'beat' ? [one.beatClass] : [])).join('')
}

describe('beats behind pacing spikes', () => {
  it.each([250, 500])('are Q from the eighth on, at %i Hz', fsHz => {
    expect(classesOf('-20 mV 0.5 ms, captured', fsHz)).toMatch(/^[NVS]{7,9}Q{50,}$/)
  })

  it('are their own where the pulses do not capture', () => {
    expect(classesOf('-20 mV 0.5 ms, own rhythm 30 /min', 500)).not.toContain('Q')
  })

  it('need eight of ten, each with a spike 10 to 140 ms before it in its own lead', () => {
    const paced = new PacedBeats(2, 100)
    const beat = (spike: number | null, index: number, lead = 0): boolean => {
      if (spike !== null) paced.spike(0, spike, false)
      return paced.isPaced(lead, index)
    }
    for (let k = 1; k < 8; k++) expect(beat(100 * k - 10, 100 * k)).toBe(false)
    expect(beat(790, 800)).toBe(true)
    // No spike, too early, too late, in the other lead.
    expect(beat(null, 900)).toBe(false)
    expect(beat(990, 1000)).toBe(true)
    expect(beat(1085, 1100)).toBe(false)
    expect(beat(1190, 1200, 1)).toBe(false)
    expect(beat(1300, 1300)).toBe(false)
    // Three of the last ten were not behind one.
    expect(beat(1390, 1400)).toBe(false)
  })
})
