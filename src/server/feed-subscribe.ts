import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { SubscribeMessage } from './feed-protocol.js'

const id = Type.String({ minLength: 1, maxLength: 200 })

const subscribeSchema = Type.Object(
  {
    type: Type.Literal('subscribe'),
    from: Type.String({ minLength: 1, maxLength: 8192 }),
    patients: Type.Union([Type.Literal('all'), Type.Array(id, { maxItems: 10_000 })]),
    waves: Type.Union([Type.Boolean(), Type.Array(id, { maxItems: 10_000 })]),
    types: Type.Optional(Type.Array(id, { maxItems: 100 })),
  },
  { additionalProperties: false },
)

const validator = Compile(subscribeSchema)
const accepted = '{"type": "subscribe", "from": "snapshot" or a cursor, "patients": "all" or [ids], "waves": true, false or [ids]}'

/** null text: a binary frame. */
export function readSubscribe(text: string | null): { subscribe: SubscribeMessage } | { problem: string; accepted: string } {
  if (text === null) return { problem: 'a binary frame is no subscribe', accepted }
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return { problem: 'the message is not JSON', accepted }
  }
  if (validator.Check(message)) return { subscribe: message as SubscribeMessage }
  const first = validator.Errors(message)[0]
  return { problem: `subscribe${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`, accepted }
}
