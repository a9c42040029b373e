import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openInfluxV2Store } from '../../src/store/influx-v2.js'
import { type DatabaseServer, isInstalled, startDatabase, victoriaMetrics } from './database-server.js'
import { begin, condition, measurement, score, segment } from './synthetic-events.js'

const dir = mkdtempSync(join(tmpdir(), 'vitalwire-influx2-'))
let folders = 0
const freshDir = (): string => join(dir, String(++folders))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const at = (position: string) => ({ epoch: 'e', position })

describe.skipIf(!isInstalled(victoriaMetrics))('writes of the store for InfluxDB 2.x, against VictoriaMetrics', () => {
  let server: DatabaseServer
  beforeAll(async () => {
    server = await startDatabase(victoriaMetrics)
  })
  afterAll(async () => server.remove())

  it('writes every number once, also when the batch comes twice', async () => {
    const store = await openInfluxV2Store({ url: server.url, org: 'o', bucket: 'b', token: 't', dir: freshDir() })
    const events = [
      ...Array.from({ length: 200 }, (_, i) => measurement('heart-rate', i, 60 + i)),
      score(5, 7),
      condition('absent', 'active', 6, 'a', 1),
    ]
    expect(await store.append({ events, segments: [segment(0)] }, at('one'))).toEqual({ written: 204, deadLettered: 0 })
    await store.append({ events, segments: [segment(0)] }, at('one'))
    expect(await store.position()).toEqual(at('one'))
    await fetch(`${server.url}/internal/force_flush`)
    const from = Math.floor(begin / 1e6) - 1
    const answer = await fetch(
      `${server.url}/api/v1/export?match[]=${encodeURIComponent('{__name__="vitals_heart-rate"}')}&start=${from}&reduce_mem_usage=0`,
    )
    const rows = (await answer.text())
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { metric: Record<string, string>; values: number[]; timestamps: number[] })
    const samples = new Map(rows.flatMap(row => row.timestamps.map((t, i) => [t, row.values[i]] as const)))
    expect(rows[0]?.metric).toMatchObject({ patient: 'p-1', device: 'monitor-1', stream: 'ecg' })
    expect([...samples.values()]).toEqual(Array.from({ length: 200 }, (_, i) => 60 + i))
    expect(Math.min(...samples.keys())).toBe(begin / 1000)
    await store.close()
  })

  it('does not move its position while the database is gone', async () => {
    const store = await openInfluxV2Store({ url: server.url, org: 'o', bucket: 'b', token: 't', dir: freshDir() })
    await store.append({ events: [measurement('spo2', 0, 97)], segments: [] }, at('one'))
    await server.kill()
    await expect(store.append({ events: [measurement('spo2', 1, 97)], segments: [] }, at('two'))).rejects.toThrow()
    expect(await store.position()).toEqual(at('one'))
    await server.start()
    await store.append({ events: [measurement('spo2', 1, 97)], segments: [] }, at('two'))
    expect(await store.position()).toEqual(at('two'))
    await store.close()
  })
})

describe('the store for InfluxDB 2.x, by contract', () => {
  let server: Server | null = null
  afterEach(() => {
    server?.close()
    server = null
  })

  /** An endpoint that answers as asked and keeps what it was sent. */
  async function endpoint(answer: (body: string, path: string) => { status: number; body?: string; type?: string }) {
    const seen: { path: string; body: string; headers: IncomingMessage['headers'] }[] = []
    const own = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', part => parts.push(part))
      request.on('end', () => {
        const raw = Buffer.concat(parts)
        const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString()
        seen.push({ path: request.url ?? '', body, headers: request.headers })
        const said = answer(body, request.url ?? '')
        response.writeHead(said.status, said.body === undefined ? {} : { 'content-type': said.type ?? 'application/json' })
        response.end(said.body)
      })
    })
    await new Promise<void>(resolve => own.listen(0, '127.0.0.1', resolve))
    server = own
    const address = own.address()
    if (typeof address !== 'object' || address === null) throw new Error('no address')
    const store = await openInfluxV2Store({
      url: `http://127.0.0.1:${address.port}`,
      org: 'ward 7',
      bucket: 'vital',
      token: 'secret',
      dir: join(dir, String(++folders)),
    })
    return {
      seen,
      store,
      letters: () =>
        readFileSync(join(dir, String(folders), 'influx-v2.dead-letters.ndjson'), 'utf8')
          .trim()
          .split('\n'),
    }
  }

  it('sends lines with nanoseconds, tags in order and the token', async () => {
    const { seen, store } = await endpoint(() => ({ status: 204 }))
    const odd = measurement('heart-rate', 0, 70.5, { patient: 'p 1,a=b' })
    await store.append({ events: [odd], segments: [] }, at('a'))
    expect(seen[0]?.path).toBe('/api/v2/write?org=ward%207&bucket=vital&precision=ns')
    expect(seen[0]?.headers.authorization).toBe('Token secret')
    const [head, ...rest] = seen[0]!.body.split(' heart-rate=')
    expect(head).toBe('vitals,device=monitor-1,patient=p\\ 1\\,a\\=b,stream=ecg')
    expect(rest[0]).toMatch(/^70\.5,heart-rate\.quality=0\.9,heart-rate\.status="valid",heart-rate\.unit="\/min" \d{19}$/)
    expect(rest[0]).toContain(` ${begin}`)
  })

  it('takes partial success (201) for what it is: the bad line is kept by name, the others are written', async () => {
    const { seen, store, letters } = await endpoint(body =>
      body.includes('=75,') ? { status: 201, body: '{"message":"partial write: 1 dropped"}' } : { status: 204 },
    )
    const result = await store.append(
      { events: Array.from({ length: 16 }, (_, i) => measurement('heart-rate', i, 70 + i)), segments: [] },
      at('a'),
    )
    expect(result).toEqual({ written: 15, deadLettered: 1 })
    expect(letters()).toHaveLength(1)
    expect(JSON.parse(letters()[0]!)).toMatchObject({
      line: expect.stringContaining('heart-rate=75,'),
      reason: expect.stringContaining('partial write'),
    })
    expect(seen.at(-1)?.body).toContain('heart-rate=85,')
    expect(await store.position()).toEqual(at('a'))
  })

  it('keeps the position and no dead letter when the token is refused or the server is at its limit', async () => {
    for (const status of [401, 404, 429, 500, 503]) {
      const { store } = await endpoint(() => ({ status, body: '{"code":"no","message":"no"}' }))
      await expect(store.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, at('a'))).rejects.toThrow()
      expect(await store.position()).toBeNull()
      server?.close()
    }
  })

  it('asks in Flux and reads annotated CSV with nine decimals', async () => {
    const csv = [
      '#datatype,string,long,dateTime:RFC3339,string,string,string,double,double,string,string',
      '#group,false,false,false,true,true,true,false,false,false,false',
      '#default,_result,,,,,,,,,',
      ',result,table,_time,patient,device,stream,heart-rate,heart-rate.quality,heart-rate.status,heart-rate.unit',
      ',,0,2026-03-01T10:00:00.123456007Z,p-1,monitor-1,ecg,71.5,0.9,valid,/min',
      ',,0,2026-03-01T10:00:05Z,p-1,monitor-1,ecg,,0.1,unavailable,/min',
      '',
      '',
    ].join('\r\n')
    const { seen, store } = await endpoint(() => ({ status: 200, body: csv, type: 'text/csv; charset=utf-8' }))
    const t = Date.parse('2026-03-01T10:00:00Z') * 1000
    const series = await store.vitals({ patient: 'p"1', from: t, to: t + 10_500_001 })
    expect(series).toEqual([
      {
        name: 'heart-rate',
        unit: '/min',
        points: [
          { t: t + 123_456, value: 71.5, quality: 0.9, status: 'valid', reason: null, stream: 'ecg' },
          { t: t + 5e6, value: null, quality: 0.1, status: 'unavailable', reason: null, stream: 'ecg' },
        ],
      },
    ])
    const { query } = JSON.parse(seen[0]!.body) as { query: string }
    expect(query).toContain('range(start: 2026-03-01T10:00:00.000000Z, stop: 2026-03-01T10:00:10.500001Z)')
    expect(query).toContain('r["patient"] == "p\\"1"')
  })

  it('folds alerts from stored events, whatever the order in which they come', async () => {
    const events = [condition('absent', 'pending', 1, 'a-1', 1), condition('pending', 'active', 9, 'a-1', 2)]
    const rows = [...events].reverse().map(event => `,,0,2026-03-01T10:00:00Z,"${JSON.stringify(event).replaceAll('"', '""')}"`)
    const csv = [
      '#datatype,string,long,dateTime:RFC3339,string',
      '#group,false,false,false,false',
      '#default,_result,,,',
      ',result,table,_time,json',
      ...rows,
      '',
      '',
    ].join('\r\n')
    const { store } = await endpoint(() => ({ status: 200, body: csv, type: 'text/csv' }))
    expect(await store.alerts({ patient: 'p-1', openOnly: true })).toMatchObject([
      { id: 'a-1', state: 'active', revision: 2, onset: begin + 9e6 },
    ])
  })
})
