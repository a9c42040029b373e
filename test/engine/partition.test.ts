import { beforeAll, describe, expect, it } from 'vitest'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { JournalRecord, MessageRecord } from '../../src/journal/record.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { type Birth, decodeBirth, encodeBirth } from '../../src/wire/birth.js'
import { closedSession, type KeptSink, recordsOf, runRecords } from '../support/partition-run.js'

const seconds = 90

function simulated(scenario: 'asystole' | 'desaturation' | 'lead-off' | 'device-restart', chunkSeconds = 1, prefix = 'sim') {
  return simulatePatients({ patients: 1, scenario, seed: 7, durationSeconds: seconds, chunkSeconds, prefix })[0]!.played
}

function conditions(sink: KeptSink, name: string): string[] {
  return sink.events
    .filter(event => event.type === 'condition' && event.body.condition === name && event.body.cause === 'phase')
    .map(event => `${String(event.body.from)} => ${String(event.body.to)}`)
}

function decodedBirth(records: readonly JournalRecord[]): Birth {
  const record = records.find(candidate => candidate.type === 'message' && candidate.topic === 'birth')
  const birth = decodeBirth((record as MessageRecord).payload)
  if (!('ok' in birth)) throw new Error('no birth')
  return birth.ok
}

function patientLog(sink: KeptSink): LoggedEvent[] {
  return sink.events.filter(event => event.log === 'patient')
}

describe('partition', () => {
  let records: JournalRecord[]
  let plain: KeptSink

  beforeAll(async () => {
    records = await recordsOf(simulated('asystole'))
    plain = runRecords(records).sink
  })

  it('makes events with ids of partition, offset and ordinal', () => {
    expect(plain.events.length).toBeGreaterThan(100)
    expect(new Set(plain.events.map(event => event.id)).size).toBe(plain.events.length)
    for (const event of plain.events) expect(event.id).toMatch(/^3-\d+-\d+$/)
  })

  it('raises asystole: absent => active', () => {
    expect(conditions(plain, 'asystole')[0]).toBe('absent => active')
  })

  it('names an alert by the id of the first event of its episode', () => {
    const events = plain.events.filter(event => event.type === 'condition' && event.body.condition === 'asystole')
    expect(events[0]!.note.alert).toBe(events[0]!.id)
    for (const event of events) if (event.note.episode === 1) expect(event.note.alert).toBe(events[0]!.id)
  })

  it('says the same events with the same ids after a restart from any state', () => {
    for (const every of [1, 7, 53]) {
      const restarts = new Set(records.map((_, offset) => offset).filter(offset => offset % every === every - 1))
      if (every === 1) for (const offset of [...restarts]) if (offset > 60 && offset < records.length - 20) restarts.delete(offset)
      const { sink } = runRecords(records, defaultOptions, restarts)
      expect(sink.events).toEqual(plain.events)
      expect(sink.waters).toEqual(plain.waters)
    }
  })

  it('gives the same hash for any chunk length, device name and patient', async () => {
    const expected = closedSession(plain)
    expect(expected.eventHash).toMatch(/^[0-9a-f]{64}$/)
    expect(closedSession(runRecords(await recordsOf(simulated('asystole', 0.25))).sink)).toEqual(expected)
    expect(closedSession(runRecords(await recordsOf(simulated('asystole', 2))).sink)).toEqual(expected)
    expect(closedSession(runRecords(await recordsOf(simulated('asystole', 1, 'other'), 'someone-else')).sink)).toEqual(expected)
  })

  it('gives the same hash whichever stream is ahead of the others', () => {
    const rank = (record: JournalRecord) => (record.type === 'message' ? `${record.topic}${record.stream}` : '')
    for (const ahead of ['wecg', 'wppg', 'wrespiration', 'n']) {
      // One stream's messages come 30 s early; the order within each stream stays.
      const moved = records
        .map((record, k) => ({ record, due: rank(record) === ahead ? record.at - 30e6 : record.at, k }))
        .sort((a, b) => (a.k < 2 || b.k < 2 ? a.k - b.k : a.due - b.due || a.k - b.k))
        .map(({ record }) => record)
      expect(moved).not.toEqual(records)
      expect(closedSession(runRecords(moved).sink), ahead).toEqual(closedSession(plain))
    }
  })

  it('gives no hash when one stream is more than 60 s of signal ahead of another', () => {
    const numerics = records.filter(record => record.type === 'message' && record.topic === 'n')
    const rest = records.filter(record => !(record.type === 'message' && record.topic === 'n'))
    const { sink } = runRecords([...rest, ...numerics])
    expect(sink.events.filter(event => event.type === 'session').map(event => event.body.state)).toEqual([
      'opened',
      'disordered',
      'disordered',
    ])
  })

  it('goes on alerting without a stream that never comes', async () => {
    const all = await recordsOf(simulated('desaturation'))
    const low = (sink: KeptSink) => sink.events.find(event => event.body.condition === 'spo2-low' && event.body.to === 'active')
    const onset = low(runRecords(all).sink)
    expect(onset).toBeDefined()
    const { sink, partition } = runRecords(all.filter(record => !(record.type === 'message' && record.topic === 'n')))
    expect(sink.events.some(event => event.type === 'session' && event.body.state === 'disordered')).toBe(true)
    const alert = low(sink)
    expect(alert).toBeDefined()
    expect(alert!.at).toBeLessThanOrEqual(onset!.at + 65e6)
    // What readers hold back: a minute of signal, not the recording.
    const waiting = partition.save().sessions[0]!.monitor.readers.flatMap(({ merge }) => merge.inputs.map(({ queue }) => queue.length))
    expect(Math.max(...waiting)).toBeLessThan(400)
  })

  it('gives the same hash when messages come twice', () => {
    const twice = records.flatMap((record, k) => (k > 0 && k % 5 === 0 ? [record, record] : [record]))
    const { sink, partition } = runRecords(twice)
    expect(closedSession(sink)).toEqual(closedSession(plain))
    expect(partition.ledger().duplicate).toBeGreaterThan(0)
  })

  it('gives the same hash when a chunk comes after the ones that follow it', () => {
    const mixed = [...records]
    for (let k = 30; k + 6 < mixed.length - 20; k += 40) mixed.splice(k + 5, 0, ...mixed.splice(k, 1))
    expect(mixed).not.toEqual(records)
    expect(closedSession(runRecords(mixed).sink)).toEqual(closedSession(plain))
  })

  it('averages oximetry as configured, also after restarts; streams that are open keep theirs when it is configured anew', () => {
    const restarts = new Set([40, 200, records.length - 30])
    const options = { ...defaultOptions, oximetry: { averagingSeconds: 16 } as const }
    const longer = runRecords(records, options)
    expect(closedSession(longer.sink).eventHash).not.toBe(closedSession(plain).eventHash)
    expect(runRecords(records, options, restarts).sink.events).toEqual(longer.sink.events)
    const change = { type: 'limits', rules: {}, oximetry: options.oximetry, author: 'a', reason: 'r', at: records[20]!.at } as const
    const changed = [...records.slice(0, 20), change, ...records.slice(20)]
    expect(closedSession(runRecords(changed, defaultOptions, restarts).sink)).toEqual(closedSession(plain))
    const before = [change, ...records]
    expect(closedSession(runRecords(before, defaultOptions, restarts).sink)).toEqual(closedSession(longer.sink))
  })

  it('changes prescribed limits at their patient time: the same hash by configuration, by journal, over restarts and in other chunks', async () => {
    const { t } = patientLog(plain)[0]!
    const rules = { 'heart-rate-high': { limit: 45, clearLimit: 44, onsetDelaySeconds: 0, enabled: true } }
    const prescription = { rules, from: t + 20.3e6, until: t + 61.7e6, author: 'Dr Ada', reason: 'test' }
    const prescriptions = [
      { patient: 'p-1', ...prescription },
      { patient: 'p-2', ...prescription, from: t, until: null },
    ]
    const options = { ...defaultOptions, prescriptions }
    const run = runRecords(records, options)
    const changes = run.sink.events.filter(({ type }) => type === 'limits-changed')
    expect(changes.map(event => [event.t, event.body.condition, event.body.limit])).toEqual([
      [prescription.from, 'heart-rate-high', 45],
      [prescription.until, 'heart-rate-high', 120],
    ])
    expect(conditions(run.sink, 'heart-rate-high')[0]).toBe('absent => active')
    const hash = closedSession(run.sink)
    expect(hash.eventHash).not.toBe(closedSession(plain).eventHash)
    const restarts = new Set(records.map((_, offset) => offset).filter(offset => offset % 31 === 30))
    expect(runRecords(records, options, restarts).sink.events).toEqual(run.sink.events)
    const change = { type: 'limits', rules: {}, prescriptions, author: 'a', reason: 'r', at: 0 } as const
    expect(closedSession(runRecords([change, ...records], defaultOptions, restarts).sink)).toEqual(hash)
    expect(closedSession(runRecords(await recordsOf(simulated('asystole', 0.4)), options).sink)).toEqual(hash)
    // Limits of all that someone sets later leave the prescriptions as they are; an empty list takes them away.
    const site = { type: 'limits', rules: { 'low-battery': { limit: 10, clearLimit: 15 } }, author: 'a', reason: 'r', at: 1 } as const
    const kept = runRecords([change, site, ...records], defaultOptions).sink
    expect(kept.events.filter(({ type }) => type === 'limits-changed')).toHaveLength(2)
    expect(closedSession(runRecords([change, { ...change, prescriptions: [] }, ...records], defaultOptions).sink)).toEqual(
      closedSession(plain),
    )
  })

  it('gives another hash when a limit that was crossed moves', () => {
    const options = { ...defaultOptions, limits: { 'heart-rate-low': { limit: 200, clearLimit: 210 } } }
    expect(closedSession(runRecords(records, options).sink).eventHash).not.toBe(closedSession(plain).eventHash)
  })

  it('gives another hash when the age band is below 16, because NEWS2 is refused', () => {
    const all = { ...defaultOptions.attributes.all, ageBand: 'child' as const }
    const { sink } = runRecords(records, { ...defaultOptions, attributes: { all, patients: {} } })
    expect(closedSession(sink).eventHash).not.toBe(closedSession(plain).eventHash)
    expect(sink.events.some(event => event.type === 'score' && event.body.refused === 'age-below-16')).toBe(true)
  })

  it('tells the final high-water mark with the hash', () => {
    const last = plain.waters.at(-1)!
    expect(last).toMatchObject({ final: true, ...closedSession(plain) })
  })

  it('balances the ledger to the sample', () => {
    const ledger = runRecords(records).partition.ledger()
    expect(ledger.offered).toBeGreaterThan(seconds * 250)
    expect(ledger.offered).toBe(ledger.stored + ledger.late + ledger.duplicate + ledger.rejected + ledger.held + ledger.lost)
  })

  it('goes on with the same session when a recorded device restarts', async () => {
    const { sink } = runRecords(await recordsOf(simulated('device-restart')))
    expect(sink.events.filter(event => event.type === 'session').map(event => event.body.state)).toEqual(['opened', 'closed'])
    expect(sink.events.filter(event => event.type === 'boot')).toHaveLength(2)
  })

  it('keeps what an unassigned device sends, and scores nothing', async () => {
    const { sink, partition } = runRecords(await recordsOf(simulated('asystole'), null))
    expect(patientLog(sink)).toEqual([])
    expect(partition.ledger().stored).toBeGreaterThan(0)
  })

  it('tells an unassigned device when all that it has sent is kept', async () => {
    const { sink } = runRecords(await recordsOf(simulated('asystole'), null))
    expect(sink.waters.at(-1)).toMatchObject({ final: true, eventHash: null })
    expect(sink.waters.filter(water => water.final)).toHaveLength(1)
  })

  it('monitors the other streams of a device with one that no chain can read', () => {
    const birth = {
      ...decodedBirth(records),
      streams: decodedBirth(records).streams.map(stream => (stream.kind === 'ecg' ? { ...stream, fs: { num: 7, den: 1 } } : stream)),
    }
    const changed = records.map(record =>
      record.type === 'message' && record.topic === 'birth' ? { ...record, payload: encodeBirth(birth) } : record,
    )
    const { sink } = runRecords(changed)
    expect(sink.events.find(event => event.type === 'birth')?.body.unreadable).toEqual(['ecg'])
    expect(sink.events.some(event => event.type === 'pulse')).toBe(true)
    expect(sink.events.some(event => event.type === 'beat')).toBe(false)
  })

  it('acknowledges by compare-and-set: the first wins, the second is told', () => {
    const onset = plain.events.find(event => event.type === 'condition' && event.body.condition === 'asystole')!
    const at = Number(onset.id.split('-')[1])
    const acknowledge = (author: string): JournalRecord => ({
      type: 'acknowledge',
      alert: onset.id,
      expectedRevision: onset.note.revision as number,
      author,
      note: 'seen',
      at: 1,
    })
    const { sink } = runRecords([...records.slice(0, at + 1), acknowledge('a'), acknowledge('b')])
    const answers = sink.events.filter(event => event.type === 'acknowledge').map(event => event.body)
    expect(answers).toMatchObject([
      { author: 'a', accepted: true, reason: null },
      { author: 'b', accepted: false },
    ])
    const acknowledged = sink.events.find(event => event.type === 'condition' && event.body.cause === 'acknowledged')
    expect(acknowledged?.note.acknowledgedBy).toEqual({ author: 'a', note: 'seen' })
  })

  it('refuses to acknowledge an alert that is not there', () => {
    const { sink } = runRecords([{ type: 'acknowledge', alert: '3-1-1', expectedRevision: 1, author: 'a', note: '', at: 1 }])
    expect(sink.events[0]!.body).toMatchObject({ accepted: false, reason: 'no-such-alert' })
  })

  it('applies changed limits to running sessions, once', () => {
    const change: JournalRecord = {
      type: 'limits',
      rules: { 'heart-rate-high': { limit: 45, clearLimit: 44, onsetDelaySeconds: 0 } },
      author: 'a',
      reason: 'test',
      at: 1,
    }
    const { sink } = runRecords([...records.slice(0, 150), change, change, ...records.slice(150)])
    expect(sink.events.filter(event => event.type === 'limits')).toHaveLength(1)
    expect(conditions(sink, 'heart-rate-high')[0]).toBe('absent => active')
  })

  it('hands a device over: the old patient gets nothing more, the new one goes on', async () => {
    const half = Math.floor(records.length / 2)
    const release: JournalRecord = { type: 'release', device: 'sim-001', author: 'a', reason: 'moved', at: 2 }
    const before = runRecords(records.slice(0, half))
    const state = before.partition.handOver('sim-001')
    before.partition.process(release, half, before.sink)
    const adopt: JournalRecord = { type: 'adopt', device: 'sim-001', patient: 'p-2', from: 0, author: 'a', reason: 'moved', state, at: 2 }
    const after = runRecords([adopt, ...records.slice(half)])
    expect(patientLog(after.sink).every(event => event.patient === 'p-2')).toBe(true)
    expect(after.sink.events.some(event => event.type === 'beat')).toBe(true)
    expect(after.sink.events.some(event => event.type === 'refused')).toBe(false)
  })

  it('bounds what waits for births over all its devices: the fullest gives up its oldest, and the ledger says so', () => {
    const payload = new Uint8Array(60_000)
    payload.set([0x56, 0x57, 1])
    const ids = ['u-1', 'u-2', 'u-3', 'u-4']
    const flood = ids.flatMap(device =>
      Array.from({ length: 250 }, (_, k): JournalRecord => ({ type: 'message', device, topic: 'w', stream: 'ecg', payload, at: k })),
    )
    const { partition, sink } = runRecords(flood, defaultOptions, new Set([700]))
    const refused = sink.events.filter(event => event.type === 'refused' && event.body.reason === 'no-birth')
    expect(new Set(refused.map(event => event.device)).size).toBeGreaterThan(1)
    const waiting = flood.length - refused.length
    expect(waiting * 60_000).toBeLessThanOrEqual(32 * 1024 * 1024)
    expect(waiting * 60_000).toBeGreaterThan(16 * 1024 * 1024)
    expect(partition.ledger().messages).toMatchObject({ received: refused.length, refused: { 'no-birth': refused.length } })
  })
})
