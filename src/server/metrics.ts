import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { KeptView } from './engine-port.js'
import type { RouteContext } from './server-deps.js'

/**
 * Prometheus text. Counters are read from the engine when asked for: `<area>_<thing>_<unit>_total`. A registry for each
 * server, not the package's global one.
 */
export function makeMetrics(context: RouteContext): Registry {
  const { engine, hub, storeLags, now } = context
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]

  new Counter({
    name: 'intake_ledger_samples_total',
    help: 'Samples by what became of them; offered = stored + late + duplicate + rejected + held + lost',
    labelNames: ['state'],
    registers,
    async collect() {
      const { messages: _, ...samples } = await engine.ledger()
      this.reset()
      for (const [state, count] of Object.entries(samples)) this.inc({ state }, count)
    },
  })
  new Counter({
    name: 'intake_messages_total',
    help: 'Messages by what became of them; refused ones by reason',
    labelNames: ['state', 'reason'],
    registers,
    async collect() {
      const { messages } = await engine.ledger()
      this.reset()
      this.inc({ state: 'accepted', reason: '' }, messages.accepted)
      this.inc({ state: 'duplicate', reason: '' }, messages.duplicate)
      for (const [reason, count] of Object.entries(messages.refused)) this.inc({ state: 'refused', reason }, count)
    },
  })
  new Counter({
    name: 'engine_worker_restarts_total',
    help: 'Restarts of workers after a crash',
    labelNames: ['worker'],
    registers,
    collect() {
      this.reset()
      for (const { worker, restarts } of engine.lag().workers) this.inc({ worker: String(worker) }, restarts)
    },
  })
  new Counter({
    name: 'store_points_total',
    help: 'Rows or points handed to a store; dead letters were refused by it for good',
    labelNames: ['store', 'state'],
    registers,
    collect() {
      this.reset()
      for (const lag of storeLags()) {
        this.inc({ store: lag.store, state: 'written' }, lag.written)
        this.inc({ store: lag.store, state: 'dead-letter' }, lag.deadLettered)
      }
    },
  })
  new Counter({
    name: 'store_failures_total',
    help: 'Writes to a store that failed and were tried again',
    labelNames: ['store'],
    registers,
    collect() {
      this.reset()
      for (const lag of storeLags()) this.inc({ store: lag.store }, lag.failures)
    },
  })
  new Counter({
    name: 'feed_waves_dropped_total',
    help: 'Waveforms left out for slow clients',
    registers,
    collect() {
      this.reset()
      this.inc(hub.wavesDropped)
    },
  })
  const keptGauge = (name: string, help: string, read: (kept: KeptView) => number | null): void => {
    new Gauge({
      name,
      help,
      labelNames: ['what'],
      registers,
      collect() {
        this.reset()
        for (const kept of engine.kept()) {
          const value = read(kept)
          if (value !== null) this.set({ what: kept.what }, value)
        }
      },
    })
  }
  keptGauge('data_kept_bytes', 'Bytes of journal and event log', kept => kept.bytes)
  keptGauge('data_oldest_seconds', 'Age of the oldest record that is kept', kept =>
    kept.oldest === null ? null : (now() - kept.oldest) / 1e6,
  )
  new Counter({
    name: 'data_deleted_bytes_total',
    help: 'Bytes of journal and event log that were deleted by age or size',
    labelNames: ['what'],
    registers,
    collect() {
      this.reset()
      for (const { what, deletedBytes } of engine.kept()) this.inc({ what }, deletedBytes)
    },
  })
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  gauge('engine_uptime_seconds', 'Seconds since the engine started', () => (now() - engine.startedAt) / 1e6)
  gauge('engine_devices', 'Devices known', () => engine.devices().length)
  gauge('journal_lag_milliseconds', 'Age of the oldest message received and not journaled', () => engine.lag().journalMs)
  gauge('engine_messages_behind', 'Messages received and not processed', () => engine.lag().messages)
  gauge('feed_clients', 'Connected clients of the live feed', () => hub.clients.size)
  gauge('feed_lag_bytes', 'Bytes of the event log that the live feed has not read', () => hub.bytesBehind())
  new Gauge({
    name: 'store_lag_bytes',
    help: 'Bytes of the event log that were not read for a store',
    labelNames: ['store'],
    registers,
    collect() {
      for (const lag of storeLags()) if (lag.bytesBehind !== null) this.set({ store: lag.store }, lag.bytesBehind)
    },
  })
  return registry
}
