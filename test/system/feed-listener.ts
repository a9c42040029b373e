import { WebSocket } from 'ws'
import type { FeedEvent, ServerMessage } from '../../src/server/feed-protocol.js'
import type { RunningServer } from '../support/running-server.js'

/** A stretch in which a condition was active or clearing back into active; microseconds of patient time. */
export interface ActiveStretch {
  readonly alert: string
  readonly from: number
  /** Infinity: it was so to the end. */
  readonly to: number
}

/** Everything that the live feed says from now on, of these types. */
export class FeedListener {
  readonly events: FeedEvent[] = []
  readonly #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  static async open(server: RunningServer, types?: readonly string[]): Promise<FeedListener> {
    const socket = new WebSocket(`${server.http.replace('http', 'ws')}/api/v1/feed`)
    const listener = new FeedListener(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => {
        const subscribe = { type: 'subscribe', from: 'snapshot', patients: 'all', waves: false }
        socket.send(JSON.stringify(types === undefined ? subscribe : { ...subscribe, types }))
      })
      socket.on('message', (data: Buffer, binary) => {
        if (binary) return
        const message = JSON.parse(String(data)) as ServerMessage
        if (message.type === 'events') listener.events.push(...message.events)
        if (message.type === 'snapshot') resolve()
      })
    })
    return listener
  }

  close(): void {
    this.#socket.terminate()
  }

  /** Resolves with the first event that fits, or fails after so many seconds. */
  async until(what: string, fits: (event: FeedEvent) => boolean, seconds: number): Promise<FeedEvent> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const found = this.events.find(fits)
      if (found !== undefined) return found
      if (performance.now() > deadline) throw new Error(`${what} did not come in ${seconds} s`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  conditions(patient: string, condition: string): FeedEvent[] {
    return this.events.filter(
      event =>
        event.type === 'condition' && event.patient === patient && event.body.condition === condition && event.body.cause === 'phase',
    )
  }

  /** When the condition was active, not counting pending, clearing and latched. */
  active(patient: string, condition: string): ActiveStretch[] {
    const stretches: ActiveStretch[] = []
    for (const { body, note, t } of this.conditions(patient, condition)) {
      const open = stretches.at(-1)
      if (body.to === 'active') stretches.push({ alert: String(note.alert), from: t, to: Number.POSITIVE_INFINITY })
      else if (open?.to === Number.POSITIVE_INFINITY) stretches[stretches.length - 1] = { ...open, to: t }
    }
    return stretches
  }
}
