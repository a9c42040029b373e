import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Partition } from '../../src/engine/partition.js'
import { PartitionHost } from '../../src/engine/partition-host.js'
import type { PartitionMachine } from '../../src/engine/partition-types.js'
import { partitionCount } from '../../src/intake/placement.js'
import { eventsType } from '../../src/journal/event-log-writer.js'
import { LocalJournal } from '../../src/journal/local-journal.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { parseSegmentFile } from '../../src/journal/segment-format.js'
import { indexSegments } from '../../src/journal/segment-index.js'
import { scanSegment } from '../../src/journal/segment-scan.js'
import type { WaveSegment } from '../../src/journal/wave-segment.js'
import { DeviceReceiver } from '../../src/wire/device-receiver.js'
import { addSamples, type SampleCounts, zeroSamples } from '../../src/wire/ledger.js'
import type { JournaledMessage } from './history.js'

/** Above any run of the engine. */
const rerunRun = 90_000_000

/** All whole records that the event log holds now (after `position`), run after run; an engine may be writing to it. */
export function readEventLog(dataDir: string, position: string | null = null): { events: LoggedEvent[]; segments: WaveSegment[] } {
  const dir = path.join(dataDir, 'events')
  const from = readPosition(position)
  const events: LoggedEvent[] = []
  const segments: WaveSegment[] = []
  for (const file of readdirSync(dir).sort()) {
    const name = parseSegmentFile('events', file)
    if (name === null) continue
    const { number, byte } = from.get(name.worker) ?? { number: 0, byte: 0 }
    if (name.number < number) continue
    for (const raw of scanSegment('events', path.join(dir, file), name.number === number ? byte : 0)) {
      for (const line of Buffer.from(raw.body).toString('utf8').split('\n')) {
        if (line === '') continue
        if (raw.type === eventsType) events.push(JSON.parse(line) as LoggedEvent)
        else segments.push(JSON.parse(line) as WaveSegment)
      }
    }
  }
  return { events, segments }
}

/** `w0:NUMBER,...`, as `LocalEventLog` writes it: segment number times 2^32 plus the byte. */
function readPosition(text: string | null): Map<number, { number: number; byte: number }> {
  const parts = text === null || text === '' ? [] : text.split(',')
  return new Map(
    parts.map(part => {
      const [log = '', place = ''] = part.split(':')
      return [Number(log.slice(1)), { number: Math.floor(Number(place) / 2 ** 32), byte: Number(place) % 2 ** 32 }]
    }),
  )
}

/** What a data folder holds apart from the event log, and what the journal alone makes when it is processed anew. */
export interface ReadRun {
  readonly journal: JournaledMessage[]
  readonly rerun: LoggedEvent[]
  readonly ledgers: Map<string, SampleCounts>
}

/** Works on a copy; the engine must be dead. */
export function readRun(dataDir: string, scratch: string): ReadRun {
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
    const { events } = readEventLog(copy)
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
    for (const [place, counts] of Object.entries(own.ledger().streams)) {
      const key = `${device}/${place.slice(place.indexOf('/') + 1)}`
      const sum = to.get(key) ?? zeroSamples()
      // Boots, implied ones too, and partitions that had the device one after the other.
      addSamples(sum, counts)
      to.set(key, sum)
    }
  }
  return to
}
