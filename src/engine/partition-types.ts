import type { LoggedEvent } from '../journal/logged-event.js'
import type { JournalRecord } from '../journal/record.js'
import type { Aside } from '../monitor/aside.js'
import type { MessageCounts, SampleCounts } from '../wire/ledger.js'

/** Counts of the wire protocol's ledger, in samples and in messages, summed as asked. */
export interface Ledger extends SampleCounts {
  messages: MessageCounts
}

/** What a partition asks of the world; none of it is replayed when a journal is re-run. */
export type DeviceCommand =
  | { readonly cmd: 'rebirth'; readonly device: string }
  | { readonly cmd: 'resend'; readonly device: string; readonly stream: string; readonly from: number; readonly to: number }

/** Highest contiguous positions of a device, for its `hw` topic. */
export interface HighWater {
  readonly device: string
  readonly boot: number
  readonly streams: Readonly<Record<string, { seq: number; index: number }>>
  readonly final: boolean
  readonly eventHash: string | null
  readonly eventCount: number | null
}

/** Samples as the station draws them: min and max kept by decimation at most 125 points a second. */
export interface DisplayWave {
  readonly patient: string
  readonly device: string
  readonly stream: string
  readonly channel: string
  readonly unit: string
  /** Patient time of the first point, microseconds, and the step between points. */
  readonly t: number
  readonly stepMicros: number
  /** NaN: missing. */
  readonly values: Float32Array
  /** Patient times of the beats that stood out in these samples, microseconds; on the first channel of a stream. */
  readonly beats: readonly number[]
}

/** Where a partition puts what it makes, in order. */
export interface PartitionSink {
  event(event: LoggedEvent): void
  command(command: DeviceCommand): void
  highWater(water: HighWater): void
  wave(wave: DisplayWave): void
  /** What the log does not keep; left out: nobody looks on. */
  aside?(aside: Aside): void
  /** Whether anybody looks at waves now; left out: yes. */
  wavesWanted?(): boolean
}

/**
 * A deterministic machine: same records at the same offsets, same events. `process` is called with the journal offset
 * (a counter per partition) of each record after it stands in the journal.
 */
export interface PartitionMachine {
  readonly partition: number
  process(record: JournalRecord, offset: number, sink: PartitionSink): void
  ledger(): Ledger
  /** Plain data (JSON values and typed arrays), fit for v8.serialize. */
  save(): unknown
  load(state: unknown): void
}
