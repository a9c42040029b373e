import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openInfluxV1Store } from '../../src/store/influx-v1.js'
import { StoreConsumer } from '../../src/store/store-consumer.js'
import { type DatabaseServer, influxd, isInstalled, startDatabase } from './database-server.js'
import { MemoryLog } from './memory-log.js'
import { checkStore } from './store-checks.js'
import { measurement } from './synthetic-events.js'

describe.skipIf(!isInstalled(influxd))('the store for InfluxDB 1.x, against influxd', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vitalwire-influx-'))
  let server: DatabaseServer
  let databases = 0
  beforeAll(async () => {
    server = await startDatabase(influxd)
  })
  afterAll(async () => {
    await server.remove()
    rmSync(dir, { recursive: true, force: true })
  })
  const options = () => {
    databases += 1
    return { url: server.url, database: `test${databases}`, dir: join(dir, String(databases)) }
  }

  checkStore(async () => {
    const own = options()
    return { open: () => openInfluxV1Store(own) }
  })

  it('keeps by name what the database refuses for good, and all that came with it', async () => {
    const own = options()
    const store = await openInfluxV1Store(own)
    const position = { epoch: 'e', position: 'a' }
    await store.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, position)
    const good = Array.from({ length: 9 }, (_, i) => measurement('heart-rate', i + 1, 71 + i))
    const bad = measurement('heart-rate', 30, 'seventy')
    const result = await store.append({ events: [...good.slice(0, 4), bad, ...good.slice(4)], segments: [] }, { epoch: 'e', position: 'b' })
    expect(result).toEqual({ written: 9, deadLettered: 1 })
    expect((await store.vitals({ patient: 'p-1' }))[0]?.points).toHaveLength(10)
    const letters = readFileSync(join(own.dir, 'influx-v1.dead-letters.ndjson'), 'utf8').trim().split('\n')
    expect(letters).toHaveLength(1)
    expect(JSON.parse(letters[0]!)).toMatchObject({
      line: expect.stringContaining('heart-rate="seventy"'),
      reason: expect.stringContaining('field type conflict'),
    })
    expect(await store.position()).toEqual({ epoch: 'e', position: 'b' })
    await store.close()
  })

  it('makes the database again when it was dropped', async () => {
    const own = options()
    const store = await openInfluxV1Store(own)
    await store.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, { epoch: 'e', position: 'a' })
    await fetch(`${server.url}/query`, { method: 'POST', body: new URLSearchParams({ q: `DROP DATABASE ${own.database}` }) })
    const batch = { events: [measurement('heart-rate', 1, 71)], segments: [] }
    await expect(store.append(batch, { epoch: 'e', position: 'b' })).rejects.toThrow('404')
    expect(await store.append(batch, { epoch: 'e', position: 'b' })).toEqual({ written: 1, deadLettered: 0 })
    expect((await store.vitals({ patient: 'p-1' }))[0]?.points).toHaveLength(1)
    await store.close()
  })

  it('begins anew when its folder speaks of another database', async () => {
    const own = options()
    const first = await openInfluxV1Store(own)
    await first.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, { epoch: 'e', position: 'a' })
    const second = await openInfluxV1Store({ ...own, database: `${own.database}-other` })
    expect(await second.position()).toBeNull()
    expect(await first.position()).toEqual({ epoch: 'e', position: 'a' })
    await first.close()
    await second.close()
  })

  it('loses and doubles nothing when the database is killed and comes back', async () => {
    const log = new MemoryLog()
    const store = await openInfluxV1Store(options())
    const consumer = new StoreConsumer({ store, log, batchEvents: 50, retryFirstMs: 20, retryMaxMs: 100 })
    consumer.start()
    for (let i = 0; i < 100; i++) log.append(measurement('heart-rate', i, 60 + (i % 7)))
    const until = async (check: () => boolean): Promise<void> => {
      for (let tries = 0; tries < 500 && !check(); tries++) await new Promise(resolve => setTimeout(resolve, 20))
      expect(check()).toBe(true)
    }
    await until(() => consumer.lag().written === 100)
    await server.kill()
    for (let i = 100; i < 300; i++) log.append(measurement('heart-rate', i, 60 + (i % 7)))
    await until(() => consumer.lag().state === 'retrying')
    const before = await store.position().catch(() => null)
    expect(before).toEqual({ epoch: 'epoch-1', position: '100' })
    await server.start()
    await until(() => consumer.lag().written === 300)
    await consumer.stop()
    const points = (await store.vitals({ patient: 'p-1' }))[0]?.points
    expect(points?.map(point => point.value)).toEqual(Array.from({ length: 300 }, (_, i) => 60 + (i % 7)))
    await store.close()
  })
})

describe('the store for InfluxDB 1.x, against a server that breaks off', () => {
  it('does not wait for ever for the rest of an answer', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vitalwire-influx-'))
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{')
      setTimeout(() => response.destroy(), 20)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const store = await openInfluxV1Store({ url: `http://127.0.0.1:${port}`, database: 'x', dir, answerMs: 200 })
    await expect(store.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, { epoch: 'e', position: 'a' })).rejects.toThrow(
      'no whole answer in 0.2 s',
    )
    await store.close()
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })
})
