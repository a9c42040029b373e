import { rmSync } from 'node:fs'
import path from 'node:path'
import { Partition } from '../../src/engine/partition.js'
import { PartitionHost } from '../../src/engine/partition-host.js'
import type { JournalRecord } from '../../src/journal/record.js'
import type { OfferingDevice } from './devices.js'
import type { Reference } from './history.js'
import { patientLines } from './patient-lines.js'
import { readEventLog } from './read-run.js'

/** Messages that are journaled and processed together. */
const batchMessages = 64

/** The recorded devices in a run in which nothing goes wrong: each message once, in order, one thread, no network. */
export function runReference(folder: string, devices: readonly OfferingDevice[]): Reference {
  const dataDir = path.join(folder, 'reference')
  const recorded = devices.filter(({ virtual }) => virtual.clock === 'recorded')
  const hashes = new Map<string, { eventHash: string | null; eventCount: number | null }>()
  const host = new PartitionHost({
    dataDir,
    run: 1,
    worker: 0,
    partitions: recorded.map((_, k) => k),
    segmentBytes: 1024 * 1024 * 1024,
    create: partition => new Partition(partition),
    now: () => 0,
    output: {
      command() {},
      highWater() {},
      wave() {},
      wavesWanted: () => false,
      session: ({ body }) => {
        if (body.state !== 'opened') {
          hashes.set(String(body.session), { eventHash: body.eventHash as string | null, eventCount: body.eventCount as number | null })
        }
      },
      news() {},
      logged() {},
    },
  })
  try {
    for (const [partition, { virtual, messages }] of recorded.entries()) {
      const { device } = virtual
      let at = 1_000_000
      const adopted = { patient: `patient-${device}`, from: 0, author: 'bench', reason: 'reference', state: null } as const
      const records: JournalRecord[] = [
        { type: 'adopt', device, ...adopted, at },
        { type: 'message', device, topic: 'birth', stream: '', payload: virtual.birth(), at },
        ...messages.map(({ topic, stream, payload }): JournalRecord => {
          return { type: 'message', device, topic, stream: topic === 'w' ? stream : '', payload, at: (at += 1000) }
        }),
      ]
      for (let k = 0; k < records.length; k += batchMessages) {
        const batch = host.planRecords(records.slice(k, k + batchMessages).map(record => ({ partition, record })))
        host.commit(batch)
        host.process(batch)
        host.flush()
      }
    }
    host.close()
    return { lines: patientLines(readEventLog(dataDir).events), hashes }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
