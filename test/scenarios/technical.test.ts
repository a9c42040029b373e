import { describe, expect, it } from 'vitest'
import type { NumericValue } from '../../src/device/signal-source.js'
import type { JournalRecord } from '../../src/journal/record.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import type { SyntheticSource } from '../../src/simulate/synthetic-source.js'
import { recordsOf, runRecords } from '../support/partition-run.js'
import { pathOf, runScenario, times, transitionsOf } from './run-scenario.js'

/** Charge in per cent, by seconds: it runs down, and someone plugs the device in at 100 s. */
function drain(source: SyntheticSource) {
  const battery = (second: number): NumericValue => ({
    name: 'battery',
    unit: '%',
    value: second < 100 ? 24 - Math.floor(second / 10) : 26,
  })
  const at = (tick: number) => [...source.numerics.at(tick).filter(({ name }) => name !== 'battery'), battery(tick)]
  return { ...source, numerics: { ...source.numerics, at } }
}

describe('technical alerts', () => {
  it('low battery: absent => active => clearing => absent, at the charge that the rule names', async () => {
    const run = await runScenario('stable', 120, { change: drain })
    expect(pathOf(run, 'low-battery')).toBe('absent => active => clearing => absent')
    expect(times(run, 'low-battery', 'active')).toEqual([50])
    expect(times(run, 'low-battery', 'clearing')).toEqual([100])
    expect(run.transitions.find(({ condition }) => condition === 'low-battery')?.value).toBe(19)
  })

  it('no data: absent => active => clearing => absent, for the stream of a live device that falls silent and comes back', async () => {
    const options = { patients: 1, scenario: 'stable', seed: 1, durationSeconds: 90, clock: 'monotonic' } as const
    const { played } = simulatePatients(options)[0]!
    const records = await recordsOf(played)
    // The ECG electrode's radio is off from 40 s to 50 s; the tick is what intake journals after three seconds of silence.
    const lost = (record: JournalRecord) =>
      record.type === 'message' && record.topic === 'w' && record.stream === 'ecg' && record.at > 40e6 && record.at <= 50e6
    const kept = records.filter(record => !lost(record))
    const tickAt = kept.findIndex(record => record.at >= 43e6)
    kept.splice(tickAt, 0, { type: 'tick', device: played.device, boot: 1, stream: 'ecg', at: 43e6 })
    const { sink } = runRecords(kept)
    const run = { transitions: transitionsOf(sink.events) }
    expect(pathOf(run, 'no-data', 'ecg')).toBe('absent => active => clearing => absent')
    const active = sink.events.find(({ type, body }) => type === 'condition' && body.condition === 'no-data' && body.to === 'active')
    const back = sink.events.find(({ type, body }) => type === 'condition' && body.condition === 'no-data' && body.to === 'absent')
    expect(active?.at).toBe(43e6)
    // Chunk 51 does not follow chunk 40: it is asked for again and waits for two seconds of signal.
    expect((back?.at ?? 0) / 1e6).toBeGreaterThanOrEqual(51)
    expect((back?.at ?? 0) / 1e6).toBeLessThanOrEqual(54)
    expect(run.transitions.filter(({ priority, to }) => priority === 'high' && to === 'active')).toEqual([])
    // The other streams go on: unknown in one is no reason for silence in another.
    const pulses = sink.events.filter(({ type, at }) => type === 'pulse' && at > 41e6 && at < 50e6)
    expect(pulses.length).toBeGreaterThan(5)
  })
})
