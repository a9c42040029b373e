import { join } from 'node:path'
import mqtt from 'mqtt'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Engine, OutsideBrokerConfig } from '../../src/engine/engine-types.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { ensureBuilt } from './built.js'
import { patients, readLog, replay, startBuilt, until } from './engine-run.js'
import { hasOpenssl, Mosquitto, mosquittoPath } from './mosquitto.js'

const scenarios = ['stable', 'asystole', 'desaturation'] as const
const seconds = 60

/** Lets the engine meet the devices before they send: it answers each birth with `hw` once it is subscribed. */
async function introduce(address: mqtt.IClientOptions & { url: string }, boot = 1): Promise<void> {
  const client = await mqtt.connectAsync(address.url, address)
  for (const played of patients(scenarios, seconds, boot)) {
    const heard = new Promise<void>(resolve => {
      client.on('message', topic => {
        if (topic === `vw/1/default/${played.device}/hw`) resolve()
      })
    })
    await client.subscribeAsync(`vw/1/default/${played.device}/hw`, { qos: 1 })
    const birth = Buffer.from(played.lives(0)[0]!.virtual.birth())
    await client.publishAsync(`vw/1/default/${played.device}/birth`, birth, { qos: 1, retain: true })
    await heard
  }
  await client.endAsync()
}

async function embeddedHashes(): Promise<(string | null)[]> {
  const engine = await startBuilt({ dataDir: temporaryFolder(), workers: 1 })
  const results = await replay(engine.mqttUrl, scenarios, seconds)
  await engine.stop()
  return results.map(result => result.eventHash)
}

async function start(dataDir: string, workers: number, broker: Omit<OutsideBrokerConfig, 'kind'>): Promise<Engine> {
  const engine = await startBuilt({ dataDir, workers, broker: { kind: 'outside', ...broker } })
  onTestFinished(() => engine.stop())
  return engine
}

describe.skipIf(mosquittoPath === null)('engine behind Mosquitto (Debian package mosquitto)', { timeout: 300_000 }, () => {
  beforeAll(() => ensureBuilt(), 180_000)

  it('gives the same hashes as with its own broker, for one worker and for three', async () => {
    const expected = await embeddedHashes()
    for (const workers of [1, 3]) {
      const broker = await Mosquitto.make(join(temporaryFolder(), 'broker'))
      await broker.start()
      onTestFinished(() => broker.stop())
      const engine = await start(temporaryFolder(), workers, { url: broker.url })
      await introduce({ url: broker.url })
      const results = await replay(broker.url, scenarios, seconds)
      expect(results.map(result => result.eventHash)).toEqual(expected)
      expect((await engine.ledger()).lost).toBe(0)
      await engine.stop()
      await broker.stop()
    }
  })

  it.skipIf(!hasOpenssl)('speaks TLS (with openssl), checks the certificate, and signs in', async () => {
    const secret = { user: 'engine', password: 's3cret' }
    const broker = await Mosquitto.make(join(temporaryFolder(), 'broker'), { tls: true, ...secret })
    await broker.start()
    onTestFinished(() => broker.stop())
    const ca = broker.ca!
    await expect(start(temporaryFolder(), 1, { url: broker.url, ca, ...secret, password: 'wrong' })).rejects.toMatchObject({
      code: 'network-broker',
    })
    const engine = await start(temporaryFolder(), 2, { url: broker.url, ca, ...secret })
    const signed = { username: secret.user, password: secret.password, ca }
    await introduce({ url: broker.url, ...signed })
    const results = await replay(broker.url, scenarios, seconds, 1, signed)
    expect(results.map(result => result.outcome)).toEqual(['closed', 'closed', 'closed'])
    await engine.stop()
    await broker.stop()
  })

  it('comes back by itself after the broker was away, and then loses nothing', async () => {
    const expected = await embeddedHashes()
    const broker = await Mosquitto.make(join(temporaryFolder(), 'broker'))
    await broker.start()
    onTestFinished(() => broker.stop())
    const engine = await start(temporaryFolder(), 2, { url: broker.url })
    await introduce({ url: broker.url })
    let sent = 0
    const played = replay(broker.url, scenarios, seconds, 1, {
      speed: 20,
      onProgress: (progress: { sentSeconds: number }) => {
        sent = Math.max(sent, progress.sentSeconds)
      },
    })
    await until('second 15', () => sent > 15)
    await broker.stop()
    await until('the loss to be seen', () => !engine.lag().brokerConnected)
    await broker.start()
    expect((await played).map(result => result.eventHash)).toEqual(expected)
    expect(engine.lag().brokerConnected).toBe(true)
    await engine.stop()
    await broker.stop()
  })

  it('takes what the broker kept for workers that there are no more', async () => {
    const expected = await embeddedHashes()
    const broker = await Mosquitto.make(join(temporaryFolder(), 'broker'))
    await broker.start()
    onTestFinished(() => broker.stop())
    const dataDir = temporaryFolder()
    const three = await start(dataDir, 3, { url: broker.url })
    await introduce({ url: broker.url })
    await three.stop()
    // Nobody is there; the broker keeps what it acknowledges in the sessions of the three.
    const played = replay(broker.url, scenarios, seconds)
    await new Promise(resolve => setTimeout(resolve, 1000))
    const one = await start(dataDir, 1, { url: broker.url })
    expect((await played).map(result => result.eventHash)).toEqual(expected)
    const { events } = await readLog(one)
    expect(events.filter(event => event.type === 'lost')).toEqual([])
    await one.stop()
    await broker.stop()
  })

  it('says in one line that there is no broker', async () => {
    await expect(start(temporaryFolder(), 1, { url: 'mqtt://127.0.0.1:1' })).rejects.toMatchObject({ code: 'network-broker' })
  })
})
