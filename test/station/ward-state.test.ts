import { describe, expect, it } from 'vitest'
import type { FeedEvent } from '../../src/server/feed-protocol.js'
import { applyMessage, emptyWard, forgetMissed, type Ward } from '../../src/station/src/feed/ward-state.js'
import { alertOf, eventOf, patientOf, second, snapshotOf, start } from './feed-samples.js'

function applied(ward: Ward, events: FeedEvent[], away: { lostAt: number; backAt: number } | null = null): Ward {
  return applyMessage(ward, { type: 'events', cursor: 'c1', now: start, events }, away)
}

const ward = applyMessage(emptyWard, snapshotOf([patientOf()]))

describe('the ward of the station', () => {
  it('takes the newest measurement of each stream and keeps the other streams apart', () => {
    const measure = (value: number | null, stream: string) =>
      eventOf({ type: 'measurement', stream, body: { name: 'heart-rate', value, unit: '/min', quality: 1, status: 'valid' } })
    const vitals = applied(ward, [measure(60, 'ecg'), measure(61, 'n'), measure(62, 'ecg')]).patients.get('p-1')!.vitals
    expect(vitals.map(vital => [vital.stream, vital.value])).toEqual([
      ['n', 61],
      ['ecg', 62],
    ])
  })

  it('shows a value of a kind that it does not know as not measurable, never as a number', () => {
    const event = eventOf({ type: 'measurement', body: { name: 'spo2', value: { odd: 1 }, unit: '%', status: 'valid' } })
    expect(applied(ward, [event]).patients.get('p-1')!.vitals[0]!.value).toBeNull()
  })

  it('raises, changes and drops an alert, and is not set back by an older revision', () => {
    const condition = (alert: ReturnType<typeof alertOf>) => eventOf({ type: 'condition', alert })
    const raised = applied(ward, [condition(alertOf({ revision: 3 }))])
    expect(raised.patients.get('p-1')!.alerts).toHaveLength(1)
    const older = applied(raised, [condition(alertOf({ revision: 2, message: 'older' }))])
    expect(older.patients.get('p-1')!.alerts[0]!.revision).toBe(3)
    const ended = applied(older, [condition(alertOf({ revision: 4, state: 'absent', end: start }))])
    expect(ended.patients.get('p-1')!.alerts).toEqual([])
  })

  it('lets go of the alerts of a session that has closed, and of no other', () => {
    const raised = applied(ward, [
      eventOf({ type: 'condition', alert: alertOf({ id: '1-1-0', session: 'a' }) }),
      eventOf({ type: 'condition', alert: alertOf({ id: '1-2-0', session: 'b' }) }),
    ])
    const closed = applied(raised, [eventOf({ log: 'system', type: 'session', body: { session: 'a', state: 'closed' } })])
    expect(closed.patients.get('p-1')?.alerts.map(alert => alert.id)).toEqual(['1-2-0'])
  })

  it('lists once, in order, what began while the page was away, and nothing else', () => {
    const away = { lostAt: start, backAt: start + 20 * second }
    const of = (id: string, onsetAt: number, revision = 1) => eventOf({ type: 'condition', alert: alertOf({ id, onsetAt, revision }) })
    const back = applied(
      ward,
      [
        of('before', start - second),
        of('a', start + second),
        of('b', start + 2 * second),
        of('a', start + second, 2),
        of('later', start + 30 * second),
      ],
      away,
    )
    expect(back.missed.map(missed => missed.alert.id)).toEqual(['a', 'b'])
    expect(applied(back, [of('b', start + 2 * second, 2)], away).missed).toHaveLength(2)
    expect(forgetMissed(back).missed).toEqual([])
  })

  it('lists what a snapshot shows as begun meanwhile when the cursor was refused', () => {
    const alerts = [alertOf({ id: 'old', onsetAt: start - second }), alertOf({ id: 'new', onsetAt: start + second })]
    const back = applyMessage(ward, snapshotOf([patientOf({ alerts })]), { lostAt: start, backAt: start + 5 * second })
    expect(back.missed.map(missed => missed.alert.id)).toEqual(['new'])
  })

  it('follows a device through birth, link loss, lost samples and another assignment', () => {
    const system = (type: string, body: Record<string, unknown>, patient = 'p-1') =>
      eventOf({ log: 'system', type, body, patient, stream: '' })
    const streams = [{ id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: 250, den: 1 } }]
    const born = applied(ward, [
      system('birth', { boot: 7, model: 'm', firmware: '1', clock: 'utc', streams }),
      system('link', { state: 'lost' }),
      system('lost', { stream: 'ecg', count: 250 }),
    ])
    const device = born.patients.get('p-1')!.devices[0]!
    expect(device).toMatchObject({ id: 'd-1', boot: 7, link: 'lost' })
    expect(device.streams[0]).toMatchObject({ fs: [250, 1], lost: 250, unit: 'mV' })
    const moved = applied(born, [system('assignment', { device: 'd-1', patient: 'p-2' }, 'p-2')])
    expect(moved.patients.get('p-1')!.devices).toEqual([])
    expect(moved.patients.get('p-2')!.devices[0]!.streams).toHaveLength(1)
  })

  it('tells what the engine says of itself beside the patients', () => {
    const crashed = applied(ward, [
      eventOf({ log: 'system', type: 'worker', patient: '', device: '', body: { worker: 1, state: 'crashed', detail: 'out of memory' } }),
    ])
    expect(crashed.system).toMatchObject([{ what: 'worker', priority: 'medium' }])
    const blocked = eventOf({
      log: 'system',
      type: 'worker',
      patient: '',
      device: '',
      body: { worker: 1, state: 'blocked', detail: 'disk full' },
    })
    expect(applied(crashed, [blocked]).system).toMatchObject([{ priority: 'high', message: 'worker 1 cannot write: disk full' }])
    expect(crashed.patients.size).toBe(1)
  })

  it('keeps the last cursor of events and heartbeats', () => {
    const selfCheck = { kind: 'self-check', sequence: 4, state: 'ok', detail: '', bytesBehind: 0 } as const
    const beaten = applyMessage(ward, { type: 'heartbeat', cursor: 'c9', now: start, selfCheck })
    expect([ward.cursor, beaten.cursor, beaten.selfCheck?.sequence]).toEqual(['c0', 'c9', 4])
  })
})
