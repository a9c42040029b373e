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

const segmentsOf = (dir: string) =>
  readdirSync(join(dir, folders.journal))
    .filter(name => name.endsWith('.vwj'))
    .sort()

/** Leaves nothing of a segment but its header. */
function cutSegment(dir: string, place: number): void {
  const path = join(dir, folders.journal, segmentsOf(dir)[place]!)
  writeFileSync(path, readFileSync(path).subarray(0, 16))
}

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
    cutSegment(recorded.dir, 1)
    const result = rerunPartitions(recorded.dir, {}, null)
    expect(result.broken).toMatchObject([{ partition }])
    expect(result.records).toBe(result.broken[0]!.offset)
    expect(result.agreement.notRun).toBeGreaterThan(0)
  })

  it('goes on from a snapshot where the beginning of the journal is gone, with other limits from there on', async () => {
    const recorded = await recordedFolder(200, temporaryFolder(), 30)
    recorded.close()
    const whole = rerunPartitions(recorded.dir, {}, null).patients[0]!
    cutSegment(recorded.dir, 0)
    const again = rerunPartitions(recorded.dir, {}, null)
    const offset = again.begins[0]!.offset!
    expect(again.begins).toEqual([{ partition, offset }])
    expect(offset).toBeGreaterThan(10)
    expect(again).toMatchObject({ broken: [], agreement: { different: 0, notRun: 0 } })
    expect(again.patients[0]!.after.map(({ condition }) => condition)).toContain('desaturation')
    expect(again.patients[0]!.before.length).toBeLessThanOrEqual(whole.before.length)
    const rules = { desaturation: { limit: 60, clearLimit: 62 }, 'heart-rate-high': { limit: 40, clearLimit: 38 } }
    const difference = compareAlerts(rerunPartitions(recorded.dir, { limits: rules }, null).patients[0]!)
    expect(difference.vanished.map(({ condition }) => condition)).toEqual(['desaturation'])
    expect(difference.added.map(({ condition }) => condition)).toContain('heart-rate-high')
  })

  it('finds events in the log that no record is left for, and compares no alert of theirs', async () => {
    const recorded = await recordedFolder(200)
    recorded.close()
    for (let k = 2; k < segmentsOf(recorded.dir).length; k += 1) cutSegment(recorded.dir, k)
    const tail = rerunPartitions(recorded.dir, {}, null)
    expect(tail).toMatchObject({ broken: [], problems: [], agreement: { different: 0 } })
    expect(tail.agreement.notRun).toBeGreaterThan(10)
    expect(compareAlerts(tail.patients[0]!)).toMatchObject({ vanished: [], added: [] })
    cutSegment(recorded.dir, 0)
    const nothing = rerunPartitions(recorded.dir, {}, null)
    expect(nothing).toMatchObject({ records: 0, begins: [{ partition, offset: null }], patients: [{ before: [], after: [] }] })
    expect(nothing.agreement.notRun).toBeGreaterThan(tail.agreement.notRun)
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

describe('alerts of two runs', () => {
  const row = (condition: string, onset: number, end: number | null) =>
    ({
      condition,
      stream: '',
      onset,
      end,
      priority: 'high',
      kind: 'physiological',
      value: 1,
      limit: 2,
      message: '',
      evidence: null,
    }) as never

  it('belong together by their beginning, else where they overlap; each once', () => {
    const before = [row('a', 10, 20), row('a', 30, 40), row('b', 10, 20), row('c', 5, null)]
    const after = [row('a', 30, 45), row('a', 12, 18), row('b', 25, 30), row('c', 5, null)]
    const difference = compareAlerts({ patient: 'p', from: 0, to: 50, before, after })
    expect(difference).toMatchObject({ before: 4, after: 4, unchanged: 1 })
    expect(difference.moved.map(({ before: was, after: is }) => [was.onset, is.onset, is.end])).toEqual([
      [30, 30, 45],
      [10, 12, 18],
    ])
    expect(difference.vanished.map(({ condition, onset }) => [condition, onset])).toEqual([['b', 10]])
    expect(difference.added.map(({ condition, onset }) => [condition, onset])).toEqual([['b', 25]])
  })
})
