import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportAudit } from '../../src/server/audit.js'
import { QualityKeeper } from '../../src/server/quality-keeper.js'
import { QualityEngine } from './quality-engine.js'
import { type Fixture, startFixture, until } from './server-fixture.js'

async function started(): Promise<Fixture & { engine: QualityEngine }> {
  const engine = new QualityEngine()
  return { ...(await startFixture({}, engine)), engine }
}

const post = (app: Fixture['app'], url: string, payload: object) => app.inject({ method: 'POST', url, payload })

async function trail(dir: string): Promise<[string, string, string, string][]> {
  const records: [string, string, string, string][] = []
  for await (const { what, outcome, why, who } of exportAudit(join(dir, 'audit'))) records.push([what, outcome, why, who])
  return records
}

describe('the review queue', () => {
  it('takes an issue from its opening by a rule over assignment to its end, each step audited', async () => {
    const { app, engine, dir } = await started()
    engine.temperature(1, 36.8)
    for (let second = 2; second < 5; second++) engine.temperature(second, 99)
    const [opened] = (await app.inject('/api/v1/issues?state=open')).json().issues
    expect(opened).toMatchObject({
      rule: 'impossible',
      effect: 'refused',
      device: 'monitor-1',
      patient: 'p-1',
      model: 'sim',
      firmware: '1.0',
    })
    expect(opened.evidence).toMatchObject({ stream: 'n', at: [3600e6, 3600e6], t: [1e6, 3e6] })
    const id = encodeURIComponent(opened.issue)
    const assigned = await post(app, `/api/v1/issues/${id}/assign`, { assignee: 'ana', reason: 'her ward' })
    expect(assigned.json()).toMatchObject({ state: 'assigned', assignee: 'ana', reason: 'her ward' })
    engine.temperature(5, 99)
    const resolved = await post(app, `/api/v1/issues/${id}/resolve`, { outcome: 'probe replaced', reason: 'seen at the bed' })
    expect(resolved.json()).toMatchObject({ state: 'resolved', outcome: 'probe replaced', assignee: 'ana', count: 4 })
    expect((await app.inject('/api/v1/issues?state=open')).json().issues).toEqual([])
    expect((await app.inject('/api/v1/issues?state=resolved')).json().issues).toHaveLength(1)
    const again = await post(app, `/api/v1/issues/${id}/resolve`, { outcome: 'twice', reason: 'again' })
    expect([again.statusCode, again.json().error.code]).toEqual([409, 'issue-resolved'])
    expect(await trail(dir)).toEqual([
      ['issue.assign', 'done', 'her ward', expect.any(String)],
      ['issue.resolve', 'done', 'seen at the bed', expect.any(String)],
    ])
  })

  it('takes what a person reports, once for each device and word, and refuses what is not there', async () => {
    const { app } = await started()
    const body = { device: 'monitor-1', rule: 'loose-electrode', stream: 'ecg', from: 1e6, to: 2e6, reason: 'seen' }
    const opened = await post(app, '/api/v1/issues', body)
    expect(opened.statusCode).toBe(201)
    expect(opened.json()).toMatchObject({ effect: 'reported', state: 'open', evidence: { stream: 'ecg', t: [1e6, 2e6] } })
    expect((await post(app, '/api/v1/issues', body)).statusCode).toBe(409)
    expect((await post(app, '/api/v1/issues', { ...body, rule: 'other', to: 0 })).statusCode).toBe(400)
    expect((await post(app, '/api/v1/issues', { ...body, device: 'nobody' })).statusCode).toBe(404)
    expect((await post(app, '/api/v1/issues/9-0-0/assign', { assignee: 'x', reason: 'y' })).statusCode).toBe(404)
  })

  it('is as it was after a restart of the server, and takes no event twice', async () => {
    const { app, engine, dir } = await started()
    engine.temperature(1, 36.8)
    for (let second = 2; second < 5; second++) engine.temperature(second, 99)
    engine.later()
    const before = (await app.inject('/api/v1/issues')).json()
    const devices = (await app.inject('/api/v1/quality/devices')).json()
    expect(devices.devices[0].total.rules).toEqual({ 'refused/impossible': 3 })
    await app.close()
    expect(existsSync(join(dir, 'quality.json'))).toBe(true)
    const keeper = await QualityKeeper.open(join(dir, 'quality.json'), engine)
    expect(JSON.parse(JSON.stringify(keeper.book.issues()))).toEqual(before.issues)
    // The hub begins wherever the store was, which may be before.
    const reader = engine.events(null)
    keeper.take((await reader.next())!)
    expect(JSON.parse(JSON.stringify(keeper.book.devices()))).toEqual(devices.devices)
  })
})

describe('quality by hour, device and rule', () => {
  it('is answered from the store, summed over the reports of an hour', async () => {
    const { app, engine, consumer } = await started()
    for (let second = 1; second < 4; second++) engine.temperature(second, second === 2 ? 5 : 37)
    engine.later()
    engine.temperature(2000, 37)
    engine.later()
    await until(async () => (await app.inject('/api/v1/quality')).json().hours[0]?.values.accepted === 3)
    const { hours } = (await app.inject('/api/v1/quality?device=monitor-1&patient=p-1')).json()
    expect(hours).toHaveLength(1)
    expect(hours[0]).toMatchObject({
      device: 'monitor-1',
      patient: 'p-1',
      hour: 3600e6,
      model: 'sim',
      values: { accepted: 3, refused: 1, flagged: 0 },
      rules: { 'refused/impossible': 1 },
      coverage: null,
    })
    expect((await app.inject('/api/v1/quality?device=other')).json().hours).toEqual([])
    expect(consumer.lag().state).toBe('running')
    expect((await app.inject('/api/v1/quality/rules')).json().rules).toContainEqual(
      expect.objectContaining({ id: 'rate-of-change', effect: 'flagged', reviewAfter: 5 }),
    )
  })
})

describe('corrections by a person', () => {
  it('are made with author and reason, listed, and taken back; each is audited', async () => {
    const { app, engine, dir } = await started()
    const what = { kind: 'unit', name: 'temperature', from: 'Cel', to: 'degF' }
    const made = await post(app, '/api/v1/devices/monitor-1/corrections', { what, reason: 'manual says so' })
    expect(made.statusCode).toBe(201)
    expect(made.json()).toMatchObject({ what, method: 'manual', reason: 'manual says so', state: 'made' })
    engine.temperature(1, 98.6)
    expect((await post(app, '/api/v1/devices/monitor-1/corrections', { what, reason: 'again' })).statusCode).toBe(409)
    const undo = `/api/v1/corrections/${encodeURIComponent(made.json().id)}/undo`
    expect((await post(app, undo, { device: 'monitor-1', reason: 'new firmware' })).json()).toMatchObject({ state: 'undone' })
    expect((await post(app, undo, { device: 'monitor-1', reason: 'twice' })).statusCode).toBe(404)
    const { corrections } = (await app.inject('/api/v1/corrections?device=monitor-1')).json()
    expect(corrections.map((step: { state: string; reason: string }) => [step.state, step.reason])).toEqual([
      ['made', 'manual says so'],
      ['undone', 'new firmware'],
    ])
    expect((await trail(dir)).map(([step, outcome]) => [step, outcome])).toEqual([
      ['correction.make', 'done'],
      ['correction.make', 'refused'],
      ['correction.undo', 'done'],
      ['correction.undo', 'refused'],
    ])
  })

  it.each([
    [{ kind: 'unit', name: 'happiness', from: 'Cel', to: 'degF' }],
    [{ kind: 'unit', name: 'temperature', from: 'Cel', to: 'mmHg' }],
    [{ kind: 'unit', name: 'temperature', from: 'Cel', to: 'Cel' }],
    [{ kind: 'invert', stream: 'ecg', channel: 'V9' }],
    [{ kind: 'clock' }],
  ])('refuses %j', async what => {
    const { app } = await started()
    expect((await post(app, '/api/v1/devices/monitor-1/corrections', { what, reason: 'r' })).statusCode).toBe(400)
  })
})
