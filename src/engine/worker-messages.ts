import type { Incoming, Slab } from '../intake/incoming.js'
import type { OutsideAddress } from '../intake/outside-connection.js'
import type { JournalLevel } from '../journal/journal-level.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { JournalRecord } from '../journal/record.js'
import type { DeviceCommand, DisplayWave, HighWater, Ledger } from './partition-types.js'

/** What a worker is started with. */
export interface WorkerData {
  readonly dataDir: string
  readonly run: number
  readonly worker: number
  readonly partitions: readonly number[]
  /** URL of the module whose `Partition` runs. */
  readonly partitionModule: string
  readonly snapshotSeconds: number
  readonly segmentBytes: number
  readonly level: JournalLevel
  /** Null: the embedded broker, whose messages come in slabs. */
  readonly outside: { address: OutsideAddress; clientId: string } | null
  readonly devices: readonly OwnedDevice[]
}

export interface OwnedDevice {
  readonly device: string
  readonly tenant: string
  readonly partition: number
}

/** A device as a partition has it, told at start so that registry and journal can be brought together. */
export interface HeldDevice {
  readonly partition: number
  readonly device: string
  readonly patient: string | null
}

export interface HandedOver {
  readonly state: unknown
  readonly watch: unknown
}

/** A device that a partition has released and nobody is known to have adopted: a kill may have come between the two. */
export interface ReleasedDevice extends HandedOver {
  readonly partition: number
  readonly device: string
}

/** What a worker found in its partitions when it started. */
export interface Found {
  readonly devices: readonly HeldDevice[]
  readonly released: readonly ReleasedDevice[]
  /** Records of the tail that were processed again, and snapshots that were passed over. */
  readonly replayed: number
  readonly problems: readonly string[]
}

export type ToWorker =
  | { readonly type: 'slab'; readonly id: number; readonly slab: Slab }
  | { readonly type: 'append'; readonly id: number; readonly partition: number; readonly record: JournalRecord }
  | { readonly type: 'ledger'; readonly id: number }
  | { readonly type: 'watch'; readonly on: boolean }
  | { readonly type: 'own'; readonly id: number; readonly devices: readonly OwnedDevice[] }
  | { readonly type: 'disown'; readonly id: number; readonly devices: readonly OwnedDevice[] }
  | { readonly type: 'forwarded'; readonly id: number }
  /** Behind an outside broker: registry and journal agree, messages may come. */
  | { readonly type: 'open' }
  | { readonly type: 'stop' }

export type FromWorker =
  | ({ readonly type: 'ready' } & Found)
  | { readonly type: 'failed'; readonly code: string | null; readonly message: string }
  | { readonly type: 'journaled'; readonly id: number }
  | { readonly type: 'appended'; readonly id: number; readonly events: readonly LoggedEvent[]; readonly handed: HandedOver | null }
  | { readonly type: 'ledger'; readonly id: number; readonly ledger: Ledger }
  | { readonly type: 'owned'; readonly id: number }
  | { readonly type: 'forward'; readonly id: number; readonly message: Incoming }
  /** Something was written to the event log; `sessions` are the `session` events among it. */
  | { readonly type: 'logged'; readonly sessions: readonly LoggedEvent[] }
  | { readonly type: 'waters'; readonly waters: readonly HighWater[] }
  | { readonly type: 'commands'; readonly commands: readonly DeviceCommand[] }
  | { readonly type: 'waves'; readonly waves: readonly DisplayWave[] }
  | { readonly type: 'news'; readonly news: readonly WorkerNews[] }
  | { readonly type: 'blocked'; readonly reason: string | null }
  /** Something that holds nobody back cannot be written; null: it can again. */
  | { readonly type: 'failing'; readonly what: string; readonly reason: string | null }
  | { readonly type: 'link'; readonly connected: boolean; readonly reason: string }
  | { readonly type: 'stopped' }

/** For the system log. */
export interface WorkerNews {
  readonly type: 'worker' | 'mismatch' | 'clock'
  readonly device: string
  readonly patient: string
  readonly body: Readonly<Record<string, unknown>>
}
