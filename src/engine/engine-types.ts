import type { EventLogReader } from '../journal/event-log.js'
import type { JournalLevel } from '../journal/journal-level.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { CorrectRecord, IssueRecord } from '../journal/record.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import type { PatientAttributes } from '../signal/patient.js'
import type { StreamSpec } from '../signal/stream.js'
import type { KeptData, Retention } from './data-keeper.js'
import type { PartitionOptions } from './partition-options.js'
import type { DisplayWave, Ledger } from './partition-types.js'

export interface EngineConfig {
  readonly dataDir: string
  /** Default: min(cores, 4). */
  readonly workers?: number
  /** `auto`: every device that is not assigned gets a pseudonymous patient of its own. */
  readonly assign: 'auto' | 'manual'
  readonly broker: EmbeddedBrokerConfig | OutsideBrokerConfig
  /** Handed to every `new Partition(number, options)`; must survive structured cloning. */
  readonly partitionOptions?: PartitionOptions
  /** Module whose `Partition` the workers run; default the engine's own. */
  readonly partitionModule?: string
  /** Seconds between two snapshots of a partition; default 60. */
  readonly snapshotSeconds?: number
  /** What an acknowledgement promises; default `process`. */
  readonly journalLevel?: JournalLevel
  /** What is kept of journal and event log; default: all. */
  readonly retention?: Retention
  /** Size at which a segment file of journal and event log is closed; default 64 MiB. */
  readonly segmentBytes?: number
}

interface EmbeddedBrokerConfig {
  readonly kind: 'embedded'
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Take the next free port when `port` is taken. */
  readonly orNextFree: boolean
  /** Passwords by user name (a user name is a device id, or `*` for one that may speak for all); null: nobody is asked. */
  readonly passwords: Readonly<Record<string, string>> | null
  /** PEM; TLS when both are given. */
  readonly key?: string
  readonly cert?: string
}

export interface OutsideBrokerConfig {
  readonly kind: 'outside'
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  readonly user?: string
  readonly password?: string
  /** PEM of the authority that signed the broker's certificate. */
  readonly ca?: string
}

export interface AssignmentRequest {
  readonly device: string
  /** null: the device is nobody's from then on. */
  readonly patient: string | null
  /** Microseconds UTC; default now. */
  readonly from?: number
  readonly to?: number
  readonly author: string
  readonly reason: string
}

export interface Assignment {
  readonly device: string
  readonly patient: string | null
  readonly from: number
  /** null: open. */
  readonly to: number | null
  readonly author: string
  readonly reason: string
}

export interface DeviceInfo {
  readonly device: string
  readonly tenant: string
  readonly patient: string | null
  readonly partition: number
  readonly worker: number
  /** null before its birth. */
  readonly boot: number | null
  readonly clock: 'monotonic' | 'utc' | 'recorded' | null
  readonly model: string
  readonly firmware: string
  readonly streams: readonly StreamSpec[]
}

export interface EngineLag {
  /** Age in milliseconds of the oldest message that is received and not journaled. */
  readonly journalMs: number
  /** Messages received and not yet processed. */
  readonly messages: number
  /** Workers whose journal or event log cannot be written, with the reason. */
  readonly blocked: readonly { worker: number; reason: string }[]
  /** What the start found damaged in journal and event log. */
  readonly damaged: readonly string[]
  /** What cannot be written and holds nobody back: snapshots, list of devices, the engine's own log; with the reason. */
  readonly failing: readonly { what: string; reason: string }[]
  readonly workers: readonly { worker: number; state: 'running' | 'restoring' | 'stopped'; restarts: number }[]
  readonly brokerConnected: boolean
}

export interface SessionInfo {
  readonly session: string
  readonly patient: string
  readonly devices: readonly string[]
  readonly state: 'opened' | 'closed' | 'disordered'
  readonly eventHash: string | null
  readonly eventCount: number | null
  readonly record: string | null
  /** Wall time of opening and closing, microseconds. */
  readonly openedAt: number
  readonly closedAt: number | null
}

/** Samples of one stretch of a channel, read back from the journal. */
export interface WaveStretch {
  readonly boot: number
  readonly channel: string
  readonly unit: string
  readonly fs: readonly [number, number]
  /** Index of the first sample since boot and its patient time in microseconds. */
  readonly start: number
  readonly t: number
  /** Physical values; NaN: missing. */
  readonly values: Float64Array
}

/** The running engine, as the server and the commands see it. */
export interface Engine {
  /** Where devices connect: the embedded broker, or the outside one. */
  readonly mqttUrl: string
  /** Changes when the event log is begun anew. */
  readonly epoch: string
  readonly partitions: number
  readonly startedAt: number
  /** Reads the event log from a position; null: from its beginning. */
  events(position: string | null, options?: { maxEvents?: number }): EventLogReader
  /** The position after everything that is written now. */
  eventsEnd(): string
  /** Throws VitalwireError `usage-option` when devices of one patient would not be of one kind. */
  assign(request: AssignmentRequest): Promise<Assignment>
  assignments(): readonly Assignment[]
  setAttributes(change: { patient: string; attributes: PatientAttributes; author: string; reason: string }): Promise<LoggedEvent>
  setLimits(change: {
    rules: Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>>
    author: string
    reason: string
  }): Promise<void>
  /** Journaled; resolves with the `acknowledge` event that says whether it was accepted. */
  acknowledge(request: { patient: string; alert: string; expectedRevision: number; author: string; note: string }): Promise<LoggedEvent>
  /** Journaled; the `issue` event, or null: there is no such issue to step, or too many are open. */
  stepIssue(request: Omit<IssueRecord, 'type' | 'at'>): Promise<LoggedEvent | null>
  /** Journaled; the `correction` event, or null: there is no such correction, one of the kind is in force, or too many are. */
  correct(request: Omit<CorrectRecord, 'type' | 'at'>): Promise<LoggedEvent | null>
  /** An `issue` event of no single device. */
  sayIssue(body: Readonly<Record<string, unknown>>): void
  ledger(): Promise<Ledger>
  lag(): EngineLag
  /** What is kept of journal and event log, and what was deleted of them since the start; as of the last minute. */
  kept(): readonly KeptData[]
  devices(): readonly DeviceInfo[]
  sessions(): readonly SessionInfo[]
  /** Display waves from now on until the returned function is called; lost first under load. */
  onWave(listener: (waves: readonly DisplayWave[]) => void): () => void
  /** Samples in [from, to) of patient time, by the references that the store kept. */
  readWaveform(segments: readonly WaveSegment[], range: { from: number; to: number }): Promise<WaveStretch[]>
  /** Snapshots, then ends. */
  stop(): Promise<void>
}
