import type { DeviceMessage } from '../../src/device/virtual-device.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { SampleCounts } from '../../src/wire/ledger.js'

/** What one device did: everything that it had to say, and everything that it was told. */
export interface DeviceHistory {
  readonly device: string
  readonly recorded: boolean
  readonly session: string
  /** All messages of its life, in the order in which it sends them. */
  readonly offered: readonly DeviceMessage[]
  /** Highest `hw` by stream (next seq), over all `hw` messages that it heard. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** `hw` that went back below one heard before, as text. */
  readonly regressions: readonly string[]
  readonly final: { readonly eventHash: string | null; readonly eventCount: number | null } | null
}

/** A message as it stands in the journal. */
export interface JournaledMessage {
  readonly device: string
  readonly topic: string
  readonly stream: string
  readonly payload: Uint8Array
}

/** What the feed client was sent, in order, over all of its connections. */
export interface FeedHistory {
  readonly events: readonly LoggedEvent[]
  readonly connections: number
}

/** Rows of the store, one per thing that must be there once. */
export interface StoreContents {
  /** `vitals`: event or point key to values; see store-contents.ts. */
  readonly rows: ReadonlyMap<string, string>
  /** Keys that were found more than once. */
  readonly doubled: readonly string[]
  /** Raw chunks that the store leads to, `device/stream/index`. */
  readonly chunks: ReadonlySet<string>
}

export interface Reference {
  /** Sorted lines of the patient log by session: time, type, stream and body. */
  readonly lines: ReadonlyMap<string, readonly string[]>
  readonly hashes: ReadonlyMap<string, { readonly eventHash: string | null; readonly eventCount: number | null }>
}

/** Everything that the checker looks at. */
export interface RunHistory {
  /** The broker was killed: retained messages that it had not saved are gone, and an older one may come again. */
  readonly brokerForgets: boolean
  readonly devices: readonly DeviceHistory[]
  readonly journal: readonly JournaledMessage[]
  /** The event log, in the order in which a reader gets it; the same event may come again. */
  readonly log: readonly LoggedEvent[]
  /** What the journal alone makes, processed again from its beginning. */
  readonly rerun: readonly LoggedEvent[]
  /** By `device/stream`, from the state that the rerun ends in. */
  readonly ledgers: ReadonlyMap<string, SampleCounts>
  /** Sum that the running engine gave last. */
  readonly engineLedger: SampleCounts
  readonly feed: FeedHistory
  /** Ids that stood in the log when the feed was said to have everything. */
  readonly feedExpected: readonly string[]
  readonly store: StoreContents
  readonly storeKind: 'embedded' | 'influx-v1'
  readonly reference: Reference
}

/** `check`: its name; `detail`: what was expected and what was found, with the place. */
export interface Finding {
  readonly check: string
  readonly detail: string
}
