import type { LoggedEvent } from '../journal/logged-event.js'

/**
 * The live feed at `/api/v1/feed`, version 1. Text frames are JSON messages, one each, of the types below; binary
 * frames are waveforms (`wave-frame.ts`). Order: `hello`, then the client's `subscribe`, then `snapshot` (when asked
 * for), then `events` as they come, between them `heartbeat` and `waves-dropped`. This file and `wave-frame.ts` are
 * all that a client needs; they import no code.
 */
export const feedProtocol = 1
export const feedPath = '/api/v1/feed'
export const notMedicalDevice = 'Not a medical device; research and engineering use'

/** WebSocket close codes of the feed; the reason text says what happened in words. */
export const feedClose = {
  /** The server ends. Connect again with the last cursor. */
  goingAway: 1001,
  /** The first message was no `subscribe`, did not come in time or was not valid. */
  badSubscribe: 4000,
  unauthorised: 4001,
  /** The cursor is not one of this engine's data folder, or is older than what is kept: subscribe from `snapshot`. */
  cursorRefused: 4004,
  /** More was waiting for this client than the bound. Connect again with the last cursor. */
  tooSlow: 4008,
} as const

export type ServerMessage =
  | HelloMessage
  | SnapshotMessage
  | EventsMessage
  | FastBeatsMessage
  | HeartbeatMessage
  | WavesDroppedMessage
  | FeedErrorMessage
export type ClientMessage = SubscribeMessage

export interface HelloMessage {
  readonly type: 'hello'
  readonly version: string
  readonly protocol: typeof feedProtocol
  readonly notice: string
  /** Changes when the event log is begun anew; cursors of another epoch are refused. */
  readonly epoch: string
}

export interface SubscribeMessage {
  readonly type: 'subscribe'
  /** `snapshot`: the state of now and what follows. A cursor: exactly what followed it, without a snapshot. */
  readonly from: 'snapshot' | (string & {})
  readonly patients: 'all' | readonly string[]
  /** Waveforms of all subscribed patients, of none, or of those named. */
  readonly waves: boolean | readonly string[]
  /** Event types to receive, e.g. `["condition"]`; all when left out. */
  readonly types?: readonly string[]
}

export interface SnapshotMessage {
  readonly type: 'snapshot'
  /** The state as of this cursor. */
  readonly cursor: string
  /** Wall time of the engine, microseconds; to count ages against. */
  readonly now: number
  readonly patients: readonly PatientView[]
  readonly system: SystemView
}

export interface EventsMessage {
  readonly type: 'events'
  /** Where to go on after these events. */
  readonly cursor: string
  readonly now: number
  readonly events: readonly FeedEvent[]
}

/** An event as logged, with its age when it was sent. */
export interface FeedEvent extends LoggedEvent {
  /** Milliseconds from the journaling of its cause to this sending. */
  readonly ageMs: number
  /** It was decided from a backlog, or reaches this client more than 10 s after its cause was journaled. */
  readonly delayed: boolean
  /** Of `condition` and `acknowledge` events: the alert as it is when this is sent, so its revision may be a later one. */
  readonly alert?: AlertView
}

/**
 * Every 5 s. `selfCheck` is made in the engine and travels the whole way (projection, queue, socket): a client shows
 * "engine answers" while `sequence` goes up and "no self-check" after 15 s without. It is no event of any patient.
 */
export interface HeartbeatMessage {
  readonly type: 'heartbeat'
  readonly cursor: string
  readonly now: number
  readonly selfCheck: {
    readonly kind: 'self-check'
    readonly sequence: number
    /** `degraded`: the feed or a store is behind, or a worker is down; `detail` says which. */
    readonly state: 'ok' | 'degraded'
    readonly detail: string
    /** Bytes of the event log that this feed has not read. */
    readonly bytesBehind: number
  }
}

/**
 * Beats as soon as they stand out in an ECG, for the eye and the ear; sent after the waves in which they lie, lost with them.
 * Provisional: the confirmed beat is an event.
 */
export interface FastBeatsMessage {
  readonly type: 'fast-beats'
  readonly beats: readonly { readonly patient: string; readonly device: string; readonly stream: string; readonly t: number }[]
}

/** Waveforms that this client lost because it was slow: frames since the last such message. */
export interface WavesDroppedMessage {
  readonly type: 'waves-dropped'
  readonly count: number
  readonly total: number
}

/** Sent before the server closes because of something that the client did. */
export interface FeedErrorMessage {
  readonly type: 'error'
  readonly error: { readonly code: string; readonly message: string; readonly accepted: string }
}

export interface PatientView {
  readonly id: string
  readonly devices: readonly DeviceView[]
  readonly vitals: readonly VitalView[]
  readonly news2: ScoreView | null
  /** Active, clearing and latched alerts, and pending ones; highest priority first, then oldest. */
  readonly alerts: readonly AlertView[]
  /** Newest patient time and wall time of any event, microseconds; null before the first. */
  readonly t: number | null
  readonly at: number | null
}

export interface DeviceView {
  readonly id: string
  readonly model: string
  readonly firmware: string
  readonly boot: number | null
  readonly clock: 'recorded' | 'monotonic' | 'utc' | null
  /** Word of the device's `state` message; `unknown` before one came. */
  readonly link: 'init' | 'ready' | 'sleeping' | 'disconnected' | 'lost' | 'unknown'
  readonly linkAt: number | null
  readonly battery: number | null
  readonly streams: readonly StreamView[]
}

export interface StreamView {
  readonly id: string
  readonly kind: string
  readonly channels: readonly string[]
  readonly unit: string
  /** Hz as a fraction. */
  readonly fs: readonly [number, number]
  readonly closed: boolean
  /** Samples lost, as declared so far. */
  readonly lost: number
  /** By channel number (place in `channels`): newest signal quality, 0 to 1, and its reason. */
  readonly quality: Readonly<Record<string, { readonly quality: number; readonly reason: string; readonly at: number }>>
}

export interface VitalView {
  readonly name: string
  /** null: not measurable now; `reason` says why. */
  readonly value: number | string | boolean | null
  readonly unit: string
  readonly quality: number | null
  readonly status: string
  readonly reason: string | null
  readonly stream: string
  /** Patient time and wall time, microseconds. */
  readonly t: number
  readonly at: number
  /** Seconds since it was journaled, at the moment of the snapshot. */
  readonly ageSeconds: number
  /** Older than the validity of this vital sign (signal catalogue). */
  readonly stale: boolean
}

export interface ScoreView {
  readonly score: string
  readonly total: number | null
  readonly complete: boolean
  readonly band: string | null
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly missing: readonly string[]
  readonly stale: readonly string[]
  readonly refused: string | null
  readonly t: number
  readonly at: number
  readonly ageSeconds: number
}

export interface AlertView {
  readonly id: string
  readonly patient: string
  /** When this session closes, the alert ends with it. */
  readonly session: string
  /** Stream that it speaks of; empty for conditions of the patient. */
  readonly stream: string
  readonly condition: string
  readonly priority: 'high' | 'medium' | 'low'
  readonly kind: string
  readonly state: 'pending' | 'active' | 'clearing' | 'latched' | 'absent'
  /** Whether it has been active; false while it is only pending. */
  readonly raised: boolean
  /** Patient time, microseconds: when it became active; the pending begin while it is pending. */
  readonly onset: number
  readonly onsetAt: number
  /** Patient time at which it ended; null while it lasts. */
  readonly end: number | null
  /** `session-ended`: it was not seen to clear, its session is over. */
  readonly endReason: 'cleared' | 'session-ended' | null
  readonly acknowledged: { readonly by: string; readonly at: number; readonly note: string } | null
  /** Goes up with every change; an acknowledgement names the one that it saw. */
  readonly revision: number
  readonly name: string | null
  readonly value: number | string | boolean | null
  readonly limit: number | string | null
  readonly message: string
  readonly measurable: boolean
  /** Samples that the decision rests on. */
  readonly evidence: { readonly from: SampleRefView; readonly to: SampleRefView } | null
  readonly delayed: boolean
}

export interface SampleRefView {
  readonly stream: string
  readonly index: number
}

export interface SystemView {
  readonly alerts: readonly SystemAlertView[]
}

/** What the engine has to say of itself; stands beside the patients. */
export interface SystemAlertView {
  readonly id: string
  readonly what: string
  readonly priority: 'high' | 'medium' | 'low'
  readonly message: string
  readonly device: string
  readonly since: number
}
