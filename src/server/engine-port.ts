import type { EventLogReader } from '../journal/event-log.js'
import type { LoggedEvent } from '../journal/logged-event.js'
import type { CorrectRecord, IssueRecord } from '../journal/record.js'
import type { WaveSegment } from '../journal/wave-segment.js'
import type { PatientAttributes } from '../signal/patient.js'
import type { WaveMessage } from './wave-frame.js'

/** What the server needs of the running engine; the engine is one (structurally), a test may be another. */
export interface EnginePort {
  /** Changes when the event log is begun anew. */
  readonly epoch: string
  readonly partitions: number
  /** Wall time, microseconds. */
  readonly startedAt: number
  events(position: string | null, options?: { maxEvents?: number }): EventLogReader
  eventsEnd(): string
  assign(request: {
    device: string
    patient: string | null
    from?: number
    to?: number
    author: string
    reason: string
  }): Promise<AssignmentView>
  assignments(): readonly AssignmentView[]
  setAttributes(change: { patient: string; attributes: PatientAttributes; author: string; reason: string }): Promise<LoggedEvent>
  setLimits(change: { rules: LimitChanges; author: string; reason: string }): Promise<void>
  /** Resolves with the `acknowledge` event, accepted or not. */
  acknowledge(request: { patient: string; alert: string; expectedRevision: number; author: string; note: string }): Promise<LoggedEvent>
  /** The `issue` event, or null: nothing to step. */
  stepIssue(request: Omit<IssueRecord, 'type' | 'at'>): Promise<LoggedEvent | null>
  /** The `correction` event, or null: nothing to make or to undo. */
  correct(request: Omit<CorrectRecord, 'type' | 'at'>): Promise<LoggedEvent | null>
  sayIssue(body: Readonly<Record<string, unknown>>): void
  ledger(): Promise<LedgerView>
  lag(): EngineLagView
  kept(): readonly KeptView[]
  devices(): readonly EngineDevice[]
  sessions(): readonly EngineSession[]
  onWave(listener: (waves: readonly WaveMessage[]) => void): () => void
  readWaveform(segments: readonly WaveSegment[], range: { from: number; to: number }): Promise<WaveformStretch[]>
}

/** Rule id to its changed fields. */
export type LimitChanges = Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>>

interface AssignmentView {
  readonly device: string
  readonly patient: string | null
  readonly from: number
  readonly to: number | null
  readonly author: string
  readonly reason: string
}

export interface LedgerView {
  readonly offered: number
  readonly stored: number
  readonly late: number
  readonly duplicate: number
  readonly rejected: number
  readonly held: number
  readonly lost: number
  readonly invalid: number
  readonly messages: {
    readonly received: number
    readonly accepted: number
    readonly duplicate: number
    readonly refused: Readonly<Record<string, number>>
  }
}

/** Of one class of data: what lies there, from when, and what was deleted since the start. */
export interface KeptView {
  readonly what: string
  readonly segments: number
  readonly bytes: number
  /** Wall time, microseconds. */
  readonly oldest: number | null
  readonly deletedSegments: number
  readonly deletedBytes: number
}

export interface EngineLagView {
  readonly journalMs: number
  readonly messages: number
  readonly blocked: readonly { readonly worker: number; readonly reason: string }[]
  readonly damaged: readonly string[]
  readonly failing: readonly { readonly what: string; readonly reason: string }[]
  readonly workers: readonly { readonly worker: number; readonly state: 'running' | 'restoring' | 'stopped'; readonly restarts: number }[]
  readonly brokerConnected: boolean
}

export interface EngineDevice {
  readonly device: string
  readonly patient: string | null
  readonly boot: number | null
  readonly clock: 'monotonic' | 'utc' | 'recorded' | null
  readonly model: string
  readonly firmware: string
  readonly streams: readonly {
    readonly id: string
    readonly kind: string
    readonly channels: readonly string[]
    readonly unit: string
    readonly fs: { readonly num: number; readonly den: number }
  }[]
}

interface EngineSession {
  readonly session: string
  readonly patient: string
  readonly devices: readonly string[]
  readonly state: 'opened' | 'closed' | 'disordered'
  readonly eventHash: string | null
  readonly eventCount: number | null
  readonly record: string | null
  readonly openedAt: number
  readonly closedAt: number | null
}

interface WaveformStretch {
  readonly boot: number
  readonly channel: string
  readonly unit: string
  readonly fs: readonly [number, number]
  readonly start: number
  readonly t: number
  readonly values: Float64Array
}
