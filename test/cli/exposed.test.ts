import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerMessage } from '../../src/server/feed-protocol.js'
import { hasOpenssl, makeCertificates } from '../engine/mosquitto.js'
import { freePort, RunningServer, runCommand, scratchFolder } from '../support/running-server.js'

const token = 'a-token-of-enough-length'
const env = { VITALWIRE_TEST_TOKEN: token }

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

describe.skipIf(!hasOpenssl)('serve beyond loopback (certificates by openssl)', () => {
  const scratch = scratchFolder('exposed')
  let ca = ''
  let server: RunningServer
  let tls: { certFile: string; keyFile: string }

  /** A request that checks the certificate. */
  async function ask(pathname: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: 'localhost', port: server.ports.http, path: pathname, method, headers, ca }, response => {
        let text = ''
        response.on('data', (data: Buffer) => {
          text += data.toString()
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      })
      asked.once('error', reject)
      asked.end(body)
    })
  }

  /** The first two messages of the feed, or the status with which it was refused. */
  async function listen(protocols: string[]): Promise<string[] | number> {
    const socket = new WebSocket(`wss://localhost:${server.ports.http}/api/v1/feed`, protocols, { ca })
    try {
      return await new Promise((resolve, reject) => {
        const types: string[] = []
        socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
        socket.once('error', reject)
        socket.once('open', () => socket.send(JSON.stringify({ type: 'subscribe', from: 'snapshot', patients: 'all', waves: false })))
        socket.on('message', data => {
          types.push((JSON.parse(String(data)) as ServerMessage).type)
          if (types.length === 2) resolve(types)
        })
      })
    } finally {
      socket.terminate()
    }
  }

  beforeAll(async () => {
    ca = makeCertificates(scratch.path)
    tls = { certFile: path.join(scratch.path, 'server.crt'), keyFile: path.join(scratch.path, 'server.key') }
    server = await RunningServer.start(scratch.path, {
      config: { http: { host: '0.0.0.0', tokenEnv: 'VITALWIRE_TEST_TOKEN', tls } },
      args: ['--workers', '1'],
      env,
    })
  }, 60_000)
  afterAll(async () => {
    await server?.stop()
    scratch.remove()
  })

  const bearer = { authorization: `Bearer ${token}` }

  it('answers API, description and metrics over TLS to whoever has the token', async () => {
    const patients = await ask('/api/v1/patients', bearer)
    expect([patients.status, patients.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000'])
    expect((await ask('/metrics', bearer)).status).toBe(200)
    const body = JSON.stringify({ device: 'watch-1', patient: 'bed-1', reason: 'admission' })
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
    expect((await ask('/api/v1/assignments', headers, 'POST', body)).status).toBe(401)
    expect((await ask('/api/v1/assignments', { ...headers, ...bearer }, 'POST', body)).status).toBe(201)
    expect(readFileSync(path.join(scratch.path, 'data', 'audit', 'audit.jsonl'), 'utf8')).toContain('"verified":true')
  })

  it('answers 401 to everybody else, and health and the page, which hold no data, to all', async () => {
    for (const headers of [{}, { authorization: 'Bearer another-token-of-length' }]) {
      for (const pathname of ['/api/v1/patients', '/api/v1/sessions', '/metrics']) expect((await ask(pathname, headers)).status).toBe(401)
    }
    expect((await ask('/api/v1/health')).status).toBe(200)
    const page = await ask('/')
    expect([page.status, page.headers['content-type'], page.headers['x-frame-options']]).toEqual([200, 'text/html; charset=utf-8', 'DENY'])
    expect(page.body).toContain('<script')
  })

  it('opens the feed to the token that rides in the protocols, and to no other', async () => {
    expect(await listen(['vitalwire', `bearer.${token}`])).toEqual(['hello', 'snapshot'])
    expect(await listen(['vitalwire', 'bearer.another-token-of-length'])).toBe(401)
    expect(await listen(['vitalwire'])).toBe(401)
  })

  it('speaks no plain HTTP on that port', async () => {
    await expect(fetch(`http://127.0.0.1:${server.ports.http}/api/v1/health`)).rejects.toThrow()
  })

  it.each([
    ['without both', {}, ['http.tls.certFile', 'http.tokenEnv']],
    ['without TLS', { tokenEnv: 'VITALWIRE_TEST_TOKEN' }, ['http.tls.certFile']],
    ['without a token', { tls: true }, ['http.tokenEnv']],
  ])('refuses to start %s', async (_, given, missing) => {
    const config = path.join(scratch.path, 'refused.json')
    const http = { host: '0.0.0.0', port: await freePort(), ...given, ...('tls' in given ? { tls } : {}) }
    writeFileSync(config, JSON.stringify({ broker: { port: await freePort() }, http }))
    const { code, stdout, stderr } = await runCommand(['serve', '--config', config, '--data', path.join(scratch.path, 'refused')], { env })
    expect([code, stdout]).toEqual([2, ''])
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(missing.length)
    for (const [k, option] of missing.entries()) {
      expect(lines[k]).toContain(`${config}: ${option}: null is not accepted`)
      expect(lines[k]).toMatch(/as http\.host is not loopback \[usage-config\]$/)
    }
  })
})
