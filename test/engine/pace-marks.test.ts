import { describe, expect, it } from 'vitest'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import type { SignalSource } from '../../src/device/signal-source.js'
import { pacerMarkCases } from '../../src/evaluate/patterns/pacer-cases.js'
import type { JournalRecord } from '../../src/journal/record.js'
import { frontEnds } from '../../src/simulate/patterns/front-end.js'
import { PatternRecorder } from '../../src/simulate/patterns/record-pattern.js'
import { makeSmallSource } from '../device/small-source.js'
import { closedSession, type KeptSink, recordsOf, runRecords } from '../support/partition-run.js'

const fsHz = 250
const pattern = pacerMarkCases().find(one => one.pattern.name === '-700 mV 2 ms, capture lost')!.pattern
const { leads, marks } = new PatternRecorder(pattern, frontEnds.wide, 1).record(fsHz, 1)

/** A front end with a pulse detector of its own; 20 bits, so that 300 mV fit. */
function source(marked: boolean): SignalSource {
  const values = [...leads[0]!].map(value => Math.round(value * 1000))
  const within = (_: number, from: number, to: number) => marks.filter(mark => mark >= from && mark < to)
  return makeSmallSource([{ name: 'II', fs: { num: fsHz, den: 1 }, gain: 1000, bits: 20, values }], marked ? { paceMarks: within } : {})
}

async function journal(marked: boolean, chunkSeconds = 1, from = 0): Promise<JournalRecord[]> {
  const virtual = createVirtualDevice({ source: source(marked), boot: 1, chunkSeconds, from })
  return recordsOf({ device: 'd-1', record: 'paced', lives: () => [{ virtual, startsAt: 0 }] })
}

function asystoles(sink: KeptSink): unknown[] {
  return sink.events.filter(({ type, body }) => type === 'rhythm' && body.rhythm === 'asystole' && body.on === true)
}

describe('pace marks from a device to the patient log', () => {
  it('show that the pulses no longer capture; without them nobody is told', async () => {
    const sink = runRecords(await journal(true)).sink
    expect(asystoles(sink)).toHaveLength(1)
    const beats = sink.events.filter(({ type }) => type === 'beat')
    expect(beats.length).toBeGreaterThan(24)
    for (const { body } of beats) expect(body).toMatchObject({ class: 'Q', reasons: ['paced'] })
    expect(asystoles(runRecords(await journal(false)).sink)).toEqual([])
  })

  it('give the same hash for any chunk length, with chunks twice, out of order, and after a restart from any state', async () => {
    const records = await journal(true)
    const expected = closedSession(runRecords(records).sink)
    expect(expected.eventHash).toMatch(/^[0-9a-f]{64}$/)
    expect(closedSession(runRecords(await journal(true, 0.25)).sink)).toEqual(expected)
    expect(closedSession(runRecords(records.flatMap((record, k) => (k > 1 ? [record, record] : [record]))).sink)).toEqual(expected)
    const swapped = records.slice()
    ;[swapped[5], swapped[6]] = [swapped[6]!, swapped[5]!]
    expect(closedSession(runRecords(swapped).sink)).toEqual(expected)
    const everywhere = new Set(records.map((_, offset) => offset).filter(offset => offset > 1))
    expect(closedSession(runRecords(records, undefined, everywhere).sink)).toEqual(expected)
  })

  it('keep their samples when a device begins in the middle of its source', async () => {
    const sink = runRecords(await journal(true, 1, 10.3)).sink
    expect(asystoles(sink)).toHaveLength(1)
  })
})
