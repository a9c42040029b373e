import WebSocket from 'ws'
import type { FeedEvent, ServerMessage } from '../../src/server/feed-protocol.js'
import { monotonicMicros } from './clock.js'
import { deviceNumber } from './packets.js'

export interface SeenAlert {
  readonly condition: string
  readonly to: string
  readonly t: number
  /** Monotonic microseconds at which its frame arrived. */
  readonly arrived: number
}

/** A screen that is subscribed to the alerts of all patients. */
export class FeedWatch {
  /** By device number, in the order of arrival. */
  readonly alerts = new Map<number, SeenAlert[]>()
  count = 0
  readonly #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  static async open(httpPort: number): Promise<FeedWatch> {
    const socket = new WebSocket(`ws://127.0.0.1:${httpPort}/api/v1/feed`)
    const watch = new FeedWatch(socket)
    await new Promise<void>((resolve, reject) => {
      socket.on('message', (data, binary) => {
        if (binary) return
        const arrived = monotonicMicros()
        const message = JSON.parse(String(data)) as ServerMessage
        if (message.type === 'hello') {
          socket.send(JSON.stringify({ type: 'subscribe', from: 'snapshot', patients: 'all', waves: false, types: ['condition'] }))
        } else if (message.type === 'snapshot') resolve()
        else if (message.type === 'events') for (const event of message.events) watch.#take(event, arrived)
      })
      socket.once('error', reject)
      socket.once('close', code => reject(new Error(`the feed closed with ${code}`)))
    })
    return watch
  }

  close(): void {
    this.#socket.close()
  }

  /** The session of a recorded device is named after it and its boot. */
  #take(event: FeedEvent, arrived: number): void {
    const device = deviceNumber(event.session.slice(0, event.session.lastIndexOf('-')))
    if (device === null || event.log !== 'patient' || event.type !== 'condition') return
    let list = this.alerts.get(device)
    if (list === undefined) this.alerts.set(device, (list = []))
    list.push({ condition: String(event.body.condition), to: String(event.body.to), t: event.t, arrived })
    this.count++
  }
}
