import { Partition } from '../../src/engine/partition.js'
import { PartitionHost } from '../../src/engine/partition-host.js'
import { packSlab } from '../../src/intake/incoming.js'
import { simulatePatients } from '../../src/simulate/simulate-patients.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

export const partition = 5
const second = 1_000_000

/**
 * A data folder as a worker leaves it: a desaturation of a simulated patient, journaled and processed. `snapshotAt`: second of the
 * recording at which a snapshot is taken.
 */
export async function recordedFolder(
  seconds: number,
  dir = temporaryFolder(),
  snapshotAt = Number.POSITIVE_INFINITY,
): Promise<{ dir: string; close: () => void }> {
  const nothing = () => {}
  const host = new PartitionHost({
    dataDir: dir,
    run: 1,
    worker: 0,
    partitions: [partition],
    level: 'process',
    segmentBytes: 40_000,
    create: own => new Partition(own),
    now: () => 1e15,
    output: {
      command: nothing,
      highWater: nothing,
      wave: nothing,
      wavesWanted: () => false,
      session: nothing,
      news: nothing,
      logged: nothing,
    },
  })
  const run = (batch: ReturnType<PartitionHost['planSlab']>) => {
    host.commit(batch)
    host.process(batch)
    host.flush()
  }
  const { played } = simulatePatients({ patients: 1, scenario: 'desaturation', seed: 1, durationSeconds: seconds })[0]!
  const { virtual } = played.lives(0)[0]!
  const { device } = played
  const limits = { type: 'limits', rules: {}, author: 'configuration', reason: 'start', at: 1e15 } as const
  const adopt = { type: 'adopt', device, patient: 'p-1', from: 0, author: 'a', reason: 'r', state: null, at: 1e15 } as const
  run(host.planRecords([limits, adopt].map(record => ({ partition, record }))))
  const from = { tenant: 'default', device }
  run(host.planSlab(packSlab([{ partition, message: { ...from, topic: 'birth', stream: '', payload: virtual.birth(), at: 1e15 } }])))
  let snapshot = false
  for await (const { topic, stream, payload, time } of virtual.messages()) {
    if (time > snapshotAt && !snapshot) snapshot = host.snapshotNext()
    const message = { ...from, topic, stream: topic === 'w' ? stream : '', payload, at: 1e15 + Math.round(time * second) }
    run(host.planSlab(packSlab([{ partition, message }])))
  }
  return { dir, close: () => host.close() }
}
