import { expect, it } from 'vitest'
import { LiveState } from '../../src/server/live-state.js'
import { begin, condition, measurement, patientEvent, score, systemEvent } from '../store/synthetic-events.js'
import { freshDir, startFixture, until } from './server-fixture.js'
import { SyntheticEngine } from './synthetic-engine.js'

const { deviceList } = new SyntheticEngine()

it('is after a restart what it was before, with open alerts, newest values and score', async () => {
  const engine = new SyntheticEngine()
  const dir = freshDir()
  const before = await startFixture({}, engine, dir)
  engine.log.append(
    measurement('heart-rate', 0, 70),
    measurement('heart-rate', 5, 74),
    score(6, 2),
    condition('absent', 'active', 7, 'a-1', 1),
  )
  engine.log.append(systemEvent('acknowledge', 8, { alert: 'a-1', accepted: true, author: 'anna', note: '', revision: 2 }))
  await until(() => before.consumer.lag().written === 5)
  await before.app.close()
  await before.consumer.stop()
  await before.store.close()
  // What comes while the server is down is taken from the log.
  engine.log.append(measurement('spo2', 9, 97), condition('active', 'clearing', 10, 'a-1', 3))
  const { app } = await startFixture({}, engine, dir)
  await until(async () => (await app.inject('/api/v1/patients/p-1')).json().alerts?.[0]?.state === 'clearing')
  const patient = (await app.inject('/api/v1/patients/p-1')).json()
  expect(patient.alerts).toMatchObject([{ id: 'a-1', revision: 3, onset: begin + 7e6, acknowledged: { by: 'anna' } }])
  expect(patient.vitals.map((vital: { name: string; value: number }) => [vital.name, vital.value])).toEqual([
    ['heart-rate', 74],
    ['spo2', 97],
  ])
  expect(patient.news2).toMatchObject({ total: 2, complete: true })
})

it('tells the age of a value and when it is stale by the catalogue', () => {
  const state = new LiveState()
  const event = measurement('heart-rate', 0, 70)
  state.apply(event)
  const at = (seconds: number) => state.view(deviceList, event.at + seconds * 1e6)[0]!.vitals[0]!
  expect([at(0).ageSeconds, at(0).stale]).toEqual([0, false])
  expect([at(15).ageSeconds, at(15).stale]).toEqual([15, false])
  expect([at(15.001).ageSeconds, at(15.001).stale]).toEqual([15.001, true])
})

it('shows a value that became unmeasurable as that, not the last number', () => {
  const state = new LiveState()
  state.apply(measurement('heart-rate', 0, 70))
  state.apply(measurement('heart-rate', 1, null))
  expect(state.view(deviceList, begin)[0]!.vitals).toMatchObject([{ value: null, status: 'unavailable', reason: 'noise' }])
})

it('sorts alerts by priority, then age, and forgets none that is open', () => {
  const state = new LiveState()
  const raise = (alert: string, priority: string, seconds: number) => {
    const event = condition('absent', 'active', seconds, alert, 1)
    state.apply({ ...event, body: { ...event.body, condition: alert, priority } })
  }
  raise('low-1', 'low', 1)
  raise('high-late', 'high', 3)
  raise('high-early', 'high', 2)
  raise('medium-1', 'medium', 0)
  expect(state.view(deviceList, begin)[0]!.alerts.map(alert => alert.id)).toEqual(['high-early', 'high-late', 'medium-1', 'low-1'])
})

it('counts what a device lost, names its channels, and begins anew with its next boot', () => {
  const state = new LiveState()
  const stream = () => state.view(deviceList, begin)[0]!.devices[0]!.streams[0]!
  state.apply(systemEvent('birth', 0, { boot: 3 }))
  state.apply(systemEvent('lost', 1, { boot: 3, stream: 'ecg', index: 10, count: 250, reason: 'transit' }))
  state.apply(patientEvent('quality', 1, { channel: 0, quality: 0.2, reason: 'noise' }))
  state.apply(systemEvent('link', 2, { state: 'lost' }))
  expect(stream()).toMatchObject({ lost: 250, closed: false, quality: { II: { quality: 0.2, reason: 'noise' } } })
  expect(state.view(deviceList, begin)[0]!.devices[0]!.link).toBe('lost')
  state.apply(systemEvent('boot', 3, { boot: 4, implied: true }))
  expect(stream()).toMatchObject({ lost: 0, quality: {} })
  expect(state.notices.view(begin, new SyntheticEngine().lagNow, [])).toMatchObject([
    { what: 'boot', priority: 'medium', device: 'monitor-1' },
  ])
})

it('forgets a patient without a device and without an open alert after a day, and nobody else', () => {
  const state = new LiveState()
  const hour = 3600e6
  const device = (patient: string | null) => [{ ...deviceList[0]!, patient }]
  for (const patient of ['p-1', 'p-2', 'p-3']) {
    state.apply(measurement('heart-rate', 0, 70, { patient }))
    state.apply(systemEvent('attributes', 0, { attributes: { ageBand: 'adult' } }, { patient }))
  }
  state.apply(condition('absent', 'active', 1, 'a-3', 1, { patient: 'p-3' }))
  const ids = () => state.view([], begin).map(patient => patient.id)
  state.forget(device('p-1'), begin + 23 * hour)
  expect(ids()).toEqual(['p-1', 'p-2', 'p-3'])
  state.forget(device('p-1'), begin + 25 * hour)
  expect(ids()).toEqual(['p-1', 'p-3'])
  expect([state.has('p-2'), state.attributes('p-2'), state.attributes('p-1')]).toEqual([false, null, { ageBand: 'adult' }])
  // The day begins when the device goes or the alert ends, not with the last value.
  state.apply(condition('active', 'absent', 25 * 3600, 'a-3', 2, { patient: 'p-3' }))
  state.forget(device(null), begin + 48 * hour)
  expect(ids()).toEqual(['p-1', 'p-3'])
  state.forget(device(null), begin + 50 * hour)
  expect(ids()).toEqual([])
})

it('stays as small as the ward is, however many patients have come and gone', () => {
  const state = new LiveState()
  for (let k = 0; k < 2000; k++) {
    state.apply(measurement('heart-rate', k * 3600, 70, { patient: `p-${k}`, device: `d-${k}` }))
    state.forget([], begin + k * 3600e6)
  }
  expect(state.view([], begin).length).toBeLessThanOrEqual(26)
})

it('keeps a bounded number of notices of a bounded length, the grave ones longest', () => {
  const state = new LiveState()
  state.apply(systemEvent('mismatch', 0, { event: '1-2-3' }))
  state.apply(systemEvent('worker', 1, { worker: 1, state: 'crashed', detail: 'x'.repeat(100_000) }, { device: '' }))
  for (let k = 0; k < 5000; k++) state.apply(systemEvent('refused', 2 + k / 5000, { reason: 'bad-crc' }, { device: `d-${k}` }))
  const notices = state.notices.view(begin + 3e6, new SyntheticEngine().lagNow, [])
  expect(notices.length).toBeLessThanOrEqual(200)
  expect(notices.map(notice => notice.what)).toEqual(expect.arrayContaining(['mismatch', 'worker']))
  expect(Math.max(...notices.map(notice => notice.message.length))).toBeLessThanOrEqual(500)
})
