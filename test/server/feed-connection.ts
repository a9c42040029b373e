import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { FeedEvent, ServerMessage, SubscribeMessage } from '../../src/server/feed-protocol.js'
import { decodeWaves, type WaveMessage } from '../../src/server/wave-frame.js'

/** A client of the live feed over a real socket; keeps all that it was sent. */
export class FeedConnection {
  readonly messages: ServerMessage[] = []
  readonly waves: WaveMessage[] = []
  closed: { code: number; reason: string } | null = null

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.waves.push(...decodeWaves(data))
      else this.messages.push(JSON.parse(String(data)) as ServerMessage)
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
    })
  }

  static async open(
    app: FastifyInstance,
    options: { protocols?: string[]; headers?: Record<string, string> } = {},
  ): Promise<FeedConnection> {
    if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
    const address = app.server.address()
    if (typeof address !== 'object' || address === null) throw new Error('the server has no address')
    const socket = new WebSocket(`ws://127.0.0.1:${address.port}/api/v1/feed`, options.protocols ?? [], { headers: options.headers ?? {} })
    const connection = new FeedConnection(socket)
    onTestFinished(() => socket.terminate())
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    })
    return connection
  }

  subscribe(from: string, more: Partial<SubscribeMessage> = {}): void {
    this.socket.send(JSON.stringify({ type: 'subscribe', from, patients: 'all', waves: false, ...more }))
  }

  of<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.messages.filter((message): message is Extract<ServerMessage, { type: T }> => message.type === type)
  }

  events(): FeedEvent[] {
    return this.of('events').flatMap(message => message.events)
  }

  /** Of the last message that had one. */
  cursor(): string {
    const last = this.messages.findLast(message => 'cursor' in message)
    if (!last || !('cursor' in last)) throw new Error('no cursor came')
    return last.cursor
  }
}
