import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { openEmbeddedStore } from '../../src/store/embedded.js'
import { reconcile } from '../../src/store/reconcile.js'
import { openSqlite } from '../../src/store/sqlite-open.js'
import type { Store } from '../../src/store/store.js'
import { MemoryLog } from './memory-log.js'
import { begin, condition, measurement, score } from './synthetic-events.js'

const later = begin + 3600e6

/** Two sessions of a patient, an hour apart; another patient beside them. */
function events(): LoggedEvent[] {
  const all: LoggedEvent[] = []
  for (let k = 0; k < 50; k++) {
    all.push(measurement('heart-rate', k, 70 + k), measurement('spo2', k, 97), measurement('heart-rate', 7200 + k, 80, { session: 's-2' }))
    all.push(measurement('heart-rate', k, 99, { patient: 'p-2', session: 's-3' }))
  }
  all.push(score(5, 3), condition('absent', 'active', 7, 'a-1', 1), measurement('temperature', 8, null))
  return all
}

async function filled(): Promise<{ log: MemoryLog; store: Store; file: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'vitalwire-reconcile-'))
  const file = join(dir, 'store.sqlite')
  const store = await openEmbeddedStore({ file, driver: 'node-sqlite3-wasm' })
  const log = new MemoryLog()
  log.append(...events())
  const reader = log.events(null)
  while (reader.bytesBehind() > 0) {
    const batch = (await reader.next())!
    await store.append(batch, { epoch: 'e', position: batch.position })
  }
  onTestFinished(async () => {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return { log, store, file }
}

it('finds log and store the same, by session, to the point; what came twice counts once', async () => {
  const { log, store } = await filled()
  const reader = log.events(null)
  const batch = (await reader.next())!
  log.append(...batch.events.slice(0, 10))
  const found = await reconcile(log.events(null), store, 'p-1', Infinity)
  expect(found).toMatchObject({ ok: true, missing: [], surplus: [], logged: 153, stored: 153 })
  expect(found.sessions).toEqual([
    { session: 's-1', from: begin, to: begin + 49e6, logged: 102, missing: 0 },
    { session: 's-2', from: begin + 7200e6, to: begin + 7249e6, logged: 50, missing: 0 },
  ])
})

it('finds points that were deleted, with their hour, sign and session', async () => {
  const { log, store, file } = await filled()
  await store.close()
  const driver = await openSqlite(file, 'node-sqlite3-wasm')
  driver.run('DELETE FROM vitals WHERE name = (SELECT id FROM terms WHERE text = ?) AND t = ?', ['spo2', begin + 20e6])
  driver.run('DELETE FROM vitals WHERE patient = (SELECT id FROM terms WHERE text = ?) AND t >= ?', ['p-1', begin + 7247e6])
  driver.run('DELETE FROM alerts WHERE id = ?', ['a-1'])
  driver.close()
  const again = await openEmbeddedStore({ file, driver: 'node-sqlite3-wasm' })
  const found = await reconcile(log.events(null), again, 'p-1', Infinity)
  await again.close()
  // The events may lie on both sides of an hour.
  const short: Record<string, number> = {}
  for (const { name, logged, stored } of found.missing) short[name] = (short[name] ?? 0) + logged - stored
  expect(found.ok).toBe(false)
  expect(short).toEqual({ alerts: 1, 'heart-rate': 3, spo2: 1 })
  expect(found.sessions.map(({ session, missing }) => [session, missing])).toEqual([
    ['s-1', 2],
    ['s-2', 3],
  ])
})

it('leaves out what is newer than the store must have, and keeps to a range', async () => {
  const { log, store } = await filled()
  log.append(measurement('heart-rate', 60, 71))
  expect((await reconcile(log.events(null), store, 'p-1', Infinity)).ok).toBe(false)
  expect(await reconcile(log.events(null), store, 'p-1', begin + 59e6, { to: later })).toMatchObject({ ok: true, logged: 103 })
  expect((await reconcile(log.events(null), store, 'nobody', Infinity)).logged).toBe(0)
})
