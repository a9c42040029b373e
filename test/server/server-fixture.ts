import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import { createServer, type ServerOptions } from '../../src/server/server.js'
import { openEmbeddedStore } from '../../src/store/embedded.js'
import type { Store } from '../../src/store/store.js'
import { StoreConsumer } from '../../src/store/store-consumer.js'
import { SyntheticEngine } from './synthetic-engine.js'

export interface Fixture {
  readonly app: FastifyInstance
  readonly engine: SyntheticEngine
  readonly store: Store
  readonly consumer: StoreConsumer
  readonly dir: string
}

/** A server over a synthetic engine and a real embedded store that a real consumer fills. Gone when the test is over. */
export async function startFixture(
  options: Partial<ServerOptions> = {},
  engine = new SyntheticEngine(),
  dir = freshDir(),
): Promise<Fixture> {
  const store = await openEmbeddedStore({ file: join(dir, 'vitalwire.db'), driver: 'node-sqlite3-wasm' })
  const consumer = new StoreConsumer({ store, log: engine.log })
  consumer.start()
  const app = await createServer({
    engine,
    store,
    storeLags: () => [consumer.lag()],
    options: {
      host: '127.0.0.1',
      tokens: [],
      tls: null,
      dataDir: dir,
      stationDir: null,
      version: '0.1.0',
      kernel: 'reference',
      heartbeatMs: 50,
      ...options,
    },
  })
  onTestFinished(async () => {
    await app.close()
    await consumer.stop()
    await store.close()
  })
  return { app, engine, store, consumer, dir }
}

export function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'vitalwire-server-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  // Generous: it is there to end a test that hangs, not to measure the machine.
  for (const end = Date.now() + 40_000; Date.now() < end; ) {
    if (await check()) return
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  throw new Error('it did not come to be')
}
