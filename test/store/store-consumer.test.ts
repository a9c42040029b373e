import { expect, it } from 'vitest'
import type { Store, StoreBatch, StoredPosition } from '../../src/store/store.js'
import { StoreConsumer, type StoreLag } from '../../src/store/store-consumer.js'
import { MemoryLog } from './memory-log.js'
import { measurement, segment } from './synthetic-events.js'

/** A store that can be down. What it took is counted by event id. */
class FickleStore {
  readonly name = 'fickle'
  down = false
  kept: StoredPosition | null = null
  readonly taken = new Map<string, number>()
  largest = 0
  segments = 0
  attempts = 0

  async position(): Promise<StoredPosition | null> {
    return this.kept
  }

  async append(batch: StoreBatch, position: StoredPosition): Promise<{ written: number; deadLettered: number }> {
    this.attempts += 1
    if (this.down) throw new Error('connection refused')
    this.largest = Math.max(this.largest, batch.events.length)
    for (const event of batch.events) this.taken.set(event.id, (this.taken.get(event.id) ?? 0) + 1)
    this.segments += batch.segments.length
    this.kept = position
    return { written: batch.events.length, deadLettered: 0 }
  }
}

async function until(check: () => boolean): Promise<void> {
  for (const end = Date.now() + 40_000; Date.now() < end && !check(); ) await new Promise(resolve => setTimeout(resolve, 2))
  expect(check()).toBe(true)
}

const quick = { retryFirstMs: 1, retryMaxMs: 4 }
const asStore = (store: FickleStore): Store => store as unknown as Store

it('carries all that is in the log and all that comes, in batches of bounded size', async () => {
  const log = new MemoryLog()
  const store = new FickleStore()
  log.append(...Array.from({ length: 95 }, (_, i) => measurement('heart-rate', i, 60 + i)))
  const consumer = new StoreConsumer({ store: asStore(store), log, batchEvents: 10, ...quick })
  consumer.start()
  await until(() => store.taken.size === 95)
  log.append(measurement('heart-rate', 100, 60))
  log.appendSegment(segment(0))
  await until(() => store.taken.size === 96 && store.segments === 1)
  expect(store.largest).toBe(10)
  expect(consumer.lag()).toMatchObject({ state: 'running', bytesBehind: 0, eventsPending: 0, written: 96 })
  await consumer.stop()
  expect(log.readers).toBe(0)
  expect(consumer.lag().state).toBe('stopped')
})

it('waits for a store that is down, tells the reason, and then loses and doubles nothing', async () => {
  const log = new MemoryLog()
  const store = new FickleStore()
  const states: StoreLag['state'][] = []
  store.down = true
  const consumer = new StoreConsumer({ store: asStore(store), log, batchEvents: 10, onChange: lag => states.push(lag.state), ...quick })
  consumer.start()
  log.append(...Array.from({ length: 50 }, (_, i) => measurement('heart-rate', i, 60 + i)))
  await until(() => store.attempts > 3)
  expect(consumer.lag()).toMatchObject({ state: 'retrying', error: 'connection refused', eventsPending: 10, bytesBehind: 4000 })
  store.down = false
  await until(() => store.taken.size === 50)
  expect([...store.taken.values()].every(count => count === 1)).toBe(true)
  await until(() => consumer.lag().state === 'running')
  expect(states.slice(0, 2)).toEqual(['running', 'retrying'])
  await consumer.stop()
})

it('goes on from the position of the store, and from the beginning when the log was begun anew', async () => {
  const log = new MemoryLog('second')
  const events = Array.from({ length: 6 }, (_, i) => measurement('heart-rate', i, 60 + i))
  log.append(...events)
  for (const [epoch, expected] of [
    ['second', 2],
    ['first', 6],
  ] as const) {
    const store = new FickleStore()
    store.kept = { epoch, position: '4' }
    const consumer = new StoreConsumer({ store: asStore(store), log, ...quick })
    consumer.start()
    await until(() => store.taken.size === expected)
    await consumer.stop()
    expect(store.kept).toEqual({ epoch: 'second', position: '6' })
  }
})

it('stops at once while it waits for a store that is down', async () => {
  const log = new MemoryLog()
  const store = new FickleStore()
  store.down = true
  log.append(measurement('heart-rate', 0, 60))
  const consumer = new StoreConsumer({ store: asStore(store), log, retryFirstMs: 600_000, retryMaxMs: 600_000 })
  consumer.start()
  await until(() => store.attempts === 1)
  await consumer.stop()
  expect(store.kept).toBeNull()
})
