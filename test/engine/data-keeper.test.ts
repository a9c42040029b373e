import { mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataKeeper } from '../../src/engine/data-keeper.js'
import { folders } from '../../src/engine/partition-host.js'
import { EventLogWriter } from '../../src/journal/event-log-writer.js'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { SnapshotStore } from '../../src/journal/snapshot-store.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

const now = 100 * 86_400_000
const own = { run: 1, worker: 0 }

/** Twenty records of partitions 1 and 2 in turns, and an event of each, in files of a few records that are 50 days old. */
function filled() {
  const dataDir = temporaryFolder()
  for (const folder of Object.values(folders)) mkdirSync(join(dataDir, folder))
  const journal = new LocalJournal(indexSegments('journal', join(dataDir, folders.journal)), own, 300)
  const events = new EventLogWriter(indexSegments('events', join(dataDir, folders.events)), own, 300)
  for (let k = 0; k < 20; k++) {
    const partition = 1 + (k % 2)
    const offset = journal.append(partition, { type: 'tick', device: 'd', boot: 1, stream: 's', at: 1000 + k })
    events.addEvents(partition, offset, `${JSON.stringify({ id: `${partition}-${offset}-0`, at: 1000 + k })}\n`)
    events.flush()
  }
  journal.close()
  events.close()
  for (const folder of [folders.journal, folders.events]) {
    for (const file of readdirSync(join(dataDir, folder))) utimesSync(join(dataDir, folder, file), new Date(now / 2), new Date(now / 2))
  }
  const log = new LocalEventLog(join(dataDir, folders.events))
  const said: Record<string, unknown>[] = []
  const keeper = (days: number) => {
    const bound = { days, bytes: null }
    return new DataKeeper({
      dataDir,
      retention: { journal: bound, events: bound },
      eventLog: log,
      say: body => said.push(body),
      now: () => now,
    })
  }
  const snapshots = new SnapshotStore(join(dataDir, folders.snapshots))
  const snapshot = (partition: number, offset: number) =>
    snapshots.save({ partition, offset, eventPosition: { ...own, number: 1, position: 0 }, state: null })
  const offsets = (partition: number) =>
    [...new LocalJournal(indexSegments('journal', join(dataDir, folders.journal)), { run: 2, worker: 0 }).read(partition, 0)].map(
      ({ offset }) => offset,
    )
  return { log, said, keeper, snapshot, offsets }
}

describe('data keeper', () => {
  it('deletes nothing that the older of two snapshots of a partition would need, or that has none', () => {
    const { keeper, snapshot, offsets, said } = filled()
    keeper(30).tick()
    snapshot(1, 4)
    snapshot(1, 10)
    keeper(30).tick()
    expect([offsets(1).length, offsets(2).length, said]).toEqual([10, 10, []])
    snapshot(2, 10)
    keeper(30).tick()
    expect(offsets(1)[0]).toBeGreaterThan(0)
    expect(offsets(1)[0]).toBeLessThanOrEqual(4)
    expect(said.map(({ what }) => what)).toEqual(['journal', 'events'])
  })

  it('deletes by age what nobody needs, whole files of it, says so, and counts what is left', () => {
    const { keeper, snapshot, offsets, said } = filled()
    for (const partition of [1, 2]) snapshot(partition, 10)
    const young = keeper(60)
    young.tick()
    const [journal] = young.kept()
    expect(journal).toMatchObject({ what: 'journal', oldest: 1000, deletedBytes: 0 })
    const old = keeper(30)
    old.tick()
    expect([offsets(1), offsets(2)]).toEqual([[], []])
    expect(old.kept()[0]).toMatchObject({
      segments: 0,
      bytes: 0,
      oldest: null,
      deletedSegments: journal!.segments,
      deletedBytes: journal!.bytes,
    })
    expect(said[0]).toMatchObject({ what: 'journal', segments: journal!.segments, bytes: journal!.bytes, reasons: ['age'] })
    expect(old.failing).toBeNull()
  })

  it('keeps what a consumer has not read, until it has', async () => {
    const { log, keeper, snapshot } = filled()
    for (const partition of [1, 2]) snapshot(partition, 10)
    const consumer = log.reader(null, { maxEvents: 4 })
    await consumer.next()
    const first = keeper(30)
    first.tick()
    const left = first.kept()[1]!.segments
    expect(left).toBeGreaterThan(0)
    while (consumer.bytesBehind() > 0) await consumer.next()
    first.tick()
    expect(first.kept()[1]).toMatchObject({ segments: 0 })
    expect(consumer.missingUntil).toBeNull()
  })
})
