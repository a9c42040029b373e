import type { DeviceEvent } from '../signal/numeric.js'
import type { Decoded } from './chunk.js'
import { decodeDocument, type Encoding, encodeDocument } from './document.js'
import type { MessageReason } from './reasons.js'
import { attempt, Shape } from './shape.js'

/** A message of topic `e`. `id`, `from` and `to` say which resend command a `resend-failed` answers. */
export interface DeviceEventMessage {
  readonly boot: number
  readonly seq: number
  readonly id?: string
  readonly from?: number
  readonly to?: number
  readonly event: DeviceEvent
}

const words = ['lead-off', 'sensor-off', 'low-battery', 'button', 'self-test', 'resend-failed'] as const
const u32 = 0xffffffff
const streamId = /^[a-z0-9-]{1,64}$/

/** `{boot, seq, t, event, on?, stream?, channel?, index?, value?, unit?, id?, from?, to?}`; `on` is true when it is not said. */
export function decodeDeviceEvent(bytes: Uint8Array): Decoded<DeviceEventMessage, MessageReason> & { readonly detail?: string } {
  const document = decodeDocument(bytes)
  if (document === undefined) return { reason: 'event-syntax' }
  const read = attempt(() => {
    const s = new Shape(document, '')
    const message = {
      boot: s.whole('boot', 0, u32),
      seq: s.whole('seq', 0, u32),
      ...present('id', s.optional('id', s.text)),
      ...present('from', s.optional('from', whole32(s))),
      ...present('to', s.optional('to', whole32(s))),
      event: {
        t: s.whole('t', 0, Number.MAX_SAFE_INTEGER),
        event: s.oneOf('event', words),
        on: s.optional('on', s.flag) ?? true,
        ...present(
          'stream',
          s.optional('stream', name => s.match(name, streamId)),
        ),
        ...present('channel', s.optional('channel', s.text)),
        ...present(
          'index',
          s.optional('index', name => s.whole(name, 0, Number.MAX_SAFE_INTEGER)),
        ),
        ...present('value', s.optional('value', s.real)),
        ...present('unit', s.optional('unit', s.text)),
      },
    }
    if (message.event.event === 'resend-failed' && message.event.stream === undefined) throw s.mistake('stream', 'the stream of the resend')
    if (message.from !== undefined && message.to !== undefined && message.to < message.from)
      throw s.mistake('to', 'a sequence number that is not below from')
    s.refuseIdentity()
    return message
  })
  return 'ok' in read ? { ok: read.ok } : { reason: 'event-shape', detail: read.mistake }
}

function whole32(s: Shape): (name: string) => number {
  return name => s.whole(name, 0, u32)
}

function present<K extends string, T>(name: K, value: T | undefined): { [key in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]: T })
}

export function encodeDeviceEvent(message: DeviceEventMessage, encoding: Encoding = 'json'): Uint8Array {
  const { event, ...frame } = message
  return encodeDocument({ ...frame, ...event }, encoding)
}
