import type { Decoded } from './chunk.js'
import { decodeDocument, type Encoding, encodeDocument } from './document.js'
import type { MessageReason } from './reasons.js'
import { type DeviceState, deviceStates } from './receiver-actions.js'
import { attempt, Shape } from './shape.js'

export interface StateMessage {
  readonly state: DeviceState
  readonly boot: number
}

/** Topic `state`: `{state, boot}`; the will says `lost`. */
export function decodeState(bytes: Uint8Array): Decoded<StateMessage, MessageReason> & { readonly detail?: string } {
  const document = decodeDocument(bytes)
  if (document === undefined) return { reason: 'state-syntax' }
  const read = attempt(() => {
    const s = new Shape(document, '')
    const message = { state: s.oneOf('state', deviceStates), boot: s.whole('boot', 0, 0xffffffff) }
    s.refuseIdentity()
    return message
  })
  return 'ok' in read ? { ok: read.ok } : { reason: 'state-shape', detail: read.mistake }
}

export function encodeState(message: StateMessage, encoding: Encoding = 'json'): Uint8Array {
  return encodeDocument({ state: message.state, boot: message.boot }, encoding)
}
