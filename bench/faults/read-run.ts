import { cpSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Partition } from '../../src/engine/partition.js'
import { PartitionHost } from '../../src/engine/partition-host.js'
import type { PartitionMachine } from '../../src/engine/partition-types.js'
import { partitionCount } from '../../src/intake/placement.js'
import { LocalEventLog } from '../../src/journal/local-event-log.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import type { WaveSegment } from '../../src/journal/wave-segment.js'
import { DeviceReceiver } from '../../src/wire/device-receiver.js'
import type { SampleCounts } from '../../src/wire/ledger.js'
import type { JournaledMessage } from './history.js'

/** Above any run of the engine. */
const rerunRun = 90_000_000

/** All that the event log holds now (after `position`); an engine may be writing to it. */
export async function readEventLog(
  dataDir: string,
  position: string | null = null,
): Promise<{ events: LoggedEvent[]; segments: WaveSegment[] }> {
  const log = new LocalEventLog(path.join(dataDir, 'events'))
  const reader = log.reader(position, { maxEvents: 100_000 })
  const events: LoggedEvent[] = []
  const segments: WaveSegment[] = []
  for (let behind = Number.POSITIVE_INFINITY; reader.bytesBehind() > 0 && reader.bytesBehind() < behind; ) {
    behind = reader.bytesBehind()
    // What is not whole yet would be waited for.
    const batch = await Promise.race([reader.next(), new Promise<null>(resolve => setTimeout(resolve, 3000, null))])
    if (batch === null) break
    events.push(...batch.events)
    segments.push(...batch.segments)
  }
  log.close()
  return { events, segments }
}

/** What a data folder holds apart from the event log, and what the journal alone makes when it is processed anew. */
export interface ReadRun {
  readonly journal: JournaledMessage[]
  readonly rerun: LoggedEvent[]
  readonly ledgers: Map<string, SampleCounts>
}

/** Works on a copy; the engine must be dead. */
export async function readRun(dataDir: string, scratch: string): Promise<ReadRun> {
  const copy = path.join(scratch, 'rerun')
  mkdirSync(copy, { recursive: true })
  cpSync(path.join(dataDir, 'journal'), path.join(copy, 'journal'), { recursive: true, filter: source => !source.endsWith('.idx') })
  try {
    const index = indexSegments('journal', path.join(copy, 'journal'))
    const all = new LocalJournal(index, { run: rerunRun, worker: 0 })
    const journal: JournaledMessage[] = []
    for (const { record } of all.readMany(new Map(Array.from({ length: partitionCount }, (_, p) => [p, 0])))) {
      if (record.type === 'message') journal.push(record)
    }
    all.close()
    const machines: PartitionMachine[] = []
    const host = new PartitionHost({
      dataDir: copy,
      run: rerunRun,
      worker: 0,
      partitions: Array.from({ length: partitionCount }, (_, p) => p),
      segmentBytes: 1024 * 1024 * 1024,
      create: partition => {
        const machine = new Partition(partition)
        machines.push(machine)
        return machine
      },
      now: () => 0,
      output: { command() {}, highWater() {}, wave() {}, wavesWanted: () => false, session() {}, news() {}, logged() {} },
    })
    const ledgers = machines.reduce(addLedgers, new Map<string, SampleCounts>())
    host.close()
    const { events } = await readEventLog(copy)
    return { journal, rerun: events, ledgers }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Adds the counts of each stream of a partition's devices, as `device/stream`. */
function addLedgers(to: Map<string, SampleCounts>, machine: PartitionMachine): Map<string, SampleCounts> {
  const { devices } = machine.save() as { devices: { device: string; receiver: unknown }[] }
  for (const { device, receiver } of devices) {
    const own = new DeviceReceiver(device)
    own.load(receiver)
    for (const [place, counts] of Object.entries(own.ledger().streams)) to.set(`${device}/${place.slice(place.indexOf('/') + 1)}`, counts)
  }
  return to
}
