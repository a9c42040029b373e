import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { errorReply } from '../schemas.js'
import type { RouteContext } from '../server-deps.js'
import { currentTroubles } from '../system-notices.js'

const requestsPerMinute = 1200

const count = Type.Number()
const ledger = Type.Object(
  {
    offered: count,
    stored: count,
    late: count,
    duplicate: count,
    rejected: count,
    held: count,
    lost: count,
    invalid: count,
    messages: Type.Object({}, { additionalProperties: true }),
  },
  { additionalProperties: true },
)
const healthReply = Type.Object(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
    version: Type.String(),
    kernel: Type.String(),
    store: Type.String(),
    uptimeSeconds: count,
    devices: count,
    patients: count,
    partitions: count,
    ledger,
    lag: Type.Object(
      { journalMs: count, events: count, stores: Type.Object({}, { additionalProperties: true }) },
      { additionalProperties: true },
    ),
    data: Type.Array(Type.Object({ what: Type.String(), segments: count, bytes: count }, { additionalProperties: true })),
    troubles: Type.Array(Type.String()),
  },
  { additionalProperties: true },
)

/** Asks for no credentials and says nothing of any patient but how many there are. */
export function healthRoute(app: FastifyInstance, context: RouteContext): void {
  const { engine, store, storeLags, hub, now } = context
  const schema = { summary: 'How the engine is', security: [], response: { 200: healthReply, default: errorReply } }
  // Counted apart: whoever has used up the requests of an address must not make the engine look ill to its supervisor.
  const rateLimit = { max: requestsPerMinute, timeWindow: '1 minute' }
  app.get('/api/v1/health', { schema, config: { open: true, rateLimit } }, async () => {
    const lag = engine.lag()
    const devices = engine.devices()
    const troubles = currentTroubles(now(), lag, storeLags())
    return {
      status: troubles.length === 0 ? 'ok' : 'degraded',
      version: context.version,
      kernel: context.kernel,
      store: store.name,
      uptimeSeconds: Math.max(0, Math.round((now() - engine.startedAt) / 1e3) / 1e3),
      devices: devices.length,
      patients: new Set(devices.map(device => device.patient).filter(patient => patient !== null)).size,
      partitions: engine.partitions,
      ledger: await engine.ledger(),
      lag: {
        journalMs: lag.journalMs,
        events: hub.bytesBehind(),
        stores: Object.fromEntries(storeLags().map(own => [own.store, own])),
        messages: lag.messages,
      },
      data: engine.kept(),
      troubles: troubles.map(trouble => trouble.message),
    }
  })
}
