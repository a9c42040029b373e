import { describe, expect, it } from 'vitest'
import type { JournalRecord } from '../../src/journal/record.js'
import type { NumericSample } from '../../src/signal/numeric.js'
import { type Birth, encodeBirth } from '../../src/wire/birth.js'
import { encodeChunk } from '../../src/wire/encode-chunk.js'
import { encodePack } from '../../src/wire/pack.js'
import { runRecords } from '../support/partition-run.js'
import { regularBeats, syntheticEcg } from '../support/synthetic-ecg.js'

const fs = 250
const lead = syntheticEcg({ fs, seconds: 60 }).map(millivolts => Math.round(millivolts * 1000))

function birth(boot: number, channels: readonly string[]): Birth {
  return {
    boot,
    model: 'patch',
    firmware: '1',
    clock: 'monotonic',
    streams: [
      {
        id: 'ecg',
        kind: 'ecg',
        channels,
        unit: 'mV',
        fs: { num: fs, den: 1 },
        t0: 0,
        gain: channels.map(() => 1000),
        baseline: channels.map(() => 0),
        bits: channels.map(() => 16),
        codec: 0,
      },
    ],
  } as Birth
}

function message(device: string, topic: 'birth' | 'w', payload: Uint8Array, at: number): JournalRecord {
  return { type: 'message', device, topic, stream: topic === 'w' ? 'ecg' : '', payload, at }
}

function chunk(boot: number, seq: number, channels: number): Uint8Array {
  const samples = lead.slice(seq * fs, (seq + 1) * fs)
  const header = { codec: 0 as const, flags: 0, boot, seq, index: seq * fs, t0: seq * 1e6, n: fs }
  return encodeChunk(
    header,
    Array.from({ length: channels }, () => samples),
    Array.from({ length: channels }, () => 16),
  )
}

function adopt(device: string): JournalRecord {
  return { type: 'adopt', device, patient: 'p-1', from: 0, author: 'test', reason: 'test', state: null, at: 0 }
}

describe('partition with live devices', () => {
  it('does not let an alert wait for numerics that come every five minutes', () => {
    const racing = syntheticEcg({ fs, seconds: 60, beats: regularBeats(0.5, 0.36, 60) }).map(millivolts => Math.round(millivolts * 1000))
    const born = encodeBirth({ ...birth(1, ['II']), numerics: { t0: 0, every: 300 } })
    const temperature: NumericSample = { name: 'temperature', value: 36.6, t: 500_000, status: 'valid' }
    const pack = encodePack({ boot: 1, seq: 0, clock: 500_000, samples: [temperature], last: false })
    const records: JournalRecord[] = [
      adopt('a'),
      message('a', 'birth', born, 1e6),
      { type: 'anchor', device: 'a', boot: 1, stream: 'n', index: 500_000, patientTime: 1_500_000, uncertaintyMs: 1 },
      { type: 'message', device: 'a', topic: 'n', stream: '', payload: pack, at: 1_600_000 },
      { type: 'anchor', device: 'a', boot: 1, stream: 'ecg', index: 0, patientTime: 1_000_000, uncertaintyMs: 1 },
    ].map(record => ({ at: 1_600_000, ...record }) as JournalRecord)
    for (let seq = 0; seq < 60; seq++) {
      const header = { codec: 0 as const, flags: 0, boot: 1, seq, index: seq * fs, t0: seq * 1e6, n: fs }
      records.push(message('a', 'w', encodeChunk(header, [racing.slice(seq * fs, (seq + 1) * fs)], [16]), (seq + 2) * 1e6))
    }
    const { sink } = runRecords(records)
    const active = sink.events.find(event => event.body.condition === 'extreme-tachycardia' && event.body.to === 'active')
    expect(active).toBeDefined()
    expect(active!.at - active!.t).toBeLessThanOrEqual(2e6)
  })

  it('reviews a late chunk by the birth of its own boot', () => {
    const records: JournalRecord[] = [adopt('a'), message('a', 'birth', encodeBirth(birth(1, ['II'])), 1e6)]
    // Seq 3 of boot 1 is lost, and comes when boot 2 was born with another number of leads.
    for (const seq of [0, 1, 2, 4, 5, 6, 7]) records.push(message('a', 'w', chunk(1, seq, 1), (seq + 2) * 1e6))
    records.push(message('a', 'birth', encodeBirth(birth(2, ['II', 'V5'])), 12e6))
    for (const seq of [0, 1]) records.push(message('a', 'w', chunk(2, seq, 2), (seq + 13) * 1e6))
    records.push(message('a', 'w', chunk(1, 3, 1), 16e6))
    const { sink, partition } = runRecords(records)
    expect(sink.events.find(event => event.log === 'system' && event.type === 'late')?.body).toMatchObject({
      boot: 1,
      index: 3 * fs,
      count: fs,
    })
    expect(partition.ledger()).toMatchObject({ late: fs, lost: 0 })
  })

  it('tells the alerts of two devices apart although their streams have the same name', () => {
    const records: JournalRecord[] = []
    for (const device of ['a', 'b']) records.push(adopt(device), message(device, 'birth', encodeBirth(birth(1, ['II'])), 1e6))
    for (let seq = 0; seq < 3; seq++) for (const device of ['a', 'b']) records.push(message(device, 'w', chunk(1, seq, 1), (seq + 2) * 1e6))
    for (const device of ['a', 'b']) records.push({ type: 'tick', device, boot: 1, stream: 'ecg', at: 9e6 })
    for (const device of ['a', 'b']) records.push(message(device, 'w', chunk(1, 3, 1), 10e6))
    const { sink } = runRecords(records)
    const noData = sink.events.filter(event => event.type === 'condition' && event.body.condition === 'no-data')
    const told = noData.filter(event => event.body.cause === 'phase').map(event => `${event.note.alert} ${event.body.to}`)
    const [first, second] = noData.filter(event => event.body.to === 'active').map(event => event.id)
    expect(first).not.toBe(second)
    expect(told).toEqual([
      `${first} active`,
      `${second} active`,
      `${first} clearing`,
      `${first} absent`,
      `${second} clearing`,
      `${second} absent`,
    ])
  })
})
