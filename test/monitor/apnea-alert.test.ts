import { describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { PatientEvent } from '../../src/monitor/event.js'
import { PatientMonitor } from '../../src/monitor/patient-monitor.js'
import { sampleFlags } from '../../src/signal/sample-block.js'
import type { StreamSpec } from '../../src/signal/stream.js'
import { pausedBreathing, syntheticBreathing } from '../support/synthetic-breathing.js'

const fs = 50
const ref = { device: 'd', boot: 1 }
const spec: StreamSpec = { id: 'respiration', kind: 'respiration', channels: ['RESP'], unit: 'Ohm', fs: { num: fs, den: 1 } }

/** What becomes of the alert `apnea`: [phase, patient second]. */
function follow(samples: Float64Array, flagsAt: (second: number) => number = () => 0): [string, number][] {
  const said: PatientEvent[] = []
  const monitor = new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, event => said.push(event))
  monitor.open(ref, [{ spec, index: 0, patientTime: 0 }], null)
  for (let start = 0; start < samples.length; start += fs) {
    const channels = [samples.slice(start, start + fs)]
    monitor.samples(ref, spec.id, { start, length: channels[0]!.length, flags: flagsAt(start / fs), channels })
  }
  return said.flatMap(({ type, t, body }) =>
    type === 'condition' && body.condition === 'apnea' && body.cause === 'phase' ? [[`${body.to}`, t / 1e6] as [string, number]] : [],
  )
}

describe('the alert on apnoea', () => {
  const samples = syntheticBreathing({ fs, seconds: 160, depth: pausedBreathing(60, 100), ripple: 0.3 })

  it('absent => active 20 s after the last breath => clearing => latched when breathing comes back', () => {
    const path = follow(samples)
    expect(path.map(([phase]) => phase)).toEqual(['active', 'clearing', 'latched'])
    const [active, clearing] = path.map(([, second]) => second)
    // The last breath is at its height at 57.6 s.
    expect(active! - 57.6).toBeGreaterThanOrEqual(20)
    expect(active! - 57.6).toBeLessThan(22)
    expect(clearing!).toBeGreaterThan(100)
    expect(clearing!).toBeLessThan(106)
  })

  it.each([
    ['at 90 s', (second: number) => second === 90],
    ['at 70 s', (second: number) => second === 70],
    ['for 5 s at 92 s', (second: number) => second >= 92 && second < 97],
  ])('is not ended by a lead that is off for a moment, %s', (_, isOff) => {
    const path = follow(samples, second => (isOff(second) ? sampleFlags.leadOff : 0))
    const active = path.find(([phase]) => phase === 'active')
    expect(active?.[1]).toBeLessThan(88)
    const over = path.find(([phase, second]) => phase === 'clearing' && second > active![1])
    expect(over?.[1]).toBeGreaterThan(100)
  })

  it('does not rise while the lead is off, and stays, not measurable, when it comes off meanwhile', () => {
    expect(follow(samples, second => (second >= 59 && second < 100 ? sampleFlags.leadOff : 0))).toEqual([])
    expect(follow(samples, second => (second >= 85 ? sampleFlags.leadOff : 0)).map(([phase]) => phase)).toEqual(['active'])
  })
})
