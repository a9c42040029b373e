import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import path from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mosquittoPath } from '../support/mosquitto.js'
import { freePort, repository, scratchFolder } from '../support/running-server.js'

const openssl = spawnSync('openssl', ['version']).status === 0
const scratch = scratchFolder('compose')
const secrets = path.join(scratch.path, 'secrets')
const inSecrets = (...parts: string[]) => readFileSync(path.join(secrets, ...parts), 'utf8')

function firstRun(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [path.join(repository, 'docker', 'first-run.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, VITALWIRE_SECRETS: secrets, VITALWIRE_SECRETS_OWN: '0', VITALWIRE_HOST_NAMES: 'ward.example,192.0.2.7' },
  })
}

afterAll(() => scratch.remove())

describe.skipIf(!openssl)('the first run of docker compose (openssl)', () => {
  it('makes credentials that only their owner can read, and says the token once', () => {
    const { status, stdout, stderr } = firstRun()
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
    expect(firstRun().stdout).toContain('there already')
    expect(inSecrets('engine', 'engine.env')).toBe(before)
  })

  it('refuses a device id that is none, is taken, or is the engine', () => {
    expect(firstRun('add-device', 'twice').status).toBe(0)
    for (const id of ['Bed 3', 'vitalwire', 'twice', '']) expect(firstRun('add-device', id), id).toMatchObject({ status: 2 })
    expect(firstRun('remove-all').status).toBe(2)
  })
})

/** The service's own configuration file and rights; only paths and the port are those of this machine. */
describe.skipIf(mosquittoPath === null || !openssl)('the composed broker (mosquitto, openssl)', () => {
  const passwords: Record<string, string> = {}
  const clients: MqttClient[] = []
  let port: number
  let broker: ChildProcess
  let log = ''

  beforeAll(async () => {
    firstRun()
    for (const device of ['bed-1', 'bed-2']) passwords[device] = firstRun('add-device', device).stdout.trim()
    passwords.vitalwire = /VW_MQTT_PASSWORD=(\S+)/.exec(inSecrets('engine', 'engine.env'))![1]!
    port = await freePort()
    const acl = path.join(scratch.path, 'acl')
    copyFileSync(path.join(repository, 'docker', 'mosquitto', 'acl'), acl)
    const config = readFileSync(path.join(repository, 'docker', 'mosquitto', 'mosquitto.conf'), 'utf8')
      .replaceAll('/secrets/', `${secrets}/mosquitto/`)
      .replace('/mosquitto/config/acl', acl)
      .replace('/mosquitto/data/', `${scratch.path}/`)
      .replace('listener 8883', `listener ${port} 127.0.0.1`)
    // Started as root it would become a user that may not read these folders.
    const file = path.join(scratch.path, 'mosquitto.conf')
    writeFileSync(file, process.getuid?.() === 0 ? `${config}user root\n` : config)
    broker = spawn(mosquittoPath!, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    broker.stderr!.on('data', (data: Buffer) => {
      log += data.toString()
    })
    await Promise.race([listening(port), once(broker, 'exit').then(() => Promise.reject(new Error(log)))])
  })

  afterAll(async () => {
    for (const client of clients) await client.endAsync(true)
    if (broker?.exitCode === null) {
      broker.kill('SIGTERM')
      await once(broker, 'exit')
    }
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

async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connectSocket(port, '127.0.0.1')
    const open = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
