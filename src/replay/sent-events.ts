import type { DeviceMessage } from '../device/virtual-device.js'
import { decodeDeviceEvent, encodeDeviceEvent } from '../wire/device-event.js'

/**
 * Topic `e` of one boot has one count of messages, though two things speak on it: the source's own events and answers to
 * resend commands that cannot be met. What was sent is kept (it is little) and goes out again as it was.
 */
export class SentEvents {
  #messages: DeviceMessage[] = []
  #scripted = 0

  /** Events of the source that have been sent: where its own count goes on. */
  get scripted(): number {
    return this.#scripted
  }

  /** Gives an event of the source its place in the count of the boot. */
  addScripted(message: DeviceMessage): DeviceMessage {
    const read = decodeDeviceEvent(message.payload)
    if (!('ok' in read)) throw new RangeError(`event that cannot be read: ${read.detail ?? read.reason}`)
    this.#scripted++
    const seq = this.#messages.length
    return this.#keep({ ...message, seq, payload: encodeDeviceEvent({ ...read.ok, seq }) })
  }

  /** Says that these messages of a stream cannot be sent again. `time`: seconds of the session; `clock`: microseconds. */
  addFailure(boot: number, failed: { id: string; stream: string; from: number; to: number }, time: number, clock: number): DeviceMessage {
    const seq = this.#messages.length
    const { id, stream, from, to } = failed
    const payload = encodeDeviceEvent({ boot, seq, id, from, to, event: { t: clock, event: 'resend-failed', on: true, stream } })
    return this.#keep({ topic: 'e', stream: 'e', seq, payload, time })
  }

  from(seq: number, toSeq = Number.POSITIVE_INFINITY): DeviceMessage[] {
    return this.#messages.slice(seq, toSeq + 1)
  }

  #keep(message: DeviceMessage): DeviceMessage {
    this.#messages.push(message)
    return message
  }
}
