import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../src/intake/embedded-broker.js'
import type { Incoming } from '../../src/intake/incoming.js'
import { hasOpenssl, makeCertificates } from '../engine/mosquitto.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

async function start(options: Partial<EmbeddedBrokerOptions> = {}) {
  const taken: { message: Incoming; settle: () => void }[] = []
  const broker = await EmbeddedBroker.start({
    host: '127.0.0.1',
    port: 0,
    orNextFree: false,
    passwords: null,
    now: () => 5,
    take: (message, settled) => {
      taken.push({ message, settle: settled })
      if (options.take === undefined) settled()
    },
    ...options,
    ...(options.take === undefined ? {} : { take: options.take }),
  })
  onTestFinished(() => broker.stop())
  return { broker, taken }
}

async function connect(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...options })
  onTestFinished(() => void client.end(true))
  client.on('error', () => {})
  return client
}

describe('embedded broker', () => {
  it('takes what devices say by topic, and nothing else', async () => {
    const { broker, taken } = await start()
    const client = await connect(broker.url)
    await client.publishAsync('vw/1/t/d-1/w/ecg', 'chunk', { qos: 1 })
    await client.publishAsync('vw/1/t/d-1/n', 'pack', { qos: 1 })
    expect(taken.map(({ message }) => ({ ...message, payload: message.payload.toString() }))).toEqual([
      { tenant: 't', device: 'd-1', topic: 'w', stream: 'ecg', payload: 'chunk', at: 5 },
      { tenant: 't', device: 'd-1', topic: 'n', stream: '', payload: 'pack', at: 5 },
    ])
    for (const topic of ['vw/1/t/d-1/hw', 'vw/1/t/d-1/cmd', 'vw/1/t/D/n', 'vw/2/t/d-1/n', 'something/else']) {
      const other = await connect(broker.url)
      const closed = new Promise<void>(resolve => other.once('close', () => resolve()))
      other.publish(topic, 'x', { qos: 1 })
      await closed
    }
    expect(taken).toHaveLength(2)
  })

  it('acknowledges only what is settled, and in order when it is settled out of order', async () => {
    const settles: (() => void)[] = []
    const { broker } = await start({ take: (_message, settled) => settles.push(settled) })
    const client = await connect(broker.url)
    const acknowledged: number[] = []
    const arrived = () => new Promise<void>(resolve => setTimeout(resolve, 20))
    for (let k = 0; k < 5; k++) client.publish('vw/1/t/d-1/n', `${k}`, { qos: 1 }, () => acknowledged.push(k))
    while (settles.length < 5) await arrived()
    settles[4]!()
    settles[1]!()
    await arrived()
    expect(acknowledged).toEqual([])
    settles[0]!()
    while (acknowledged.length < 2) await arrived()
    settles[3]!()
    await arrived()
    expect(acknowledged).toEqual([0, 1])
    settles[2]!()
    while (acknowledged.length < 5) await arrived()
    expect(acknowledged).toEqual([0, 1, 2, 3, 4])
  })

  it('lets a device publish and read only its own topics when passwords are asked for (T3)', async () => {
    const { broker, taken } = await start({ passwords: { 'd-1': 'one', 'd-2': 'two', '*': 'all' } })
    await expect(connect(broker.url)).rejects.toThrow()
    await expect(connect(broker.url, { username: 'd-1', password: 'two' })).rejects.toThrow()
    await expect(connect(broker.url, { username: 'toString', password: 'x' })).rejects.toThrow()
    const own = await connect(broker.url, { username: 'd-1', password: 'one' })
    await own.publishAsync('vw/1/t/d-1/n', 'x', { qos: 1 })
    const grants = await own
      .subscribeAsync(['vw/1/t/d-1/hw', 'vw/1/t/d-1/cmd', 'vw/1/t/d-1/cmd/#', 'vw/1/t/d-2/hw', 'vw/1/#'], { qos: 1 })
      .catch(error => error)
    expect(grants).toBeInstanceOf(Error)
    const closed = new Promise<void>(resolve => own.once('close', () => resolve()))
    own.publish('vw/1/t/d-2/n', 'x', { qos: 1 })
    await closed
    const all = await connect(broker.url, { username: '*', password: 'all' })
    await all.publishAsync('vw/1/t/d-2/n', 'x', { qos: 1 })
    expect(taken.map(({ message }) => message.device)).toEqual(['d-1', 'd-2'])
  })

  it('journals the will of a device that is lost, and keeps births for those who look later', async () => {
    const { broker, taken } = await start()
    const will = { topic: 'vw/1/t/d-1/state', payload: Buffer.from('{"state":"lost","boot":1}'), qos: 1 as const, retain: true }
    const device = await connect(broker.url, { will })
    await device.publishAsync('vw/1/t/d-1/birth', '{}', { qos: 1, retain: true })
    device.stream.destroy()
    while (taken.length < 2) await new Promise(resolve => setTimeout(resolve, 10))
    expect(taken[1]!.message).toMatchObject({ topic: 'state', device: 'd-1' })
    broker.publish('vw/1/t/d-1/hw', Buffer.from('mark'), true)
    const other = await connect(broker.url)
    const heard = new Set<string>()
    other.on('message', topic => heard.add(topic))
    await other.subscribeAsync(['vw/1/+/+/birth', 'vw/1/+/+/hw'], { qos: 1 })
    while (heard.size < 2) await new Promise(resolve => setTimeout(resolve, 10))
    expect([...heard].sort()).toEqual(['vw/1/t/d-1/birth', 'vw/1/t/d-1/hw'])
  })

  it.skipIf(!hasOpenssl)('speaks TLS (with openssl)', async () => {
    const folder = temporaryFolder()
    const ca = makeCertificates(folder)
    const key = readFileSync(join(folder, 'server.key'), 'utf8')
    const cert = readFileSync(join(folder, 'server.crt'), 'utf8')
    const { broker, taken } = await start({ host: 'localhost', key, cert })
    expect(broker.url).toMatch(/^mqtts:/)
    await expect(connect(broker.url)).rejects.toThrow()
    const client = await connect(broker.url, { ca })
    await client.publishAsync('vw/1/t/d-1/n', 'x', { qos: 1 })
    expect(taken).toHaveLength(1)
  })

  it('takes the next free port, or says that the configured one is taken', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    await expect(start({ port })).rejects.toMatchObject({
      code: 'network-port',
      message: `broker.port ${port} on 127.0.0.1 is taken; accepted: a free port, or null for the next free one`,
    })
    const { broker } = await start({ port, orNextFree: true })
    expect(Number(new URL(broker.url).port)).toBeGreaterThan(port)
  })

  it('journals of a payload that no reader takes only the beginning, and retains births and states only', async () => {
    const { broker, taken } = await start()
    const client = await connect(broker.url)
    await client.publishAsync('vw/1/t/d-1/birth', Buffer.alloc(3_000_000, 1), { qos: 1, retain: true })
    await client.publishAsync('vw/1/t/d-2/w/ecg', 'chunk', { qos: 1, retain: true })
    await client.publishAsync('vw/1/t/d-3/birth', '{}', { qos: 1, retain: true })
    expect(taken.map(({ message }) => message.payload.length)).toEqual([524_288, 5, 2])
    const retained: string[] = []
    client.on('message', topic => retained.push(topic))
    await client.subscribeAsync('vw/1/#', { qos: 1 })
    while (retained.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(retained).toEqual(['vw/1/t/d-3/birth'])
  })
})
