import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeDevice, type OfferingDevice } from '../../bench/faults/devices.js'
import type { RunHistory } from '../../bench/faults/history.js'
import type { DevicePlan } from '../../bench/faults/plan.js'
import { readEventLog, readRun } from '../../bench/faults/read-run.js'
import { runReference } from '../../bench/faults/reference.js'
import { readEmbedded } from '../../bench/faults/store-contents.js'
import { Partition } from '../../src/engine/partition.js'
import { PartitionHost } from '../../src/engine/partition-host.js'
import { packSlab } from '../../src/intake/incoming.js'
import type { AdoptRecord, MessageRecord } from '../../src/journal/record.js'
import { openEmbeddedStore } from '../../src/store/embedded.js'
import { addSamples, zeroSamples } from '../../src/wire/ledger.js'

const plans: readonly DevicePlan[] = [
  { device: 'rec-0', scenario: 'desaturation', seed: 3, clock: 'recorded', seconds: 50, speed: 1, chunkSeconds: 1, channels: ['II'] },
  { device: 'live-1', scenario: 'stable', seed: 4, clock: 'monotonic', seconds: 5, speed: 1, chunkSeconds: 0.5, channels: ['II'] },
]

/** The history of a run in which nothing failed, made without servers: journal, event log and embedded store are real. */
export async function quietRun(folder: string): Promise<RunHistory> {
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { recursive: true })
  const devices = await Promise.all(plans.map(makeDevice))
  play(dataDir, devices)
  const { events: log, segments } = readEventLog(dataDir)
  const store = await openEmbeddedStore({ file: join(dataDir, 'store', 'vitalwire.sqlite') })
  await store.append({ events: log, segments }, { epoch: 'test', position: '' })
  await store.close()
  const { journal, rerun, ledgers } = readRun(dataDir, folder)
  const reference = runReference(folder, devices)
  const engineLedger = zeroSamples()
  for (const counts of ledgers.values()) addSamples(engineLedger, counts)
  return {
    brokerForgets: false,
    devices: devices.map(({ virtual, messages }) => {
      const session = `${virtual.record}-${virtual.boot}`
      const acknowledged = new Map<string, number>()
      for (const { stream, seq } of messages) acknowledged.set(stream, Math.max(acknowledged.get(stream) ?? 0, seq + 1))
      const recorded = virtual.clock === 'recorded'
      const final = recorded ? reference.hashes.get(session)! : null
      return { device: virtual.device, recorded, session, offered: messages, acknowledged, regressions: [], final }
    }),
    journal,
    log,
    rerun,
    ledgers,
    engineLedger,
    feed: { events: log, connections: 1 },
    feedExpected: log.map(({ id }) => id),
    store: await readEmbedded(dataDir),
    storeKind: 'embedded',
    reference,
  }
}

/** As slabs come, so that live devices get their anchors. */
function play(dataDir: string, devices: readonly OfferingDevice[]): void {
  const host = new PartitionHost({
    dataDir,
    run: 1,
    worker: 0,
    partitions: devices.map((_, k) => k),
    segmentBytes: 1 << 30,
    create: partition => new Partition(partition),
    now: () => 0,
    output: { command() {}, highWater() {}, wave() {}, wavesWanted: () => false, session() {}, news() {}, logged() {} },
  })
  const run = (partition: number, record: AdoptRecord | MessageRecord) => {
    const batch =
      record.type === 'adopt'
        ? host.planRecords([{ partition, record }])
        : host.planSlab(packSlab([{ partition, message: { ...record, tenant: 'default' } }]))
    host.commit(batch)
    host.process(batch)
    host.flush()
  }
  for (const [partition, { virtual, messages }] of devices.entries()) {
    const { device } = virtual
    const adopted = { patient: `patient-${device}`, from: 0, author: 'test', reason: 'test', state: null } as const
    run(partition, { type: 'adopt', device, ...adopted, at: 1_000_000 })
    run(partition, { type: 'message', device, topic: 'birth', stream: '', payload: virtual.birth(), at: 1_000_000 })
    for (const { topic, stream, payload, time } of messages) {
      const at = 2_000_000 + Math.round(time * 1e6)
      run(partition, { type: 'message', device, topic, stream: topic === 'w' ? stream : '', payload, at })
    }
  }
  host.close()
}
