import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

interface Pair {
  readonly near: Socket
  /** null: opened while the link was parted, so nobody answers. */
  readonly far: Socket | null
}

/** A link that the bench can cut (RST), part (packets go nowhere) and mend. */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #parted = false

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  static async listen(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port)
    server.on('connection', near => proxy.#join(near, targetPort))
    return proxy
  }

  reset(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy()
      far?.resetAndDestroy()
    }
    this.#pairs.clear()
  }

  part(): void {
    this.#parted = true
    for (const { near, far } of this.#pairs) {
      near.pause()
      far?.pause()
    }
  }

  /** What was on its way arrives, as packets that are sent again do; who came meanwhile was never answered. */
  mend(): void {
    this.#parted = false
    for (const { near, far } of this.#pairs) {
      if (far === null) near.resetAndDestroy()
      else {
        near.resume()
        far.resume()
      }
    }
  }

  async close(): Promise<void> {
    this.reset()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(near: Socket, targetPort: number): void {
    const far = this.#parted ? null : connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const pair: Pair = { near, far }
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      near.resetAndDestroy()
      far?.resetAndDestroy()
    }
    near.on('error', end)
    near.on('close', end)
    if (far === null) {
      near.pause()
      return
    }
    far.on('error', end)
    far.on('close', end)
    near.on('data', bytes => far.write(bytes))
    far.on('data', bytes => near.write(bytes))
  }
}
