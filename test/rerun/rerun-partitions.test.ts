import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folders } from '../../src/engine/partition-host.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { compareAlerts } from '../../src/rerun/compare-alerts.js'
import { listJournal } from '../../src/rerun/list-journal.js'
import { rerunPartitions } from '../../src/rerun/rerun-partitions.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { scratchFolder } from '../support/running-server.js'
import { partition, recordedFolder } from './recorded-folder.js'

describe('a re-run of a journal', () => {
  const folder = scratchFolder('rerun')
  const dir = folder.path
  beforeAll(async () => {
    const recorded = await recordedFolder(200, dir)
    recorded.close()
  })
  afterAll(() => folder.remove())

  it('gives every event as it stands in the event log, over several segments', () => {
    expect(readdirSync(join(dir, folders.journal)).filter(file => file.endsWith('.vwj')).length).toBeGreaterThan(3)
    const result = rerunPartitions(dir, {}, null)
    expect(result).toMatchObject({
      partitions: 1,
      agreement: { different: 0, ahead: 0, first: null },
      begins: [],
      broken: [],
      problems: [],
    })
    expect(result.agreement.same).toBe(result.records)
    expect(result.events).toBeGreaterThan(1000)
    const [patient] = result.patients
    expect(patient?.patient).toBe('p-1')
    expect(patient?.before.map(({ condition }) => condition)).toContain('desaturation')
    expect(patient?.after).toEqual(patient?.before)
    const difference = compareAlerts(patient!)
    expect(difference).toMatchObject({ vanished: [], added: [], moved: [], unchanged: patient?.before.length })
  })

  it('tells with other limits which alerts would be gone and which would be new, and changes no file', () => {
    const files = () => readdirSync(join(dir, folders.journal)).map(file => [file, readFileSync(join(dir, folders.journal, file)).length])
    const was = files()
    const rules = { desaturation: { limit: 60, clearLimit: 62 }, 'heart-rate-high': { limit: 40, clearLimit: 38 } }
    const result = rerunPartitions(dir, { limits: rules }, null)
    const difference = compareAlerts(result.patients[0]!)
    expect(difference.vanished.map(({ condition }) => condition)).toEqual(['desaturation'])
    expect(difference.added.map(({ condition }) => condition)).toContain('heart-rate-high')
    expect(difference.unchanged).toBe(difference.before - 1 - difference.moved.length)
    expect(result.agreement.different).toBeGreaterThan(0)
    expect(files()).toEqual(was)
  })

  it('hands on the events in their order', () => {
    const ids: string[] = []
    rerunPartitions(dir, {}, null, (event: LoggedEvent) => ids.push(event.id))
    expect(ids.length).toBe(rerunPartitions(dir, {}, null).events)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('tells events that the log has lost from those that it does not have yet', async () => {
    const recorded = await recordedFolder(60)
    recorded.close()
    const files = readdirSync(join(recorded.dir, folders.events))
      .filter(name => name.endsWith('.vwe'))
      .sort()
    expect(files.length).toBeGreaterThan(1)
    const cut = (file: string) => {
      const path = join(recorded.dir, folders.events, file)
      truncateSync(path, readFileSync(path).length >> 1)
    }
    cut(files.at(-1)!)
    const ahead = rerunPartitions(recorded.dir, {}, null)
    expect(ahead.agreement).toMatchObject({ different: 0, first: null })
    expect(ahead.agreement.ahead).toBeGreaterThan(0)
    expect(ahead.problems).toMatchObject([{ file: files.at(-1), state: 'unfinished' }])
    cut(files[0]!)
    const lost = rerunPartitions(recorded.dir, {}, null)
    expect(lost.agreement.different).toBeGreaterThan(1)
    expect(lost.agreement.first).toMatch(/^5-\d+-0$/)
    expect(lost.problems).toMatchObject([{ file: files[0], state: 'damaged' }, { file: files.at(-1) }])
  })

  it('stops a partition at a hole in its records and says so', async () => {
    const recorded = await recordedFolder(100)
    recorded.close()
    const journal = join(recorded.dir, folders.journal)
    const [, middle] = readdirSync(journal)
      .filter(name => name.endsWith('.vwj'))
      .sort()
    writeFileSync(join(journal, middle!), readFileSync(join(journal, middle!)).subarray(0, 16))
    const result = rerunPartitions(recorded.dir, {}, null)
    expect(result.broken).toMatchObject([{ partition }])
    expect(result.records).toBe(result.broken[0]!.offset)
  })

  it('goes on from a snapshot where the beginning of the journal is gone', async () => {
    const recorded = await recordedFolder(100)
    const segments = () =>
      readdirSync(join(recorded.dir, folders.journal))
        .filter(name => name.endsWith('.vwj'))
        .sort()
    expect(recorded.host.snapshotNext()).toBe(true)
    const { offset } = { offset: listJournal(recorded.dir).records }
    recorded.close()
    const first = join(recorded.dir, folders.journal, segments()[0]!)
    writeFileSync(first, readFileSync(first).subarray(0, 16))
    const result = rerunPartitions(recorded.dir, {}, null)
    expect(result.begins).toEqual([{ partition, offset }])
    expect(result).toMatchObject({ records: 0, broken: [], patients: [{ before: [], after: [] }] })
  })

  it('tells of damage in the middle of a file', async () => {
    const recorded = await recordedFolder(60)
    recorded.close()
    const [file] = readdirSync(join(recorded.dir, folders.journal))
      .filter(name => name.endsWith('.vwj'))
      .sort()
    const path = join(recorded.dir, folders.journal, file!)
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
    expect(rerunPartitions(recorded.dir, {}, null)).toMatchObject({ problems: [{ file, state: 'damaged' }], broken: [{ partition }] })
  })

  it('refuses a folder that is none of an engine', () => {
    expect(() => rerunPartitions(temporaryFolder(), {}, null)).toThrow('holds no journal')
  })

  it('lists devices with their boots, streams and patients', async () => {
    const recorded = await recordedFolder(20)
    recorded.close()
    appendFileSync(join(recorded.dir, folders.journal, 'notes.txt'), 'not a segment')
    const listing = listJournal(recorded.dir)
    expect(listing).toMatchObject({
      devices: [{ device: 'sim-001', partition, patients: ['p-1'], boots: [{ clock: 'recorded' }] }],
      problems: [],
    })
    expect(listing.devices[0]!.messages).toBe(listing.records - 2)
  })
})
