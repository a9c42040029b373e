import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openEmbeddedStore } from '../../src/store/embedded.js'
import { openBetterSqlite } from '../../src/store/sqlite-better.js'
import { openSqlite } from '../../src/store/sqlite-open.js'
import { checkStore } from './store-checks.js'
import { measurement, patientEvent } from './synthetic-events.js'

const dir = mkdtempSync(join(tmpdir(), 'vitalwire-store-'))
let files = 0
const freshFile = (): string => join(dir, `${++files}`, 'vitalwire.db')
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const better = await openBetterSqlite(':memory:')
better?.close()

describe.skipIf(better === null)('the embedded store on better-sqlite3', () => {
  checkStore(async () => {
    const file = freshFile()
    return { open: () => openEmbeddedStore({ file, driver: 'better-sqlite3' }) }
  })
})

describe('the embedded store on node-sqlite3-wasm', () => {
  checkStore(async () => {
    const file = freshFile()
    return { open: () => openEmbeddedStore({ file, driver: 'node-sqlite3-wasm' }) }
  })

  it('opens again after its process was killed with the database locked', async () => {
    const file = freshFile()
    await (await openEmbeddedStore({ file, driver: 'node-sqlite3-wasm' })).close()
    await mkdir(`${file}.lock`)
    const gone = spawnSync('true')
    writeFileSync(`${file}.owner`, `${gone.pid} 1\n`)
    const store = await openEmbeddedStore({ file, driver: 'node-sqlite3-wasm' })
    await store.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, { epoch: 'e', position: 'a' })
    expect(await store.vitals({ patient: 'p-1' })).toHaveLength(1)
    await store.close()
  })
})

describe('the embedded store', () => {
  it('says which driver serves and whether it has a write-ahead log', async () => {
    const store = await openEmbeddedStore({ file: freshFile(), driver: 'node-sqlite3-wasm' })
    expect(store.description).toContain('node-sqlite3-wasm, no write-ahead log')
    await store.close()
  })

  it('refuses a database of another format version', async () => {
    const file = freshFile()
    await (await openEmbeddedStore({ file })).close()
    const driver = await openSqlite(file, 'auto')
    driver.exec('PRAGMA user_version = 99')
    driver.close()
    await expect(openEmbeddedStore({ file })).rejects.toMatchObject({
      code: 'disk-format',
      message: expect.stringContaining('format version 99; accepted: 1'),
    })
  })

  it('refuses a file that is no database', async () => {
    for (const driver of ['auto', 'node-sqlite3-wasm'] as const) {
      const file = join(dir, `not-a-database-${driver}`)
      writeFileSync(file, 'these are not the pages of a database, and there are enough of them to be read as a header '.repeat(20))
      await expect(openEmbeddedStore({ file, driver })).rejects.toMatchObject({ code: 'disk-format' })
    }
  })

  it('moves neither rows nor position when a batch fails in the middle', async () => {
    const store = await openEmbeddedStore({ file: freshFile() })
    await store.append({ events: [measurement('heart-rate', 0, 70)], segments: [] }, { epoch: 'e', position: 'one' })
    const unwritable = patientEvent(
      'measurement',
      2,
      { name: 'spo2', value: 97, unit: '%', status: 'valid' },
      { t: undefined as unknown as number },
    )
    const batch = { events: [measurement('heart-rate', 1, 71), measurement('pulse-rate', 1, 71), unwritable], segments: [] }
    await expect(store.append(batch, { epoch: 'e', position: 'two' })).rejects.toThrow()
    expect(await store.position()).toEqual({ epoch: 'e', position: 'one' })
    expect((await store.vitals({ patient: 'p-1' })).map(series => series.points?.length)).toEqual([1])
    await store.append({ events: batch.events.slice(0, 2), segments: [] }, { epoch: 'e', position: 'two' })
    expect((await store.vitals({ patient: 'p-1' })).map(series => series.points?.length)).toEqual([2, 1])
    await store.close()
  })

  it('keeps beats only when asked to', async () => {
    const beat = patientEvent('beat', 0, { channel: 'II', class: 'N' })
    for (const keepBeats of [false, true]) {
      const store = await openEmbeddedStore({ file: freshFile(), keepBeats })
      expect((await store.append({ events: [beat], segments: [] }, { epoch: 'e', position: 'a' })).written).toBe(keepBeats ? 1 : 0)
      await store.close()
    }
  })
})
