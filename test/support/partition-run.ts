import type { PlayedDevice } from '../../src/device/played-device.js'
import { Partition } from '../../src/engine/partition.js'
import { defaultOptions, type PartitionOptions } from '../../src/engine/partition-options.js'
import type { DeviceCommand, HighWater, PartitionSink } from '../../src/engine/partition-types.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { JournalRecord } from '../../src/journal/record.js'

/** Everything that a partition puts out, kept. */
export class KeptSink implements PartitionSink {
  readonly events: LoggedEvent[] = []
  readonly commands: DeviceCommand[] = []
  readonly waters: HighWater[] = []

  event(event: LoggedEvent): void {
    this.events.push(structuredClone(event))
  }

  command(command: DeviceCommand): void {
    this.commands.push(command)
  }

  highWater(water: HighWater): void {
    this.waters.push(water)
  }

  wave(): void {}
}

/** The journal that a device leaves when everything arrives in order. */
export async function recordsOf(played: PlayedDevice, patient: string | null = 'p-1'): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [
    { type: 'adopt', device: played.device, patient, from: 0, author: 'test', reason: 'test', state: null, at: 0 },
  ]
  for (const { virtual, startsAt } of played.lives(0)) {
    const at = startsAt * 1e6
    records.push({ type: 'message', device: played.device, topic: 'birth', stream: '', payload: virtual.birth(), at })
    for await (const message of virtual.messages()) {
      records.push({
        type: 'message',
        device: played.device,
        topic: message.topic,
        stream: message.topic === 'w' ? message.stream : '',
        payload: message.payload,
        at: Math.round(message.time * 1e6),
      })
    }
  }
  return records
}

/** Runs records from offset 0 on; `restartAt`: offsets before which the partition is saved and loaded into a new one. */
export function runRecords(
  records: readonly JournalRecord[],
  options: PartitionOptions = defaultOptions,
  restartAt: ReadonlySet<number> = new Set(),
): { partition: Partition; sink: KeptSink } {
  const sink = new KeptSink()
  let partition = new Partition(3, options)
  for (const [offset, record] of records.entries()) {
    if (restartAt.has(offset)) {
      const state = structuredClone(partition.save())
      partition = new Partition(3, options)
      partition.load(state)
    }
    partition.process(record, offset, sink)
  }
  return { partition, sink }
}

/** Hash and count of the first session that closed. */
export function closedSession(sink: KeptSink): { eventHash: string | null; eventCount: number } {
  const closed = sink.events.find(event => event.type === 'session' && event.body.state === 'closed')
  if (closed === undefined) throw new Error('no session has closed')
  return { eventHash: closed.body.eventHash as string | null, eventCount: closed.body.eventCount as number }
}
