import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folders, PartitionHost } from '../../src/engine/partition-host.js'
import { packSlab } from '../../src/intake/incoming.js'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import { encodeBirth } from '../../src/wire/birth.js'
import { temporaryFolder } from '../journal/temporary-folder.js'
import { birthOf, chunkOf } from '../wire/sample-device.js'

const partition = 5
const silent = { partition, process: () => {}, ledger: () => ({}) as never, save: () => null, load: () => {} }

function host(dataDir: string, logged: () => void): PartitionHost {
  const nothing = () => {}
  return new PartitionHost({
    dataDir,
    run: 1,
    worker: 0,
    partitions: [partition],
    segmentBytes: 1e6,
    level: 'process',
    create: () => silent,
    now: () => 1e15,
    output: { command: nothing, highWater: nothing, wave: nothing, wavesWanted: () => false, session: nothing, news: nothing, logged },
  })
}

describe('partition host', () => {
  it('wakes the readers of the event log when a snapshot has closed the rows of the waveforms', async () => {
    const dataDir = temporaryFolder()
    const log = new LocalEventLog(join(dataDir, folders.events))
    const hosted = host(dataDir, () => log.wake())
    const at = 1e15
    const adopt = { type: 'adopt', device: 'd', patient: 'p', from: 0, author: 'a', reason: 'r', state: null, at } as const
    const from = { tenant: 'default', device: 'd', at }
    const slab = packSlab([
      { partition, message: { ...from, topic: 'birth', stream: '', payload: encodeBirth(birthOf()) } },
      { partition, message: { ...from, topic: 'w', stream: 'ecg', payload: chunkOf(0, { n: 50, index: 0, t0: 0 }) } },
    ])
    for (const batch of [hosted.planRecords([{ partition, record: adopt }]), hosted.planSlab(slab)]) {
      hosted.commit(batch)
      hosted.process(batch)
      hosted.flush()
    }
    const reader = log.reader(null)
    const waiting = reader.next()
    // The reader has seen the empty log, and sleeps.
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(hosted.snapshotNext()).toBe(true)
    expect((await waiting)!.segments).toMatchObject([{ patient: 'p', device: 'd', stream: 'ecg' }])
    expect(reader.bytesBehind()).toBe(0)
    reader.close()
    hosted.close()
  })
})
