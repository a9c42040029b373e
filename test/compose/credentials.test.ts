import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mosquittoPath } from '../support/mosquitto.js'
import { scratchFolder } from '../support/running-server.js'
import { firstRun, hasOpenssl, startComposedBroker } from './composed-broker.js'

const scratch = scratchFolder('compose')
const secrets = path.join(scratch.path, 'secrets')
const inSecrets = (...parts: string[]) => readFileSync(path.join(secrets, ...parts), 'utf8')

const run = (...args: string[]) => firstRun(secrets, ...args)

afterAll(() => scratch.remove())

describe.skipIf(!hasOpenssl)('the first run of docker compose (openssl)', () => {
  it('makes credentials that only their owner can read, and says the token once', () => {
    const { status, stdout, stderr } = run()
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const token = /VW_HTTP_TOKEN=(\S+)/.exec(inSecrets('engine', 'engine.env'))![1]!
    expect(token.length).toBeGreaterThanOrEqual(32)
    expect(stdout).toContain(token)
    for (const file of ['engine/engine.env', 'engine/server.key', 'mosquitto/passwd', 'influxdb/token', 'grafana/password'])
      expect(statSync(path.join(secrets, file)).mode & 0o077, file).toBe(0)
    expect(inSecrets('mosquitto', 'passwd')).not.toContain(/VW_MQTT_PASSWORD=(\S+)/.exec(inSecrets('engine', 'engine.env'))![1]!)
  })

  it('gives the database, the engine and the dashboards one and the same token', () => {
    const token = /VW_INFLUX_TOKEN=(\S+)/.exec(inSecrets('engine', 'engine.env'))![1]!
    expect([inSecrets('influxdb', 'token'), inSecrets('grafana', 'influx-token')]).toEqual([token, token])
  })

  it('certifies the names of the services and those that were asked for', () => {
    const certificate = path.join(secrets, 'engine', 'server.crt')
    const { stdout } = spawnSync('openssl', ['x509', '-in', certificate, '-noout', '-ext', 'subjectAltName'], { encoding: 'utf8' })
    for (const name of ['DNS:mosquitto', 'DNS:engine', 'DNS:localhost', 'DNS:ward.example', 'IP Address:192.0.2.7'])
      expect(stdout).toContain(name)
  })

  it('changes nothing the second time', () => {
    const before = inSecrets('engine', 'engine.env')
    expect(run().stdout).toContain('there already')
    expect(inSecrets('engine', 'engine.env')).toBe(before)
  })

  it('refuses a device id that is none, is taken, or is the engine', () => {
    expect(run('add-device', 'twice').status).toBe(0)
    for (const id of ['Bed 3', 'vitalwire', 'twice', '']) expect(run('add-device', id), id).toMatchObject({ status: 2 })
    expect(run('remove-all').status).toBe(2)
  })
})

describe.skipIf(mosquittoPath === null || !hasOpenssl)('the composed broker (mosquitto, openssl)', () => {
  const passwords: Record<string, string> = {}
  const clients: MqttClient[] = []
  let port: number
  let broker: Awaited<ReturnType<typeof startComposedBroker>>

  beforeAll(async () => {
    run()
    for (const device of ['bed-1', 'bed-2']) passwords[device] = run('add-device', device).stdout.trim()
    passwords.vitalwire = /VW_MQTT_PASSWORD=(\S+)/.exec(inSecrets('engine', 'engine.env'))![1]!
    broker = await startComposedBroker(scratch.path, secrets)
    port = broker.port
  })

  afterAll(async () => {
    for (const client of clients) await client.endAsync(true)
    await broker?.stop()
  })

  async function signIn(user: string, password = passwords[user]!): Promise<MqttClient> {
    const client = await mqtt.connectAsync(
      `mqtts://localhost:${port}`,
      { username: user, password, ca: inSecrets('engine', 'ca.crt'), protocolVersion: 5, reconnectPeriod: 0 },
      false,
    )
    clients.push(client)
    return client
  }

  it('takes the engine and devices with their passwords, and nobody else', async () => {
    expect((await signIn('vitalwire')).connected).toBe(true)
    await expect(signIn('bed-1', 'not its password')).rejects.toThrow(/[Nn]ot authorized/)
    await expect(signIn('bed-9', '')).rejects.toThrow(/[Nn]ot authorized/)
  })

  it('lets a device publish under its own id and refuses it under another', async () => {
    const engine = await signIn('vitalwire')
    const heard: string[] = []
    engine.on('message', topic => heard.push(topic))
    await engine.subscribeAsync('vw/1/+/+/#', { qos: 1 })
    const device = await signIn('bed-1')
    const own = ['birth', 'state', 'w/ecg', 'n', 'e'].map(end => `vw/1/ward/bed-1/${end}`)
    for (const topic of ['vw/1/ward/bed-2/n', 'vw/1/ward/bed-1/hw', 'vw/1/ward/bed-1/cmd', 'vw/1/ward/bed-1/x', 'else'])
      await expect(device.publishAsync(topic, 'x', { qos: 1 }), topic).rejects.toThrow(/[Nn]ot authorized/)
    for (const topic of own) await device.publishAsync(topic, 'x', { qos: 1 })
    await expect.poll(() => heard.length).toBeGreaterThanOrEqual(own.length)
    expect(heard).toEqual(own)
  })

  it('lets a device read the commands and high-water marks of its own id only', async () => {
    const [engine, device] = [await signIn('vitalwire'), await signIn('bed-1')]
    const heard: string[] = []
    device.on('message', topic => heard.push(topic))
    for (const topic of ['vw/1/ward/bed-1/hw', 'vw/1/ward/bed-1/cmd']) await device.subscribeAsync(topic, { qos: 1 })
    // The broker refuses these at once or never delivers; both keep the promise.
    for (const topic of ['vw/1/ward/bed-2/cmd', 'vw/1/ward/+/hw']) await device.subscribeAsync(topic, { qos: 1 }).catch(() => undefined)
    for (const topic of ['vw/1/ward/bed-2/cmd', 'vw/1/ward/bed-2/hw', 'vw/1/ward/bed-1/cmd', 'vw/1/ward/bed-1/hw'])
      await engine.publishAsync(topic, 'x', { qos: 1 })
    await expect.poll(() => heard.filter(topic => topic.endsWith('/hw')).length).toBeGreaterThan(0)
    expect([...new Set(heard)].sort()).toEqual(['vw/1/ward/bed-1/cmd', 'vw/1/ward/bed-1/hw'])
  })
})
