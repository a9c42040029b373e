import type { DeviceEvent, NumericSample } from '../signal/numeric.js'
import type { Birth } from './birth.js'
import type { RecordReason, RefusalReason } from './reasons.js'
import type { UpTopic } from './topics.js'

/**
 * What a DeviceReceiver makes of the messages of one device, in the order in which a partition acts on it.
 *
 * `boot` is the device's boot counter; an implied boot (a restart under the same counter, W2) adds 2^32 for each restart,
 * so it is a number of its own. `wireBoot` takes it back to what the device sent.
 */
export type ReceiverAction =
  | BirthAction
  | BootAction
  | BlockAction
  | LateAction
  | GapAction
  | NumericsAction
  | DeviceEventAction
  | CloseAction
  | StateAction
  | RefusedAction
  | DisorderedAction
  | CommandAction

/** A birth was taken (`again`: the same one at a reconnect, only the battery may differ) or refused. */
export type BirthAction =
  | { readonly type: 'birth'; readonly birth: Birth; readonly again: boolean }
  | { readonly type: 'birth-refused'; readonly reason: RefusalReason; readonly detail: string; readonly boot: number | null }

/** A boot begins; what came of the one before is released and closed already. `implied`: raise a technical alert. */
export interface BootAction {
  readonly type: 'boot'
  readonly boot: number
  readonly implied: boolean
  readonly birth: Birth
}

/** Samples [index, index + n) of every channel of a stream. `channels` are physical values, NaN missing. */
export interface ReceivedChunk {
  readonly index: number
  readonly n: number
  /** Device clock of the first sample, microseconds. */
  readonly t0: number
  readonly flags: number
  /** Samples, counted as `index` is, at which the device says that a pacing pulse began; ascending. */
  readonly paceMarks?: readonly number[]
  /** Lent until the next action. */
  readonly channels: readonly Float64Array[]
}

/** `device`: the device lost them itself; `transit`: missing on the way; `before-contact`: before the first chunk seen. */
export type GapReason = 'device' | 'transit' | 'before-contact'

/** The next samples of a stream, in order. `gapBefore` samples are lost before it (0 when contiguous or first). */
export interface BlockAction {
  readonly type: 'block'
  readonly boot: number
  readonly stream: string
  readonly chunk: ReceivedChunk
  readonly gapBefore: number
  readonly gapReason: GapReason | null
}

/** Fills a gap that was released already, or belongs to an older boot: analysed apart (W4). */
export interface LateAction {
  readonly type: 'late'
  readonly boot: number
  readonly stream: string
  readonly chunk: ReceivedChunk
}

/**
 * For the system log. `device` and `transit`: lost samples, said just before the block that follows them; `seq-jump`:
 * chunks without samples are missing (`count` chunks); `before-contact`: what was before the first chunk and did not come
 * within 60 s of the stream's signal. For streams `n` and `e`, `index` and `count` are packs and events.
 */
export interface GapAction {
  readonly type: 'gap'
  readonly boot: number
  readonly stream: string
  readonly index: number
  readonly count: number
  readonly reason: GapReason | 'seq-jump'
}

/** One pack. `t`: device clock of its newest value (without values: at which it was sent); it closes numerics up to there. */
export interface NumericsAction {
  readonly type: 'numerics'
  readonly boot: number
  readonly t: number
  readonly samples: readonly NumericSample[]
  readonly refused: readonly RefusedRecord[]
  /** Fills a gap that was released already, or of an older boot. */
  readonly late: boolean
}

export interface RefusedRecord {
  readonly name: string
  readonly reason: RecordReason
  /** Device clock of a pressure that does not fit those beside it, microseconds. */
  readonly t?: number
  /** Of a number that is impossible as it is labelled. */
  readonly sent?: { readonly value: number; readonly unit: string }
}

export interface DeviceEventAction {
  readonly type: 'device-event'
  readonly boot: number
  readonly event: DeviceEvent
  readonly late: boolean
}

/** Nothing more comes in order from this stream of this boot. Numerics close as stream `n`. */
export interface CloseAction {
  readonly type: 'close'
  readonly boot: number
  readonly stream: string
  /** `last`: the device said so; `boot`: a new boot began. */
  readonly reason: 'last' | 'boot'
}

export const deviceStates = ['init', 'ready', 'sleeping', 'disconnected', 'lost'] as const
export type DeviceState = (typeof deviceStates)[number]

export interface StateAction {
  readonly type: 'state'
  readonly state: DeviceState
  readonly boot: number
}

/** Counted, and to be kept in quarantine. `bytes` are the payload. */
export interface RefusedAction {
  readonly type: 'refused'
  readonly topic: UpTopic
  readonly stream: string
  readonly reason: RefusalReason
  readonly detail?: string
  readonly bytes: Uint8Array
}

/** A recorded source cannot be put in order any more: its session has no hash. */
export interface DisorderedAction {
  readonly type: 'disordered'
  readonly boot: number
  readonly stream: string
}

export interface CommandAction {
  readonly type: 'command'
  readonly command:
    | { readonly cmd: 'rebirth' }
    | { readonly cmd: 'resend'; readonly stream: string; readonly from: number; readonly to: number }
}

const generation = 4294967296

/** The boot counter as the device sent it. */
export function wireBoot(boot: number): number {
  return boot % generation
}

/** How many restarts under the same counter came before: 0 for a boot with a birth of its own. */
export function impliedRestarts(boot: number): number {
  return Math.floor(boot / generation)
}

export function impliedBoot(boot: number): number {
  return boot + generation
}
