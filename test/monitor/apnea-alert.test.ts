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

/** What becomes of the alert `apnea`: [phase, patient second]. Seconds without flags (null) are lost. */
function follow(samples: Float64Array, flagsAt: (second: number) => number | null = () => 0): [string, number][] {
  const said: PatientEvent[] = []
  const monitor = new PatientMonitor({ attributes: defaultOptions.attributes.all, limits: {} }, event => said.push(event))
  monitor.open(ref, [{ spec, index: 0, patientTime: 0 }], null)
  for (let start = 0; start < samples.length; start += fs) {
    const channels = [samples.slice(start, start + fs)]
    const flags = flagsAt(start / fs)
    if (flags !== null) monitor.samples(ref, spec.id, { start, length: channels[0]!.length, flags, channels })
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

  // The heart meets the end of an interruption at any of its phases.
  describe.each([75, 75.2, 75.35, 75.5])('over 100 s without a breath, with a ripple of 0.3 at %d /min', heartRate => {
    const long = syntheticBreathing({ fs, seconds: 240, depth: pausedBreathing(60, 160), ripple: 0.3, heartRate })
    const between = (from: number, to: number) => (second: number) => second >= from && second < to
    const everyFifteen = (second: number) => second >= 60 && second <= 160 && second % 15 === 0

    it.each([
      ['1 s at 90 s', between(90, 91), 0],
      ['1 s at 70 s', between(70, 71), 0],
      ['1 s of every 15 s', everyFifteen, 0],
      ['a block of 2 s at 90 s', between(90, 92), 0],
      ['a block of 2 s at 70 s', between(70, 72), 0],
      ['9 s at 62 s', between(62, 71), 7],
    ])('is active until breathing is back though %s cannot be seen', (_, hidden, later) => {
      for (const flag of [sampleFlags.sensorOff, null]) {
        const path = follow(long, second => (hidden(second) ? flag : 0))
        expect([flag, path.map(([phase]) => phase)]).toEqual([flag, ['active', 'clearing', 'latched']])
        // The clock stands still meanwhile, and until the filter has settled.
        expect(path[0]![1]).toBeGreaterThan(77.5 + later)
        expect(path[0]![1]).toBeLessThan(85 + later)
        expect(path[1]![1]).toBeGreaterThan(160)
      }
    })

    it('is active again 20 s after 15 s that cannot be seen', () => {
      for (const flag of [sampleFlags.sensorOff, null]) {
        const path = follow(long, second => (second >= 90 && second < 105 ? flag : 0))
        expect(path.filter(([phase]) => phase === 'clearing').every(([, second]) => second > 124)).toBe(true)
        const again = path.filter(([phase, second]) => phase === 'active' && second > 90)
        expect(again.length).toBe(1)
        expect(again[0]![1]).toBeGreaterThanOrEqual(125)
        expect(again[0]![1]).toBeLessThan(128)
        expect(path.at(-1)![0]).toBe('latched')
        expect(path.at(-1)![1]).toBeGreaterThan(160)
      }
    })
  })

  it('does not rise while the lead is off, and stays, not measurable, when it comes off meanwhile', () => {
    expect(follow(samples, second => (second >= 59 && second < 100 ? sampleFlags.leadOff : 0))).toEqual([])
    expect(follow(samples, second => (second >= 85 ? sampleFlags.leadOff : 0)).map(([phase]) => phase)).toEqual(['active'])
  })
})
