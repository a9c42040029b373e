import { existsSync } from 'node:fs'
import { join } from 'node:path'
import rateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Store, StoredPosition } from '../store/store.js'
import type { StoreLag } from '../store/store-consumer.js'
import { Access, type AccessOptions, checkExposure } from './access.js'
import { AuditLog } from './audit.js'
import type { EnginePort } from './engine-port.js'
import { defaultFeedBounds, type FeedBounds, FeedClient } from './feed-client.js'
import { FeedCursors } from './feed-cursor.js'
import { FeedHub } from './feed-hub.js'
import { feedPath, feedProtocol, notMedicalDevice } from './feed-protocol.js'
import { installErrorReplies } from './http-error.js'
import { checkLimits } from './limits-check.js'
import { LiveState } from './live-state.js'
import { makeMetrics } from './metrics.js'
import { QualityKeeper } from './quality-keeper.js'
import { alertRoutes } from './routes/alerts.js'
import { engineRoutes } from './routes/engine.js'
import { healthRoute } from './routes/health.js'
import { patientRoutes } from './routes/patients.js'
import { qualityRoutes } from './routes/quality.js'
import { installSecurityHeaders } from './security-headers.js'
import type { RouteContext } from './server-deps.js'

export interface ServerOptions {
  /** Address that will be listened on; decides what must be configured. */
  readonly host: string
  readonly tokens: AccessOptions['tokens']
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** The audit trail and the key of the feed's cursors are kept here. */
  readonly dataDir: string
  /** Built station page; null or not there: no page. */
  readonly stationDir: string | null
  readonly version: string
  /** Name of the kernel that runs. */
  readonly kernel: string
  readonly requestsPerMinute?: number
  readonly heartbeatMs?: number
  readonly feedBounds?: Partial<FeedBounds>
}

export interface ServerDeps {
  readonly engine: EnginePort
  readonly store: Store
  readonly storeLags: () => readonly StoreLag[]
  readonly options: ServerOptions
  /** Wall time, microseconds. */
  readonly now?: () => number
  readonly onProblem?: (problem: unknown) => void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without credentials. */
    open?: boolean
  }
}

const tendQualityMs = 10_000
const bodyLimitBytes = 64 * 1024

/**
 * The HTTP server with the live feed, ready for `listen` or `inject`; the caller listens, and `close()` ends the feed.
 * Refuses an address beyond loopback without TLS and a token (`usage-insecure`).
 */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const { engine, store, storeLags, options } = deps
  const now = deps.now ?? (() => Date.now() * 1000)
  const onProblem = deps.onProblem ?? (() => {})
  const accessOptions: AccessOptions = { host: options.host, tokens: options.tokens, tls: options.tls !== null }
  checkExposure(accessOptions)
  const access = new Access(accessOptions)
  const audit = await AuditLog.open(join(options.dataDir, 'audit'))
  const cursors = FeedCursors.open(join(options.dataDir, 'feed.key'), engine.epoch)
  const state = new LiveState()
  const quality = await QualityKeeper.open(join(options.dataDir, 'quality.json'), engine)
  const start = await restoreState(state, store, engine, onProblem)
  const hub = new FeedHub({
    engine,
    state,
    cursors,
    storeLags,
    now,
    onProblem,
    heartbeatMs: options.heartbeatMs ?? 5000,
    onBatch: batch => quality.take(batch),
  })
  const { version, kernel } = options
  const context: RouteContext = { engine, store, storeLags, state, hub, quality, audit, access, version, kernel, checkLimits, now }

  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    forceCloseConnections: true,
    ...(options.tls ? { https: { cert: options.tls.cert, key: options.tls.key } } : {}),
  }) as unknown as FastifyInstance
  installErrorReplies(app)
  installSecurityHeaders(app, options.tls !== null)
  await app.register(rateLimit, { max: options.requestsPerMinute ?? 1200, timeWindow: '1 minute' })
  await app.register(swagger, { openapi: openapi(version, options.tokens.length > 0) })
  // Before the plugin's own, which closes without a word.
  app.addHook('preClose', async () => hub.stop())
  await app.register(websocket, { options: { maxPayload: bodyLimitBytes, handleProtocols } })
  app.addHook('onRequest', async request => {
    access.checkOrigin(request)
    // Page and scripts hold no data; everything else asks who it is.
    const isData = request.url.startsWith('/api/') || request.url.startsWith('/metrics')
    if (isData && request.routeOptions.config.open !== true) access.identify(request)
  })
  const tendQuality = () => {
    try {
      quality.tend(now())
    } catch (problem) {
      onProblem(problem)
    }
  }
  const tending = setInterval(tendQuality, tendQualityMs)
  tending.unref()
  app.addHook('onClose', async () => {
    clearInterval(tending)
    tendQuality()
    audit.close()
  })
  healthRoute(app, context)
  patientRoutes(app, context)
  alertRoutes(app, context)
  engineRoutes(app, context)
  qualityRoutes(app, context)
  const metrics = makeMetrics(context)
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  app.get('/api/v1/openapi.json', { schema: { hide: true }, config: { open: true } }, async () => app.swagger())
  const bounds = { ...defaultFeedBounds, ...options.feedBounds }
  app.get(feedPath, { websocket: true, schema: { hide: true } }, socket => {
    new FeedClient(socket, hub, bounds, { type: 'hello', version, protocol: feedProtocol, notice: notMedicalDevice, epoch: engine.epoch })
  })
  if (options.stationDir !== null && existsSync(options.stationDir)) await app.register(fastifyStatic, { root: options.stationDir })
  await app.ready()
  hub.start(start)
  return app
}

/** From the store what it has; the log after that. A store that does not answer: the whole log. */
async function restoreState(
  state: LiveState,
  store: Store,
  engine: EnginePort,
  onProblem: (problem: unknown) => void,
): Promise<string | null> {
  try {
    const kept: StoredPosition | null = await store.position()
    if (kept === null || kept.epoch !== engine.epoch) return null
    await state.restore(store, engine.devices())
    return kept.position
  } catch (problem) {
    onProblem(problem)
    return null
  }
}

/** The token rides in a second protocol that is never echoed. */
function handleProtocols(protocols: Set<string>): string | false {
  return protocols.has('vitalwire') ? 'vitalwire' : false
}

function openapi(version: string, secured: boolean): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vitalwire',
      version,
      description: `${notMedicalDevice}. The live feed (WebSocket) is at ${feedPath}; see docs/api.md.`,
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    ...(secured ? { security: [{ token: [] }] } : {}),
  }
}
