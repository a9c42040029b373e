import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkExposure } from '../../src/server/access.js'
import { verifyAudit } from '../../src/server/audit.js'
import { freshDir, startFixture } from './server-fixture.js'

const tokens = [
  { name: 'ward-7', token: 'a-token-of-enough-length' },
  { name: 'night', token: 'another-token-of-length' },
]

it('refuses an address beyond loopback without TLS and a token', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.4', 'vitalwire.example']) {
    expect(() => checkExposure({ host, tokens: [], tls: false })).toThrow(expect.objectContaining({ code: 'usage-insecure' }))
    expect(() => checkExposure({ host, tokens, tls: false })).toThrow(expect.objectContaining({ code: 'usage-insecure' }))
    expect(() => checkExposure({ host, tokens: [], tls: true })).toThrow(expect.objectContaining({ code: 'usage-insecure' }))
    expect(() => checkExposure({ host, tokens, tls: true })).not.toThrow()
  }
  for (const host of ['127.0.0.1', '127.8.0.1', '::1', 'localhost'])
    expect(() => checkExposure({ host, tokens: [], tls: false })).not.toThrow()
  expect(() => checkExposure({ host: 'localhost', tokens: [{ name: 'x', token: 'short' }], tls: false })).toThrow(
    expect.objectContaining({ code: 'usage-config' }),
  )
})

it('asks for the token everywhere but at health, page and description', async () => {
  const { app, engine, dir } = await startFixture({ tokens })
  const routes: ['GET' | 'POST' | 'PUT', string, object?][] = [
    ['GET', '/api/v1/patients'],
    ['GET', '/api/v1/patients/p-1/vitals'],
    ['GET', '/api/v1/patients/p-1/alerts'],
    ['GET', '/api/v1/sessions'],
    ['GET', '/api/v1/feed'],
    ['GET', '/metrics'],
    ['POST', '/api/v1/assignments', { device: 'watch-2', patient: 'p-2', reason: 'x' }],
    ['PUT', '/api/v1/patients/p-1/attributes', { ageYears: 71, pregnant: false, spo2Scale: 1, limitProfile: 'adult', reason: 'x' }],
    ['PUT', '/api/v1/limits', { rules: {}, reason: 'x' }],
    ['POST', '/api/v1/alerts/a-1/acknowledge', { expectedRevision: 1 }],
  ]
  for (const [method, url, payload] of routes) {
    for (const headers of [{}, { authorization: 'Bearer a-token-of-another' }, { authorization: 'a-token-of-enough-length' }]) {
      const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
      expect([url, answer.statusCode, answer.json().error.code]).toEqual([url, 401, 'unauthorised'])
    }
  }
  expect(engine.calls).toEqual([])
  expect(await verifyAudit(join(dir, 'audit'))).toMatchObject({ ok: true, records: 0 })
  expect((await app.inject('/api/v1/health')).statusCode).toBe(200)
  expect((await app.inject('/api/v1/openapi.json')).statusCode).toBe(200)
  expect((await app.inject({ url: '/api/v1/patients', headers: { authorization: 'Bearer another-token-of-length' } })).statusCode).toBe(200)
})

it('takes the actor from the token, not from what the client says', async () => {
  const { app, engine } = await startFixture({ tokens })
  const headers = { authorization: 'Bearer another-token-of-length', 'x-vitalwire-user': 'somebody' }
  await app.inject({
    method: 'POST',
    url: '/api/v1/assignments',
    headers,
    payload: { device: 'watch-2', patient: null, reason: 'returned' },
  })
  expect(engine.calls[0]?.request).toMatchObject({ author: 'night', patient: null })
})

it('answers neither pages of other sites nor other names of this machine', async () => {
  const { app } = await startFixture()
  const ask = async (headers: Record<string, string>) => (await app.inject({ url: '/api/v1/patients', headers })).statusCode
  expect(await ask({ host: 'localhost:8080', origin: 'http://localhost:8080' })).toBe(200)
  expect(await ask({ host: '[::1]:8080' })).toBe(200)
  expect(await ask({ host: 'localhost:8080', origin: 'http://evil.example' })).toBe(403)
  expect(await ask({ host: 'localhost:8080', origin: 'null' })).toBe(403)
  expect(await ask({ host: 'rebound.example:8080' })).toBe(403)
})

it('sends security headers and serves the page without any inline script', async () => {
  const dir = freshDir()
  mkdirSync(join(dir, 'station'))
  writeFileSync(join(dir, 'station', 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>')
  const { app } = await startFixture({ stationDir: join(dir, 'station') })
  const page = await app.inject('/')
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')])
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toContain('unsafe')
  expect(page.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' })
  expect((await app.inject('/api/v1/patients')).headers['cache-control']).toBe('no-store')
  expect((await app.inject('/../../etc/passwd')).statusCode).toBe(404)
})

it('reads no more of a body than it must, and answers only so many requests a minute', async () => {
  const { app } = await startFixture({ requestsPerMinute: 5 })
  const large = await app.inject({
    method: 'POST',
    url: '/api/v1/assignments',
    payload: { device: 'd', patient: 'p', reason: 'x'.repeat(70_000) },
  })
  expect([large.statusCode, large.json().error.code]).toEqual([413, 'body-too-large'])
  const answers = []
  for (let i = 0; i < 6; i++) answers.push((await app.inject('/api/v1/patients')).statusCode)
  expect(answers.at(-1)).toBe(429)
})
