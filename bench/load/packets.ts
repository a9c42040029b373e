import { generate } from 'mqtt-packet'
import { buildTopic, type UpTopic } from '../../src/wire/topics.js'

export const tenant = 'bench'
const digits = 6
const prefix = 'load-'

export function deviceId(device: number): string {
  return prefix + String(device).padStart(digits, '0')
}

/** Null for ids of other devices. */
export function deviceNumber(id: string): number | null {
  return id.startsWith(prefix) && id.length === prefix.length + digits ? Number(id.slice(prefix.length)) : null
}

/**
 * A PUBLISH at QoS 1 that was built once by `mqtt-packet`; for each sending only the digits of the device in the topic
 * and the message id are patched. The chunk inside (seq, index, t0, CRC) is the virtual device's own and the same for
 * every device of a template, whose streams all begin at their own index 0.
 */
export class PublishTemplate {
  readonly length: number
  readonly #bytes: Buffer
  readonly #digitsAt: number
  readonly #messageIdAt: number

  constructor(kind: UpTopic, stream: string, payload: Uint8Array, retain = false) {
    const topic = buildTopic({ tenant, device: deviceId(0), kind, stream: kind === 'w' ? stream : '' })
    this.#bytes = generate({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, dup: false, retain, messageId: 1 })
    this.length = this.#bytes.length
    // Behind the fixed header stand two bytes of length, the topic, and two bytes of message id.
    const topicAt = this.#bytes.indexOf(topic)
    this.#digitsAt = topicAt + topic.indexOf(prefix) + prefix.length
    this.#messageIdAt = topicAt + topic.length
  }

  /** Writes the packet into `out` at `at`; returns the offset behind it. */
  stamp(out: Buffer, at: number, device: number, messageId: number): number {
    this.#bytes.copy(out, at)
    let rest = device
    for (let k = digits - 1; k >= 0; k--) {
      out[at + this.#digitsAt + k] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    out[at + this.#messageIdAt] = messageId >> 8
    out[at + this.#messageIdAt + 1] = messageId & 255
    return at + this.length
  }
}
