import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstRun, hasOpenssl, startComposedBroker } from '../compose/composed-broker.js'
import { mosquittoPath } from '../support/mosquitto.js'
import { freePort, program, repository, scratchFolder } from '../support/running-server.js'

/** What `simulate` names its first device. */
const deviceId = 'sim-001'

/**
 * The engine of docker-compose.yml without containers: its configuration file with paths and ports of this machine, its
 * credentials, the composed broker. InfluxDB 2 is not packaged by Debian, so the store is the embedded one here.
 */
describe.skipIf(mosquittoPath === null || !hasOpenssl)('the composed engine (mosquitto, openssl)', () => {
  const scratch = scratchFolder('composed')
  const secrets = path.join(scratch.path, 'secrets')
  const authority = path.join(secrets, 'engine', 'ca.crt')
  let broker: Awaited<ReturnType<typeof startComposedBroker>>
  let engine: ChildProcess
  let device: ChildProcess | null = null
  let port: number
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    firstRun(secrets)
    const password = firstRun(secrets, 'add-device', deviceId).stdout.trim()
    broker = await startComposedBroker(scratch.path, secrets)
    port = await freePort()
    const text = readFileSync(path.join(repository, 'docker', 'engine.json'), 'utf8')
    const config = JSON.parse(
      text
        .replaceAll('/secrets/', `${secrets}/engine/`)
        .replace('mosquitto:8883', `localhost:${broker.port}`)
        .replace('/var/lib/vitalwire', path.join(scratch.path, 'data')),
    ) as { http: object; store: object; assign: string }
    const file = path.join(scratch.path, 'config.json')
    writeFileSync(file, JSON.stringify({ ...config, assign: 'auto', http: { ...config.http, port }, store: {} }))
    const secretsFile = readFileSync(path.join(secrets, 'engine', 'engine.env'), 'utf8')
    env = {
      ...process.env,
      ...Object.fromEntries(
        secretsFile
          .trim()
          .split('\n')
          .map(line => line.split('=', 2)),
      ),
      DEVICE_PASSWORD: password,
    }
    engine = spawn(process.execPath, [program, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'], env })
    let said = ''
    engine.stderr!.on('data', (data: Buffer) => {
      said += data.toString()
    })
    await new Promise<void>((resolve, reject) => {
      engine.stdout!.on('data', (data: Buffer) => {
        if (data.toString().includes('https://')) resolve()
      })
      engine.once('exit', code => reject(new Error(`serve ended with ${code}: ${said}`)))
    })
  })

  afterAll(async () => {
    for (const child of [device, engine]) {
      if (!child || child.exitCode !== null) continue
      child.removeAllListeners('exit')
      child.kill('SIGINT')
      await once(child, 'exit')
    }
    await broker?.stop()
    scratch.remove()
  })

  it('is found well by the health check of its image, over TLS', () => {
    const url = `https://localhost:${port}/api/v1/health`
    const check = spawnSync(process.execPath, [path.join(repository, 'docker', 'healthcheck.mjs')], {
      encoding: 'utf8',
      env: { ...env, VITALWIRE_HEALTH_URL: url, VITALWIRE_HEALTH_CA: authority },
    })
    expect(check).toMatchObject({ status: 0, stdout: 'ok\n' })
    const dead = spawnSync(process.execPath, [path.join(repository, 'docker', 'healthcheck.mjs')], {
      encoding: 'utf8',
      env: { ...env, VITALWIRE_HEALTH_URL: 'https://localhost:9/', VITALWIRE_HEALTH_CA: authority },
    })
    expect(dead.status).toBe(1)
  })

  it('answers nobody without the token', async () => {
    expect((await ask('/api/v1/patients')).status).toBe(401)
    expect((await ask('/api/v1/patients', env.VW_HTTP_TOKEN)).status).toBe(200)
  })

  it('keeps what a device sends through the broker with its own password', async () => {
    const args = ['simulate', '--broker', `mqtts://localhost:${broker.port}`, '--password-env', 'DEVICE_PASSWORD', '--ca', authority]
    device = spawn(process.execPath, [program, ...args], { stdio: 'ignore', env })
    await expect
      .poll(async () => (JSON.parse((await ask('/api/v1/health')).body) as Health).ledger.stored, { timeout: 30_000 })
      .toBeGreaterThan(1000)
    const { patients } = JSON.parse((await ask('/api/v1/patients', env.VW_HTTP_TOKEN)).body) as {
      patients: { devices: { id: string }[] }[]
    }
    expect(patients.flatMap(patient => patient.devices.map(own => own.id))).toEqual([deviceId])
  })

  async function ask(pathname: string, token?: string): Promise<{ status: number; body: string }> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return new Promise((resolve, reject) => {
      get(`https://localhost:${port}${pathname}`, { ca: readFileSync(authority), headers }, reply => {
        let body = ''
        reply.on('data', (data: Buffer) => {
          body += data.toString()
        })
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }))
      }).on('error', reject)
    })
  }
})

interface Health {
  readonly ledger: { readonly stored: number }
}
