import { expect, it } from 'vitest'
import type { Store, StoredPosition } from '../../src/store/store.js'
import { zeroMessages, zeroSamples } from '../../src/wire/ledger.js'
import { begin, condition, measurement, patientEvent, score, segment, systemEvent } from './synthetic-events.js'

function qualityReport(stored: number): Record<string, unknown> {
  return {
    hour: begin,
    model: 'm',
    firmware: '1',
    samples: { ...zeroSamples(), offered: stored + 1, stored, lost: 1 },
    messages: zeroMessages(),
    points: { stored, lost: 1 },
    gaps: 1,
    judgedSeconds: 2,
    usableSeconds: 1,
    qualitySum: 1.5,
    values: { accepted: 3, refused: 2, flagged: 1 },
    rules: { 'refused/impossible': 2 },
    corrected: {},
  }
}

export interface StoreUnderTest {
  readonly open: () => Promise<Store>
}

/** What every store must do, whatever it stores into. Each test opens a store of its own. */
export function checkStore(make: () => Promise<StoreUnderTest>): void {
  const at = (position: string): StoredPosition => ({ epoch: 'e', position })

  it('has no position before the first batch, and after a restart the position of the last', async () => {
    const { open } = await make()
    const store = await open()
    expect(await store.position()).toBeNull()
    await store.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, at('one'))
    await store.append({ events: [], segments: [] }, at('two'))
    await store.close()
    const again = await open()
    expect(await again.position()).toEqual(at('two'))
    await again.close()
  })

  it('answers reports of the quality stage by patient, device and time, each once however often it is written', async () => {
    const store = await (await make()).open()
    const report = (offsetSeconds: number, device: string, stored: number) =>
      systemEvent('quality-report', offsetSeconds, qualityReport(stored), { patient: 'p-1', device })
    const events = [report(0, 'd-1', 10), report(300, 'd-1', 20), report(300, 'd-2', 30)]
    for (const position of ['a', 'b']) expect((await store.append({ events, segments: [] }, at(position))).deadLettered).toBe(0)
    const stored = async (query: Parameters<Store['quality']>[0]) => (await store.quality(query)).map(row => row.report.samples.stored)
    expect((await stored({})).sort()).toEqual([10, 20, 30])
    expect(await stored({ patient: 'p-1', device: 'd-1' })).toEqual([10, 20])
    expect(await stored({ device: 'd-1', limit: 1 })).toEqual([20])
    expect(await stored({ from: begin + 300e6, device: 'd-1' })).toEqual([20])
    expect(await stored({ patient: 'p-2' })).toEqual([])
    expect((await store.quality({ device: 'd-2' }))[0]).toMatchObject({ patient: 'p-1', device: 'd-2', report: qualityReport(30) })
    await store.close()
  })

  it('answers vital signs as points and in buckets, with values that are no number and those that are missing', async () => {
    const store = await (await make()).open()
    const events = [61, 62, 66, 71].map((value, i) => measurement('heart-rate', i * 5, value))
    events.push(
      measurement('heart-rate', 20, null),
      measurement('consciousness', 3, 'A', { stream: 'n' }),
      measurement('supplemental-oxygen', 3, true, { stream: 'n' }),
    )
    const result = await store.append({ events, segments: [] }, at('a'))
    expect(result.deadLettered).toBe(0)
    const all = await store.vitals({ patient: 'p-1' })
    expect(all.map(series => [series.name, series.unit])).toEqual([
      ['consciousness', '1'],
      ['heart-rate', '/min'],
      ['supplemental-oxygen', '1'],
    ])
    expect(all[0]?.points?.map(point => point.value)).toEqual(['A'])
    expect(all[2]?.points?.map(point => point.value)).toEqual([true])
    expect(all[1]?.points?.map(point => [point.t - begin, point.value])).toEqual([
      [0, 61],
      [5e6, 62],
      [10e6, 66],
      [15e6, 71],
      [20e6, null],
    ])
    expect(all[1]?.points?.at(-1)).toMatchObject({ status: 'unavailable', reason: 'noise', quality: 0.9, stream: 'ecg' })
    const ranged = await store.vitals({ patient: 'p-1', names: ['heart-rate'], from: begin + 5e6, to: begin + 15e6 })
    expect(ranged[0]?.points?.map(point => point.value)).toEqual([62, 66])
    const buckets = (await store.vitals({ patient: 'p-1', names: ['heart-rate'], stepSeconds: 10 }))[0]?.buckets
    expect(buckets?.map(({ count, min, mean, max }) => ({ count, min, mean, max }))).toEqual([
      { count: 2, min: 61, mean: 61.5, max: 62 },
      { count: 2, min: 66, mean: 68.5, max: 71 },
    ])
    expect(buckets?.map(bucket => bucket.t)).toEqual([begin, begin + 10e6])
    expect((await store.vitals({ patient: 'p-1', names: ['heart-rate'], limit: 1 }))[0]?.points?.map(point => point.value)).toEqual([null])
    expect(await store.vitals({ patient: 'p-2' })).toEqual([])
    await store.close()
  })

  it('folds conditions and acknowledgements to alerts', async () => {
    const store = await (await make()).open()
    const opened = condition('absent', 'pending', 1, 'a-1', 1)
    const events = [
      opened,
      condition('pending', 'active', 11, 'a-1', 2),
      systemEvent('acknowledge', 12, { alert: 'a-1', accepted: true, author: 'nurse', note: 'seen', revision: 3 }),
    ]
    events.push(systemEvent('acknowledge', 12, { alert: 'a-1', accepted: false, author: 'other', note: '', revision: 3 }))
    await store.append({ events, segments: [] }, at('a'))
    const [open] = await store.alerts({ patient: 'p-1', openOnly: true })
    expect(open).toMatchObject({
      id: 'a-1',
      state: 'active',
      onset: begin + 11e6,
      end: null,
      revision: 3,
      value: 131,
      limit: 120,
      priority: 'medium',
    })
    expect(open?.acknowledged).toMatchObject({ by: 'nurse', note: 'seen' })
    expect(open?.evidence).toEqual({ from: { stream: 'ecg', index: 250 }, to: { stream: 'ecg', index: 1250 } })
    await store.append(
      { events: [condition('active', 'clearing', 20, 'a-1', 4), condition('clearing', 'absent', 30, 'a-1', 5)], segments: [] },
      at('b'),
    )
    expect(await store.alerts({ patient: 'p-1', openOnly: true })).toEqual([])
    expect((await store.alerts({ patient: 'p-1' }))[0]).toMatchObject({ state: 'absent', end: begin + 30e6, revision: 5 })
    expect(await store.alerts({ patient: 'p-1', from: begin + 40e6 })).toEqual([])
    expect(await store.alerts({ patient: 'p-1', to: begin + 11e6 })).toEqual([])
    await store.close()
  })

  it('keeps what raised an alert when it clears, and alerts of two streams apart where the engine gave no name', async () => {
    const store = await (await make()).open()
    const unnamed = { note: {} }
    const raised = [
      condition('absent', 'active', 1, 'x', 1, unnamed),
      condition('absent', 'active', 2, 'x', 1, { ...unnamed, stream: 'ppg' }),
    ]
    const clearing = condition('active', 'clearing', 5, 'x', 3, unnamed)
    const events = [...raised, { ...clearing, body: { ...clearing.body, value: 96, message: 'another', evidence: null } }]
    await store.append({ events, segments: [] }, at('a'))
    const rows = await store.alerts({ patient: 'p-1' })
    expect(rows.map(row => [row.id, row.stream, row.state, row.value, row.message])).toEqual([
      [events[0]!.id, 'ecg', 'clearing', 131, 'Heart rate 131 /min is above 120 /min'],
      [events[1]!.id, 'ppg', 'active', 131, 'Heart rate 131 /min is above 120 /min'],
    ])
    expect(rows[0]?.evidence?.from.index).toBe(250)
    await store.close()
  })

  it('ends the alerts that are open when their session ends, and no others', async () => {
    const store = await (await make()).open()
    const events = [
      condition('absent', 'active', 1, 'mine', 1),
      condition('absent', 'active', 2, 'other', 1, { session: 's-2', stream: 'ppg' }),
    ]
    await store.append(
      {
        events: [...events, systemEvent('session', 60, { session: 's-1', state: 'closed', eventHash: 'ab', eventCount: 2 })],
        segments: [],
      },
      at('a'),
    )
    expect((await store.alerts({ patient: 'p-1' })).map(row => [row.id, row.state, row.end, row.endReason])).toEqual([
      ['mine', 'absent', begin + 1e6, 'session-ended'],
      ['other', 'active', null, null],
    ])
    await store.close()
  })

  it('is changed by nothing when the same batch comes again', async () => {
    const store = await (await make()).open()
    const sessions = [
      systemEvent('session', 0, { session: 's-1', state: 'opened', record: 'mitdb/100' }),
      systemEvent('session', 60, { session: 's-1', state: 'closed', eventHash: 'ab12', eventCount: 9 }),
    ]
    const events = [
      measurement('heart-rate', 0, 70),
      condition('absent', 'active', 1, 'a-9', 1),
      score(5, 3),
      patientEvent('gap', 6, { channel: 'II', count: 4 }),
      ...sessions,
    ]
    const later = condition('active', 'absent', 8, 'a-9', 2)
    const batch = { events: [...events, later], segments: [segment(0)] }
    const read = async () => ({
      vitals: await store.vitals({ patient: 'p-1' }),
      alerts: await store.alerts({}),
      scores: await store.scores({ patient: 'p-1' }),
      sessions: await store.sessions({}),
      segments: await store.segments({ patient: 'p-1', stream: 'ecg', from: begin, to: begin + 1e6 }),
    })
    await store.append(batch, at('a'))
    const once = await read()
    await store.append(batch, at('a'))
    expect(await read()).toEqual(once)
    expect(once.alerts.map(row => row.state)).toEqual(['absent'])
    expect(once.sessions).toMatchObject([{ session: 's-1', state: 'closed', record: 'mitdb/100', eventHash: 'ab12', eventCount: 9 }])
    expect(once.segments).toEqual([segment(0)])
    await store.close()
  })

  it('keeps scores with their items, and what was incomplete as incomplete', async () => {
    const store = await (await make()).open()
    await store.append({ events: [score(0, 5), score(60, null)], segments: [] }, at('a'))
    const rows = await store.scores({ patient: 'p-1', score: 'news2' })
    expect(rows.map(row => [row.total, row.complete])).toEqual([
      [5, true],
      [null, false],
    ])
    expect(rows[1]?.body.missing).toEqual(['temperature'])
    expect(await store.scores({ patient: 'p-1', from: begin + 60e6 })).toHaveLength(1)
    expect(await store.scores({ patient: 'p-1', score: 'mews' })).toEqual([])
    await store.close()
  })

  it('keeps two events of one series and microsecond apart', async () => {
    const store = await (await make()).open()
    await store.append({ events: [score(0, 5), score(0, 6)], segments: [] }, at('a'))
    expect((await store.scores({ patient: 'p-1' })).map(row => row.total)).toEqual([5, 6])
    await store.close()
  })

  it('keeps both values that one record tells of one name at one moment, each once however often they come', async () => {
    const store = await (await make()).open()
    const first = measurement('wear-time', 0, 0.5, { id: '3-77-0' })
    const second = measurement('wear-time', 0, 0.25, { id: '3-77-4' })
    for (const position of ['a', 'b']) await store.append({ events: [first, second], segments: [] }, at(position))
    const [series] = await store.vitals({ patient: 'p-1', names: ['wear-time'] })
    expect(series!.points!.map(({ value }) => value).sort()).toEqual([0.25, 0.5])
  })

  it('keeps two stretches of a stream that a new anchor has put at one time, each once however often it comes', async () => {
    const store = await (await make()).open()
    const first = segment(0)
    const second = {
      ...first,
      chunks: first.chunks.map(([index, n, position, length]) => [index + 25_000, n, position + 9000, length] as const),
    }
    for (const position of ['a', 'b']) await store.append({ events: [], segments: [first, second] }, at(position))
    const found = await store.segments({ patient: 'p-1', stream: 'ecg', from: begin, to: begin + 1e6 })
    expect(found.map(({ chunks }) => chunks).sort((a, b) => a[0]![0] - b[0]![0])).toEqual([first.chunks, second.chunks])
  })

  it('finds the waveform segments that overlap a range', async () => {
    const store = await (await make()).open()
    await store.append({ events: [], segments: [0, 10, 20, 30].map(segment) }, at('a'))
    const found = await store.segments({ patient: 'p-1', stream: 'ecg', from: begin + 15e6, to: begin + 25e6 })
    expect(found.map(row => (row.from - begin) / 1e6)).toEqual([10, 20])
    expect(await store.segments({ patient: 'p-1', stream: 'ppg', from: begin, to: begin + 25e6 })).toEqual([])
    await store.close()
  })
}
