import { decodeDocument, encodeDocument } from './document.js'
import { attempt, Mistake, Shape } from './shape.js'

/** At most this many chunks a resend command asks for. */
export const resendLimit = 64

/** Topic `cmd`, down. */
export type Command =
  | { readonly id: string; readonly cmd: 'rebirth' }
  | { readonly id: string; readonly cmd: 'resend'; readonly stream: string; readonly from: number; readonly to: number }
  | { readonly id: string; readonly cmd: 'time'; readonly utc: number }

/**
 * Topic `hw`, down and retained: everything below these positions is kept or given up. Packs and events are streams `n`
 * and `e` here. `final`: the session is closed; then its hash and count are there, or null when it was disordered.
 */
export interface HighWaterMessage {
  readonly boot: number
  readonly level: 'process' | 'power'
  readonly streams: Readonly<Record<string, Position>>
  readonly final?: boolean
  readonly eventHash?: string | null
  readonly eventCount?: number | null
}

export interface Position {
  readonly seq: number
  readonly index: number
}

const u32 = 0xffffffff
const highest = Number.MAX_SAFE_INTEGER

export function encodeCommand(command: Command): Uint8Array {
  return encodeDocument(command)
}

/** Null when it is no command that this version knows: a device leaves it alone. */
export function decodeCommand(bytes: Uint8Array): Command | null {
  return reading(bytes, s => {
    const id = s.text('id')
    const cmd = s.oneOf('cmd', ['rebirth', 'resend', 'time'] as const)
    if (cmd === 'rebirth') return { id, cmd }
    if (cmd === 'time') return { id, cmd, utc: s.whole('utc', 0, highest) }
    const command = { id, cmd, stream: s.text('stream', 64), from: s.whole('from', 0, u32), to: s.whole('to', 0, u32) }
    if (command.to < command.from || command.to - command.from >= resendLimit) throw new Mistake('to')
    return command
  })
}

export function encodeHighWater(message: HighWaterMessage): Uint8Array {
  return encodeDocument(message)
}

/** Null when it cannot be read; unknown members are left alone. */
export function decodeHighWater(bytes: Uint8Array): HighWaterMessage | null {
  return reading(bytes, s => {
    const places = new Map<string, Position>()
    for (const [id, place] of Object.entries((s.get('streams') ?? {}) as object)) {
      const p = new Shape(place, id)
      places.set(id, { seq: p.whole('seq', 0, u32 + 1), index: p.whole('index', 0, highest) })
    }
    const eventHash = s.get('eventHash')
    const eventCount = s.get('eventCount')
    return {
      boot: s.whole('boot', 0, u32),
      level: s.oneOf('level', ['process', 'power'] as const),
      streams: Object.fromEntries(places),
      ...(s.has('final') ? { final: s.flag('final') } : {}),
      ...(eventHash === undefined ? {} : { eventHash: eventHash === null ? null : s.text('eventHash') }),
      ...(eventCount === undefined ? {} : { eventCount: eventCount === null ? null : s.whole('eventCount', 0, highest) }),
    }
  })
}

function reading<T>(bytes: Uint8Array, read: (s: Shape) => T): T | null {
  const document = decodeDocument(bytes)
  if (document === undefined) return null
  const result = attempt(() => read(new Shape(document, '')))
  return 'ok' in result ? result.ok : null
}
