import { readFile } from 'node:fs/promises'
import { createServer as createProbe } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { ServerConfig } from '../config/server-config.js'
import { VitalwireError } from '../errors.js'
import type { RetentionBound } from '../journal/retention.js'
import { startKernel } from '../kernel/choose-kernel.js'
import { createServer } from '../server/server.js'
import { openEmbeddedStore } from '../store/embedded.js'
import { openInfluxV1Store } from '../store/influx-v1.js'
import { openInfluxV2Store } from '../store/influx-v2.js'
import type { Store } from '../store/store.js'
import { StoreConsumer } from '../store/store-consumer.js'
import { version } from '../version.js'
import { startEngine } from './engine.js'
import type { EngineConfig } from './engine-types.js'
import type { PartitionOptions } from './partition-options.js'

export interface RunningServer {
  readonly mqttUrl: string
  readonly httpUrl: string
  /** One line for people about the store and the kernel. */
  readonly description: string
  /** What keeps workers from writing at the moment, a line each. */
  troubles(): readonly string[]
  stop(): Promise<void>
}

export interface ServerRun {
  readonly config: ServerConfig
  readonly dataDir: string
  /** Limits, attributes and curves of oximeters, as read from their files. */
  readonly partitionOptions: PartitionOptions
  /** For problems that do not end the run. */
  readonly warn: (line: string) => void
}

const defaultMqttPort = 1883
const defaultHttpPort = 8080

/** Puts the engine, the store, the HTTP API with the live feed and the page together, and starts them. */
export async function runServer(run: ServerRun): Promise<RunningServer> {
  const { config, dataDir } = run
  const kernel = startKernel(process.env.VITALWIRE_KERNEL)
  const http = await readHttp(config)
  const engine = await startEngine(await engineConfig(run))
  try {
    const store = await openStore(config, dataDir)
    const consumer = new StoreConsumer({
      store,
      log: engine,
      onChange: lag => {
        if (lag.missingUntil !== null)
          run.warn(
            `store ${lag.store} lacks events up to ${new Date(lag.missingUntil / 1000).toISOString()}, which were deleted before it had taken them`,
          )
        if (lag.state === 'retrying')
          run.warn(`store ${lag.store} does not take rows, the event log keeps them: ${lag.error ?? 'no reason given'}`)
      },
    })
    consumer.start()
    let app: FastifyInstance | null = null
    try {
      app = await createServer({
        engine,
        store,
        storeLags: () => [consumer.lag()],
        options: {
          host: config.http.host,
          tokens: http.tokens,
          tls: http.tls,
          dataDir,
          stationDir: stationFolder(),
          version,
          kernel: kernel.name,
        },
        onProblem: problem => run.warn(problem instanceof Error ? problem.message : String(problem)),
      })
      const port = await listen(app, config)
      const running = app
      return {
        mqttUrl: engine.mqttUrl,
        httpUrl: `${http.tls === null ? 'http' : 'https'}://${bracket(config.http.host)}:${port}`,
        description: `kernel ${kernel.name}; store ${store.description}`,
        troubles: () => engine.lag().blocked.map(({ worker, reason }) => `worker ${worker} cannot write: ${reason}`),
        stop: async () => {
          await running.close()
          await engine.stop()
          await consumer.stop()
          await store.close()
        },
      }
    } catch (error) {
      await app?.close()
      await consumer.stop()
      await store.close()
      throw error
    }
  } catch (error) {
    await engine.stop()
    throw error
  }
}

async function engineConfig(run: ServerRun): Promise<EngineConfig> {
  const { config, dataDir } = run
  const { broker } = config
  const password = secret(broker.passwordEnv, 'broker.passwordEnv')
  const tls = broker.tls
  const common = {
    dataDir,
    assign: config.assign,
    partitionOptions: run.partitionOptions,
    snapshotSeconds: config.snapshotIntervalSeconds,
    journalLevel: config.journal.level,
    retention: { journal: boundOf(config.retention.journal), events: boundOf(config.retention.events) },
    ...(config.workers === null ? {} : { workers: config.workers }),
  }
  if (broker.url !== null) {
    return {
      ...common,
      broker: {
        kind: 'outside',
        url: broker.url,
        ...(broker.user === null ? {} : { user: broker.user }),
        ...(password === null ? {} : { password }),
        ...(tls.caFile === null ? {} : { ca: await readPem(tls.caFile, 'broker.tls.caFile') }),
      },
    }
  }
  return {
    ...common,
    broker: {
      kind: 'embedded',
      host: broker.host,
      port: broker.port ?? defaultMqttPort,
      orNextFree: broker.port === null,
      passwords: password === null ? null : { [broker.user ?? '*']: password },
      ...(tls.keyFile === null || tls.certFile === null
        ? {}
        : { key: await readPem(tls.keyFile, 'broker.tls.keyFile'), cert: await readPem(tls.certFile, 'broker.tls.certFile') }),
    },
  }
}

function boundOf({ days, gigabytes }: ServerConfig['retention']['journal']): RetentionBound {
  return { days, bytes: gigabytes === null ? null : gigabytes * 1e9 }
}

async function openStore(config: ServerConfig, dataDir: string): Promise<Store> {
  const { store } = config
  const dir = path.join(dataDir, 'store')
  switch (store.kind) {
    case 'embedded':
      return openEmbeddedStore({ file: path.join(dir, 'vitalwire.sqlite') })
    case 'influx-v1': {
      const password = secret(store.passwordEnv, 'store.passwordEnv')
      return openInfluxV1Store({
        url: store.url ?? '',
        database: store.database ?? 'vitalwire',
        dir,
        ...(store.user === null ? {} : { user: store.user }),
        ...(password === null ? {} : { password }),
      })
    }
    case 'influx-v2':
      return openInfluxV2Store({
        url: store.url ?? '',
        org: store.org ?? '',
        bucket: store.bucket ?? '',
        token: secret(store.tokenEnv, 'store.tokenEnv') ?? '',
        dir,
      })
  }
}

async function readHttp(
  config: ServerConfig,
): Promise<{ tokens: { name: string; token: string }[]; tls: { cert: string; key: string } | null }> {
  const { http } = config
  const token = secret(http.tokenEnv, 'http.tokenEnv')
  const tls =
    http.tls.certFile === null || http.tls.keyFile === null
      ? null
      : { cert: await readPem(http.tls.certFile, 'http.tls.certFile'), key: await readPem(http.tls.keyFile, 'http.tls.keyFile') }
  return { tokens: token === null ? [] : [{ name: 'token', token }], tls }
}

/** Listens on the configured port, or on the default one or the next that is free. */
async function listen(app: FastifyInstance, config: ServerConfig): Promise<number> {
  const { host, port } = config.http
  const wanted = port ?? (await nextFree(host, defaultHttpPort))
  try {
    await app.listen({ host, port: wanted })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    const why = code === 'EADDRINUSE' ? 'is taken' : code === 'EACCES' ? 'is not permitted' : `cannot be used (${code})`
    throw new VitalwireError(
      'network-port',
      `http.port ${wanted} on ${host} ${why}; accepted: a free port, or null for the next free one`,
      { cause },
    )
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : wanted
}

async function nextFree(host: string, from: number): Promise<number> {
  for (let port = from; port < from + 200; port++) if (await isFree(host, port)) return port
  throw new VitalwireError(
    'network-port',
    `no free port for HTTP on ${host} from ${from} to ${from + 199}; accepted: http.port in the configuration`,
  )
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createProbe()
    probe.once('error', () => resolve(false))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

function secret(variable: string | null, option: string): string | null {
  if (variable === null) return null
  const value = process.env[variable]
  if (value === undefined || value === '') {
    throw new VitalwireError(
      'usage-config',
      `${option} names ${variable}, and no such environment variable is set; accepted: the name of one that holds the secret`,
    )
  }
  return value
}

async function readPem(file: string, option: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new VitalwireError('usage-config', `${option} ${file} cannot be read; accepted: a PEM file`, { cause })
  })
}

/** The built page, beside this file's folder. */
function stationFolder(): string {
  return path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'station')
}

function bracket(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
