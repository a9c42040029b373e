import { expect, it } from 'vitest'
import { exportAudit, verifyAudit } from '../../src/server/audit.js'
import { begin, condition, measurement, score, segment } from '../store/synthetic-events.js'
import { type Fixture, startFixture, until } from './server-fixture.js'

async function filled(): Promise<Fixture> {
  const fixture = await startFixture()
  const { engine, consumer } = fixture
  engine.log.append(measurement('heart-rate', 0, 70), measurement('heart-rate', 5, 74), measurement('spo2', 5, 97), score(6, 2))
  engine.log.append(condition('absent', 'active', 7, 'a-1', 1))
  engine.log.appendSegment(segment(0))
  await until(() => consumer.lag().written === 6)
  await until(async () => (await fixture.app.inject('/api/v1/patients')).json().patients[0]?.alerts.length === 1)
  return fixture
}

it('says how it is, in the shape that checks read', async () => {
  const { app } = await filled()
  const answer = await app.inject('/api/v1/health')
  expect(answer.statusCode).toBe(200)
  const health = answer.json()
  expect(health).toMatchObject({
    status: 'ok',
    version: '0.1.0',
    kernel: 'reference',
    store: 'embedded',
    devices: 1,
    patients: 1,
    partitions: 64,
  })
  expect(health.ledger).toEqual({
    offered: 1000,
    stored: 970,
    late: 10,
    duplicate: 5,
    rejected: 0,
    held: 5,
    lost: 10,
    invalid: 2,
    messages: { received: 12, accepted: 10, duplicate: 1, refused: { crc: 1 } },
  })
  expect(health.lag).toMatchObject({ journalMs: 3, events: 0, stores: { embedded: { state: 'running', bytesBehind: 0, written: 6 } } })
  expect(health.uptimeSeconds).toBeGreaterThan(500)
})

it('is degraded, and says why, while a worker is down or nothing can be written', async () => {
  const { app, engine } = await startFixture()
  engine.lagNow = {
    ...engine.lagNow,
    workers: [{ worker: 0, state: 'restoring', restarts: 1 }],
    blocked: [{ worker: 1, reason: 'disk full' }],
    failing: [{ what: 'snapshots of worker 1', reason: 'read-only' }],
  }
  const health = (await app.inject('/api/v1/health')).json()
  expect(health.status).toBe('degraded')
  expect(health.troubles).toEqual([
    'worker 1 cannot write: disk full',
    'snapshots of worker 1 cannot be written: read-only',
    'worker 0 is restoring',
  ])
})

it('shows patients as they are now', async () => {
  const { app } = await filled()
  const { patients } = (await app.inject('/api/v1/patients')).json()
  expect(patients).toHaveLength(1)
  expect(patients[0]).toMatchObject({ id: 'p-1', news2: { total: 2, complete: true }, t: begin + 7e6 })
  expect(patients[0].devices).toMatchObject([{ id: 'monitor-1', boot: 3, streams: [{ id: 'ecg', fs: [250, 1], closed: false, lost: 0 }] }])
  expect(
    patients[0].vitals.map((vital: { name: string; value: number; stale: boolean }) => [vital.name, vital.value, vital.stale]),
  ).toEqual([
    ['heart-rate', 74, true],
    ['spo2', 97, true],
  ])
  expect(patients[0].alerts).toMatchObject([{ id: 'a-1', state: 'active', revision: 1 }])
  expect((await app.inject('/api/v1/patients/p-1')).json().id).toBe('p-1')
  expect((await app.inject('/api/v1/patients/p-2')).statusCode).toBe(404)
})

it('answers vital signs by range, names and step', async () => {
  const { app } = await filled()
  const url = `/api/v1/patients/p-1/vitals?names=heart-rate&from=${begin}&to=${begin + 5e6}`
  const points = (await app.inject(url)).json().series
  expect(points).toMatchObject([{ name: 'heart-rate', unit: '/min', points: [{ t: begin, value: 70, status: 'valid', stream: 'ecg' }] }])
  const buckets = (await app.inject('/api/v1/patients/p-1/vitals?names=heart-rate&step=10')).json().series
  expect(buckets).toMatchObject([{ name: 'heart-rate', buckets: [{ t: begin, count: 2, min: 70, mean: 72, max: 74 }] }])
})

it.each([
  ['/api/v1/patients/p-1/vitals?names=blood', 'no vital sign'],
  ['/api/v1/patients/p-1/vitals?from=yesterday', 'from'],
  ['/api/v1/patients/p-1/vitals?step=0', 'no length of time'],
  ['/api/v1/patients/p-1/vitals?colour=red', 'additional properties'],
  ['/api/v1/patients/p-1/vitals?from=20&to=10', 'from is after to'],
  ['/api/v1/patients/p-1/waveform?stream=ecg&from=0&to=7200000000', 'too long'],
  ['/api/v1/patients/p-1/waveform?from=0&to=1', 'stream'],
])('refuses %s with what is accepted', async (url, says) => {
  const { app } = await filled()
  const answer = await app.inject(url)
  expect(answer.statusCode).toBe(400)
  expect(answer.json().error).toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining(says),
    accepted: expect.stringMatching(/./),
  })
})

it('says of an unknown patient and path that they are not there', async () => {
  const { app } = await filled()
  for (const path of ['vitals', 'alerts', 'scores', 'waveform?stream=ecg&from=0&to=1']) {
    const answer = await app.inject(`/api/v1/patients/nobody/${path}`)
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'no-such-patient'])
  }
  expect((await app.inject('/api/v1/nothing')).json().error.code).toBe('not-found')
})

it('answers alerts, scores, waveforms and sessions', async () => {
  const { app } = await filled()
  const { alerts } = (await app.inject('/api/v1/patients/p-1/alerts?open=true')).json()
  expect(alerts).toMatchObject([
    { id: 'a-1', condition: 'heart-rate-high', onset: begin + 7e6, evidence: { from: { stream: 'ecg', index: 250 } } },
  ])
  expect(alerts[0].event).toBeUndefined()
  expect((await app.inject('/api/v1/patients/p-1/scores')).json().scores).toMatchObject([{ score: 'news2', total: 2 }])
  const wave = (await app.inject(`/api/v1/patients/p-1/waveform?stream=ecg&from=${begin}&to=${begin + 1e6}`)).json()
  expect(wave.stretches).toEqual([{ boot: 3, channel: 'II', unit: 'mV', fs: [250, 1], start: 0, t: begin, values: [0.5, null, -0.25] }])
  const { sessions } = (await app.inject('/api/v1/sessions')).json()
  expect(sessions).toMatchObject([{ session: 's-1', patient: 'p-1', eventHash: 'ab12', eventCount: 101, state: 'closed' }])
})

it('gives a device to a patient, changes attributes and limits, and writes one audit record for each', async () => {
  const { app, engine, dir } = await filled()
  const headers = { 'x-vitalwire-user': 'dr.jones' }
  const assignment = await app.inject({
    method: 'POST',
    url: '/api/v1/assignments',
    headers,
    payload: { device: 'watch-2', patient: 'p-2', reason: 'admitted' },
  })
  expect([assignment.statusCode, assignment.json()]).toEqual([
    201,
    expect.objectContaining({ device: 'watch-2', patient: 'p-2', author: 'dr.jones', to: null }),
  ])
  const attributes = { ageYears: 71, pregnant: false, spo2Scale: 2, limitProfile: 'adult', conditions: ['copd'] }
  const put = await app.inject({
    method: 'PUT',
    url: '/api/v1/patients/p-1/attributes',
    headers,
    payload: { ...attributes, reason: 'COPD' },
  })
  expect(put.statusCode).toBe(200)
  const limits = await app.inject({
    method: 'PUT',
    url: '/api/v1/limits',
    payload: { rules: { 'heart-rate-high': { limit: 140 } }, reason: 'study' },
  })
  expect([limits.statusCode, limits.json().rules['heart-rate-high'].limit]).toEqual([200, 140])
  expect(engine.calls.map(call => call.what)).toEqual(['assign', 'setAttributes', 'setLimits'])
  expect(engine.calls[1]?.request).toEqual({ patient: 'p-1', attributes, author: 'dr.jones', reason: 'COPD' })
  const records = []
  for await (const record of exportAudit(`${dir}/audit`)) records.push(record)
  expect(records.map(({ who, what, subject, why, outcome, verified }) => [who, what, subject, why, outcome, verified])).toEqual([
    ['dr.jones', 'assignment.set', 'watch-2', 'admitted', 'done', false],
    ['dr.jones', 'patient.attributes', 'p-1', 'COPD', 'done', false],
    ['local', 'limits.set', 'all', 'study', 'done', false],
  ])
  expect(records[1]).toMatchObject({ old: null, new: attributes, from: '127.0.0.1' })
  expect(await verifyAudit(`${dir}/audit`)).toMatchObject({ ok: true, records: 3 })
})

it.each([
  ['POST', '/api/v1/assignments', { device: 'Watch 2', patient: 'p-2', reason: 'x' }],
  ['POST', '/api/v1/assignments', { device: 'watch-2', patient: 'p-2' }],
  ['POST', '/api/v1/assignments', { device: 'watch-2', patient: 'p-2', reason: 'x', from: 5, to: 5 }],
  ['PUT', '/api/v1/patients/p-1/attributes', { ageYears: '71', pregnant: false, spo2Scale: 1, limitProfile: 'adult', reason: 'x' }],
  [
    'PUT',
    '/api/v1/patients/p-1/attributes',
    { ageYears: 71, pregnant: false, spo2Scale: 1, limitProfile: 'adult', conditions: ['asthma'], reason: 'x' },
  ],
  ['PUT', '/api/v1/patients/p-1/attributes', { ageYears: 71, pregnant: false, spo2Scale: 3, limitProfile: 'adult', reason: 'x' }],
  ['PUT', '/api/v1/limits', { rules: { 'no-such-rule': { limit: 1 } }, reason: 'x' }],
  ['POST', '/api/v1/alerts/a-1/acknowledge', { expectedRevision: 'one' }],
] as const)('%s %s with a bad body changes nothing and leaves no audit record', async (method, url, payload) => {
  const { app, engine, dir } = await filled()
  const answer = await app.inject({ method, url, payload })
  expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'bad-request'])
  expect(engine.calls).toEqual([])
  expect(await verifyAudit(`${dir}/audit`)).toMatchObject({ ok: true, records: 0 })
})

it('lets one of two acknowledgements at once win, and tells the other the current revision', async () => {
  const { app, dir } = await filled()
  const acknowledge = (user: string) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/alerts/a-1/acknowledge',
      headers: { 'x-vitalwire-user': user },
      payload: { expectedRevision: 1, note: `seen by ${user}` },
    })
  const answers = await Promise.all([acknowledge('anna'), acknowledge('bert')])
  const won = answers.find(answer => answer.statusCode === 200)
  const lost = answers.find(answer => answer.statusCode === 409)
  expect(won?.json()).toMatchObject({ alert: 'a-1', revision: 2, acknowledged: { by: expect.stringMatching(/anna|bert/) } })
  expect(lost?.json()).toMatchObject({ revision: 2, error: { code: 'revision-moved', accepted: expect.stringContaining('2') } })
  const winner = won?.json().acknowledged.by
  await until(async () => (await app.inject('/api/v1/patients/p-1/alerts')).json().alerts[0].acknowledged?.by === winner)
  const outcomes = []
  for await (const record of exportAudit(`${dir}/audit`)) outcomes.push([record.who === winner, record.what, record.outcome])
  expect(outcomes.sort()).toEqual([
    [false, 'alert.acknowledge', 'refused'],
    [true, 'alert.acknowledge', 'done'],
  ])
  expect((await app.inject({ method: 'POST', url: '/api/v1/alerts/a-77/acknowledge', payload: { expectedRevision: 1 } })).statusCode).toBe(
    404,
  )
})

it('describes its routes in OpenAPI and its counters for Prometheus', async () => {
  const { app } = await filled()
  const api = (await app.inject('/api/v1/openapi.json')).json()
  expect(api.openapi).toBe('3.1.0')
  expect(Object.keys(api.paths).sort()).toEqual([
    '/api/v1/alerts/{id}/acknowledge',
    '/api/v1/assignments',
    '/api/v1/corrections',
    '/api/v1/corrections/{id}/undo',
    '/api/v1/devices/{id}/corrections',
    '/api/v1/health',
    '/api/v1/issues',
    '/api/v1/issues/{id}/assign',
    '/api/v1/issues/{id}/resolve',
    '/api/v1/limits',
    '/api/v1/patients',
    '/api/v1/patients/{id}',
    '/api/v1/patients/{id}/alerts',
    '/api/v1/patients/{id}/attributes',
    '/api/v1/patients/{id}/scores',
    '/api/v1/patients/{id}/vitals',
    '/api/v1/patients/{id}/waveform',
    '/api/v1/quality',
    '/api/v1/quality/devices',
    '/api/v1/quality/models',
    '/api/v1/quality/rules',
    '/api/v1/reconciliation',
    '/api/v1/sessions',
  ])
  const metrics = (await app.inject('/metrics')).body
  expect(metrics).toContain('intake_ledger_samples_total{state="stored"} 970')
  expect(metrics).toContain('intake_messages_total{state="refused",reason="crc"} 1')
  expect(metrics).toContain('store_points_total{store="embedded",state="written"} 6')
  expect((await app.inject('/metrics')).body).toContain('intake_ledger_samples_total{state="stored"} 970')
})

it('answers health although the requests of the address are used up', async () => {
  const { app } = await startFixture({ requestsPerMinute: 3 })
  const codes: number[] = []
  for (let k = 0; k < 5; k++) codes.push((await app.inject('/api/v1/patients')).statusCode)
  expect(codes).toEqual([200, 200, 200, 429, 429])
  expect((await app.inject('/api/v1/health')).statusCode).toBe(200)
})
