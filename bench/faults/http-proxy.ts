import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { StoreTrouble } from './plan.js'
import { sleep } from './sleep.js'

const slowMs = 400

/** Stands between the engine and InfluxDB and makes the trouble that it is told to make. */
export class HttpProxy {
  readonly port: number
  /** Requests that were answered as they should be, and those that met trouble. */
  passed = 0
  troubled = 0
  trouble: StoreTrouble | null = null
  readonly #server: Server
  readonly #targetPort: number
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, port: number, targetPort: number) {
    this.#server = server
    this.port = port
    this.#targetPort = targetPort
  }

  static async listen(targetPort: number): Promise<HttpProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new HttpProxy(server, (server.address() as AddressInfo).port, targetPort)
    server.on('connection', socket => {
      proxy.#sockets.add(socket)
      socket.on('close', () => proxy.#sockets.delete(socket))
      if (proxy.trouble === 'refused') socket.resetAndDestroy()
    })
    server.on('request', (incoming, outgoing) => void proxy.#serve(incoming, outgoing))
    return proxy
  }

  /** Who was left without an answer gets none; as with a peer that is gone, the connection ends. */
  mend(): void {
    const silent = this.trouble === 'silent'
    this.trouble = null
    if (silent) for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.on('error', () => {})
    try {
      const parts: Buffer[] = []
      for await (const part of incoming) parts.push(part as Buffer)
      const { trouble } = this
      if (trouble === null) this.passed++
      else this.troubled++
      if (trouble === 'silent') return
      if (trouble === 'refused') {
        incoming.socket.resetAndDestroy()
        return
      }
      if (trouble === 'slow') await sleep(slowMs)
      if (trouble === 'error') {
        outgoing.writeHead(503, { 'content-type': 'application/json' }).end('{"error":"engine: not now"}')
        return
      }
      const { status, headers, body } = await this.#ask(incoming, Buffer.concat(parts))
      if (trouble !== 'cut-answer') {
        outgoing.writeHead(status, headers).end(body)
        return
      }
      // The database has it, and whoever asked does not hear so.
      if (body.length > 0) {
        outgoing.writeHead(status, headers)
        outgoing.write(body.subarray(0, body.length >> 1))
      }
      setTimeout(() => incoming.socket.resetAndDestroy(), 5)
    } catch {
      incoming.socket.resetAndDestroy()
    }
  }

  #ask(
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { port: this.#targetPort, host: '127.0.0.1', method: incoming.method, path: incoming.url, headers: incoming.headers, agent: false },
        answer => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('error', reject)
          answer.on('end', () => {
            const { 'transfer-encoding': _, ...headers } = answer.headers
            resolve({ status: answer.statusCode ?? 502, headers, body: Buffer.concat(parts) })
          })
        },
      )
      asked.on('error', reject)
      asked.end(body)
    })
  }
}
