import { expect, it } from 'vitest'
import { feedClose } from '../../src/server/feed-protocol.js'
import { begin, condition, measurement, systemEvent } from '../store/synthetic-events.js'
import { FeedConnection } from './feed-connection.js'
import { freshDir, startFixture, until } from './server-fixture.js'
import { SyntheticEngine } from './synthetic-engine.js'

const beat = (i: number) => measurement('heart-rate', i, 60 + (i % 40), { at: Date.now() * 1000 })
const wave = (points: number, patient = 'p-1') => ({
  patient,
  device: 'monitor-1',
  stream: 'ecg',
  channel: 'II',
  unit: 'mV',
  t: begin,
  stepMicros: 8000,
  values: new Float32Array(points).fill(0.5),
})

it('says hello, then the snapshot, then events in order, each once', async () => {
  const { app, engine } = await startFixture()
  engine.log.append(measurement('heart-rate', 0, 70), condition('absent', 'active', 1, 'a-1', 1))
  const client = await FeedConnection.open(app)
  await until(() => client.messages.length > 0)
  expect(client.messages[0]).toEqual({
    type: 'hello',
    version: '0.1.0',
    protocol: 1,
    notice: 'Not a medical device; research and engineering use',
    epoch: 'epoch-1',
  })
  await until(async () => (await app.inject('/api/v1/patients')).json().patients[0]?.alerts.length === 1)
  client.subscribe('snapshot')
  await until(() => client.of('snapshot').length === 1)
  const snapshot = client.of('snapshot')[0]!
  expect(snapshot.patients).toMatchObject([
    { id: 'p-1', vitals: [{ name: 'heart-rate', value: 70 }], alerts: [{ id: 'a-1', state: 'active' }] },
  ])
  const sent = Array.from({ length: 500 }, (_, i) => beat(i))
  for (const event of sent) engine.log.append(event)
  const cleared = condition('active', 'absent', 9, 'a-1', 2)
  engine.log.append(cleared)
  await until(() => client.events().length >= 501)
  expect(client.events().map(event => event.id)).toEqual([...sent.map(event => event.id), cleared.id])
  expect(client.events()[0]).toMatchObject({ ageMs: expect.any(Number), delayed: false, body: { value: 60 } })
  expect(client.events().at(-1)).toMatchObject({ delayed: true, alert: { id: 'a-1', state: 'absent', revision: 2 } })
})

it('gives a client that comes back with its cursor exactly what it missed, however the cut falls', async () => {
  const { app, engine } = await startFixture()
  const sent: string[] = []
  let stop = false
  // Events go on all the while, so that every reconnection meets a moving log.
  const writing = (async () => {
    for (let i = 0; !stop; i++) {
      const events = Array.from({ length: 1 + (i % 5) }, (_, j) =>
        measurement('heart-rate', i, 60, { partition: j % 3, id: `${j % 3}-${i}-${j}`, at: Date.now() * 1000 }),
      )
      sent.push(...events.map(event => event.id))
      engine.log.append(...events)
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  })()
  const received: string[] = []
  let client = await FeedConnection.open(app)
  client.subscribe('snapshot')
  await until(() => client.of('snapshot').length === 1)
  const first = sent.length
  for (let cut = 0; cut < 12; cut++) {
    await until(() => client.events().length > 20)
    client.socket.terminate()
    await until(() => client.closed !== null)
    received.push(...client.events().map(event => event.id))
    const cursor = client.of('events').at(-1)!.cursor
    await new Promise(resolve => setTimeout(resolve, cut * 3))
    client = await FeedConnection.open(app)
    client.subscribe(cursor)
  }
  stop = true
  await writing
  await until(() => received.length + client.events().length >= sent.length - first)
  await new Promise(resolve => setTimeout(resolve, 50))
  received.push(...client.events().map(event => event.id))
  expect(client.of('snapshot')).toEqual([])
  const expected = sent.slice(sent.indexOf(received[0]!))
  for (const partition of ['0-', '1-', '2-']) {
    const own = (ids: string[]) => ids.filter(id => id.startsWith(partition))
    expect(own(received)).toEqual(own(expected))
  }
  expect(received.length).toBeGreaterThan(240)
})

it('resumes after a restart of the server, with ages, marked delayed', async () => {
  const engine = new SyntheticEngine()
  const dir = freshDir()
  const before = await startFixture({}, engine, dir)
  const first = await FeedConnection.open(before.app)
  first.subscribe('snapshot')
  await until(() => first.of('snapshot').length === 1)
  engine.log.append(beat(0))
  await until(() => first.events().length === 1)
  const cursor = first.cursor()
  await before.app.close()
  await until(() => first.closed !== null)
  expect(first.closed).toMatchObject({ code: feedClose.goingAway, reason: expect.stringContaining('cursor') })
  await before.consumer.stop()
  await before.store.close()
  const missed = measurement('heart-rate', 1, 71, { at: (Date.now() - 60_000) * 1000 })
  engine.log.append(
    missed,
    condition('absent', 'active', 2, 'a-5', 1, { at: Date.now() * 1000, note: { alert: 'a-5', revision: 1, delayed: true } }),
  )
  const after = await startFixture({}, engine, freshDir())
  const refused = await FeedConnection.open(after.app)
  refused.subscribe(cursor)
  await until(() => refused.closed !== null)
  expect(refused.closed?.code).toBe(feedClose.cursorRefused)
  await after.app.close()
  const again = await startFixture({}, engine, dir)
  const second = await FeedConnection.open(again.app)
  second.subscribe(cursor)
  await until(() => second.events().length === 2)
  expect(second.events().map(event => [event.id, event.delayed])).toEqual([
    [missed.id, true],
    [expect.any(String), true],
  ])
  expect(second.events()[0]!.ageMs).toBeGreaterThanOrEqual(60_000)
  expect(second.events()[1]!.ageMs).toBeLessThan(10_000)
})

it('refuses cursors that are made up, changed or of another log', async () => {
  const { app, engine } = await startFixture()
  const client = await FeedConnection.open(app)
  client.subscribe('snapshot')
  await until(() => client.of('snapshot').length === 1)
  const cursor = client.cursor()
  const [payload, signature] = cursor.split('.') as [string, string]
  const forged = Buffer.from(JSON.stringify([1, engine.epoch, '99'])).toString('base64url')
  for (const bad of ['x', 'a.b.c', `${forged}.${signature}`, `${payload}.AAAA`, `${payload}.`]) {
    const other = await FeedConnection.open(app)
    other.subscribe(bad)
    await until(() => other.closed !== null)
    expect([bad, other.closed?.code]).toEqual([bad, feedClose.cursorRefused])
    expect(other.of('error')[0]?.error).toMatchObject({ code: 'cursor-refused', accepted: 'snapshot' })
  }
})

it('sends only the patients and types that were asked for', async () => {
  const { app, engine } = await startFixture()
  const client = await FeedConnection.open(app)
  client.subscribe('snapshot', { patients: ['p-2'], types: ['condition', 'worker'] })
  await until(() => client.of('snapshot').length === 1)
  engine.log.append(condition('absent', 'active', 1, 'a-1', 1), measurement('spo2', 1, 97, { patient: 'p-2' }))
  const wanted = condition('absent', 'active', 1, 'a-2', 1, { patient: 'p-2' })
  const worker = systemEvent('worker', 2, { worker: 0, state: 'crashed', detail: 'x' }, { patient: '', device: '' })
  engine.log.append(wanted, worker)
  await until(() => client.events().length === 2)
  await new Promise(resolve => setTimeout(resolve, 30))
  expect(client.events().map(event => event.id)).toEqual([wanted.id, worker.id])
})

it('beats with a self-check that counts up, is no event, and tells when the engine is not well', async () => {
  const { app, engine } = await startFixture()
  const client = await FeedConnection.open(app)
  client.subscribe('snapshot')
  await until(() => client.of('heartbeat').length >= 2)
  const [first, second] = client.of('heartbeat')
  expect(first).toMatchObject({ cursor: expect.any(String), selfCheck: { kind: 'self-check', state: 'ok', detail: '' } })
  expect(second!.selfCheck.sequence).toBe(first!.selfCheck.sequence + 1)
  engine.lagNow = { ...engine.lagNow, brokerConnected: false }
  await until(() => client.of('heartbeat').at(-1)?.selfCheck.state === 'degraded')
  expect(client.of('heartbeat').at(-1)?.selfCheck.detail).toContain('broker')
  expect(client.events()).toEqual([])
})

it('leaves out waveforms for a client that does not read, says how many, and keeps every event', async () => {
  const { app, engine } = await startFixture({ feedBounds: { wavesBytes: 200_000, eventsBytes: 1e9 } })
  const [slow, quick] = [await FeedConnection.open(app), await FeedConnection.open(app)]
  for (const client of [slow, quick]) {
    client.subscribe('snapshot', { waves: true })
    await until(() => client.of('snapshot').length === 1)
  }
  slow.socket.pause()
  const frames = 400
  for (let i = 0; i < frames; i++) {
    engine.sendWaves([wave(20_000)])
    engine.log.append(beat(i))
    if (i % 10 === 0) await until(() => quick.waves.length === i + 1)
  }
  await until(() => quick.events().length === frames)
  expect(quick.waves).toHaveLength(frames)
  expect(quick.of('waves-dropped')).toEqual([])
  slow.socket.resume()
  await until(() => slow.events().length === frames)
  await until(() => slow.of('waves-dropped').length > 0)
  const dropped = () => slow.of('waves-dropped').reduce((sum, message) => sum + message.count, 0)
  await until(() => slow.waves.length + dropped() === frames)
  expect(dropped()).toBeGreaterThan(0)
  expect(slow.of('waves-dropped').at(-1)?.total).toBe(dropped())
  expect(slow.closed).toBeNull()
})

it('closes a client that falls too far behind with a reason, and it resumes without loss', async () => {
  const { app, engine } = await startFixture({ feedBounds: { eventsBytes: 300_000 } })
  const slow = await FeedConnection.open(app)
  slow.subscribe('snapshot')
  await until(() => slow.of('snapshot').length === 1)
  slow.socket.pause()
  const sent: string[] = []
  for (let round = 0; round < 60; round++) {
    const events = Array.from({ length: 500 }, (_, i) => beat(i))
    sent.push(...events.map(event => event.id))
    engine.log.append(...events)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  slow.socket.resume()
  await until(() => slow.closed !== null)
  expect(slow.closed).toMatchObject({ code: feedClose.tooSlow, reason: expect.stringContaining('too slow') })
  const had = slow.events().map(event => event.id)
  expect(had.length).toBeLessThan(sent.length)
  const again = await FeedConnection.open(app)
  again.subscribe(slow.cursor())
  await until(() => had.length + again.events().length >= sent.length)
  expect([...had, ...again.events().map(event => event.id)]).toEqual(sent)
})

it('carries waveforms bit for bit, only to those who asked for them', async () => {
  const { app, engine } = await startFixture()
  const [all, one, none] = [await FeedConnection.open(app), await FeedConnection.open(app), await FeedConnection.open(app)]
  all.subscribe('snapshot', { waves: true })
  one.subscribe('snapshot', { waves: ['p-2'] })
  none.subscribe('snapshot')
  await until(() => [all, one, none].every(client => client.of('snapshot').length === 1))
  const odd = { ...wave(0), patient: 'pätient', channel: 'MLII', values: Float32Array.of(0.1, Number.NaN, -3e38, 0) }
  engine.sendWaves([odd, wave(3, 'p-2')])
  await until(() => all.waves.length === 2 && one.waves.length === 1)
  expect(all.waves[0]).toEqual(odd)
  expect(one.waves[0]?.patient).toBe('p-2')
  expect(none.waves).toEqual([])
})

it.each([
  ['no JSON', 'hello'],
  ['another message', '{"type":"ping"}'],
  ['an unknown field', '{"type":"subscribe","from":"snapshot","patients":"all","waves":true,"colour":"red"}'],
  ['a field of another type', '{"type":"subscribe","from":"snapshot","patients":"some","waves":true}'],
])('closes a client that begins with %s', async (_, text) => {
  const { app } = await startFixture()
  const client = await FeedConnection.open(app)
  client.socket.send(text)
  await until(() => client.closed !== null)
  expect(client.closed?.code).toBe(feedClose.badSubscribe)
  expect(client.of('error')[0]?.error).toMatchObject({ code: 'bad-subscribe', accepted: expect.stringContaining('snapshot') })
})

it('closes a client that never subscribes', async () => {
  const { app } = await startFixture({ feedBounds: { subscribeMs: 20 } })
  const client = await FeedConnection.open(app)
  await until(() => client.closed !== null)
  expect(client.closed?.code).toBe(feedClose.badSubscribe)
})

it('opens the socket only with the token, in a header or a subprotocol, and never to pages of other sites', async () => {
  const token = 'a-token-of-enough-length'
  const { app } = await startFixture({ tokens: [{ name: 'ward', token }] })
  await expect(FeedConnection.open(app)).rejects.toThrow('401')
  await expect(FeedConnection.open(app, { protocols: ['vitalwire', 'bearer.wrong'] })).rejects.toThrow('401')
  await expect(FeedConnection.open(app, { headers: { authorization: `Bearer ${token}`, origin: 'http://evil.example' } })).rejects.toThrow(
    '403',
  )
  const byHeader = await FeedConnection.open(app, { headers: { authorization: `Bearer ${token}` } })
  const byProtocol = await FeedConnection.open(app, { protocols: ['vitalwire', `bearer.${token}`] })
  expect(byProtocol.socket.protocol).toBe('vitalwire')
  for (const client of [byHeader, byProtocol]) {
    client.subscribe('snapshot')
    await until(() => client.of('snapshot').length === 1)
  }
})

it('ends within seconds although a client that reads nothing never answers the close', async () => {
  const { app } = await startFixture()
  const client = await FeedConnection.open(app)
  client.subscribe('snapshot')
  await until(() => client.of('snapshot').length === 1)
  client.socket.pause()
  const begun = performance.now()
  await app.close()
  expect(performance.now() - begun).toBeLessThan(10_000)
}, 60_000)
